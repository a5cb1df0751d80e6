/*
 * Counting by destination. What a round costs goes by the connections there
 * are, not by the backends: targets that were counted stand in a list, one for
 * this round and one for the last.
 */
#include "targets.h"

#include <stdlib.h>

static uint64_t hash(const struct addr *a, enum protocol protocol)
{
	return table_hash(a->hi, a->lo, a->port, protocol);
}

/* The slot where it stands, or would. */
static uint32_t *find(
	const struct targets *t, const struct addr *a, enum protocol protocol)
{
	uint64_t at = hash(a, protocol) & (t->slots - 1);

	for (; t->slot[at]; at = (at + 1) & (t->slots - 1)) {
		const struct target *one = &t->target[t->slot[at]];

		if (addr_same(&one->addr, a) && one->protocol == protocol)
			break;
	}
	return &t->slot[at];
}

static struct target *target_of(
	struct targets *t, const struct addr *a, enum protocol protocol)
{
	uint32_t *slot = find(t, a, protocol);

	if (!*slot) {
		*slot = ++t->count;
		t->target[*slot].addr = *a;
		t->target[*slot].protocol = protocol;
	}
	return &t->target[*slot];
}

static void list(struct targets *t, uint32_t index)
{
	unsigned turn = t->round % 2;

	t->target[index].next[turn] = t->counted[turn];
	t->counted[turn] = index;
}

static void add_backend(
	struct targets *t, struct backend *b, enum protocol protocol)
{
	struct target *target = target_of(t, &b->conf->addr, protocol);

	b->twin = target->first;
	target->first = b;
	t->ports |= !b->conf->addr.port;
	t->tcp |= protocol == PROTOCOL_TCP;
	t->udp |= protocol == PROTOCOL_UDP;
	if (b->connections && target->round != t->round) {
		target->round = t->round;
		list(t, (uint32_t)(target - t->target));
	}
}

static bool make_room(struct targets *t, size_t backends)
{
	t->slots = 16;
	while (t->slots < 2 * backends)
		t->slots *= 2;
	t->slot = calloc(t->slots, sizeof(*t->slot));
	t->target = calloc(backends + 1, sizeof(*t->target));
	return t->slot && t->target && backends < UINT32_MAX;
}

bool targets_open(struct targets *t, const struct world *world)
{
	size_t backends = 0;

	targets_free(t);
	for (size_t i = 0; i < world->services; i++)
		backends += world->service[i].backends;
	if (!make_room(t, backends)) {
		targets_free(t);
		return false;
	}
	t->round = 1; /* that of no target */
	return true;
}

void targets_add(struct targets *t, const struct service *s)
{
	for (size_t i = 0; i < s->backends; i++)
		add_backend(t, s->backend[i], s->conf->protocol);
}

bool targets_build(struct targets *t, const struct world *world)
{
	if (!targets_open(t, world))
		return false;
	for (size_t i = 0; i < world->services; i++)
		targets_add(t, &world->service[i]);
	return true;
}

void targets_free(struct targets *t)
{
	free(t->target);
	free(t->slot);
	*t = (struct targets){0};
}

void targets_begin(struct targets *t)
{
	t->counted[++t->round % 2] = 0;
}

static uint32_t count_one(struct targets *t, const struct addr *to,
	enum protocol protocol, bool established)
{
	uint32_t index = *find(t, to, protocol);
	struct target *target = &t->target[index];

	if (!index)
		return 0;
	if (target->round != t->round) {
		target->round = t->round;
		target->connections = 0;
		target->established_before = target->established;
		target->established = 0;
		list(t, index);
	}
	target->connections++;
	target->established += established;
	return index;
}

struct counted targets_count(struct targets *t, const struct addr *to,
	enum protocol protocol, bool established)
{
	struct counted counted = {0};
	struct addr any_port = *to;

	if (!t->slots)
		return counted;
	counted.exact = count_one(t, to, protocol, established);
	any_port.port = 0;
	if (t->ports)
		counted.any_port =
			count_one(t, &any_port, protocol, established);
	return counted;
}

/* One that is gone from this round was in the last. */
static void clear(struct target *target)
{
	target->connections = 0;
	target->established = target->established_before = 0;
}

void targets_end(struct targets *t,
	void (*visit)(void *data, struct target *target), void *data)
{
	unsigned now = t->round % 2, before = !now;

	for (uint32_t i = t->counted[before]; i; i = t->target[i].next[before])
		if (t->target[i].round != t->round) {
			clear(&t->target[i]);
			visit(data, &t->target[i]);
		}
	for (uint32_t i = t->counted[now]; i; i = t->target[i].next[now])
		visit(data, &t->target[i]);
}
