/*
 * What health changes is written into the slots that readers are in, of all the
 * regions that a list has: a backend's state word, and a turn of its service's
 * wheel. In those that the list has outgrown, as far as they hold it.
 */
#include "before.h"
#include "interlude.h"
#include "publish.h"
#include "publish_list.h"
#include "publish_wheels.h"

uint64_t publish_state_word(
	const struct backend *b, const struct backend_conf *c)
{
	const struct addr *a = &c->addr;

	return (uint64_t)table_tag(a->hi, a->lo, a->port) << 48 |
		(health_is_usable(b) ? 0 : STATE_DOWN) |
		(b->full ? STATE_FULL : 0) |
		state_room(c->max_conns, b->standing) |
		state_pick(b->pick ? b->pick : 256) | state_load(b->load);
}

static struct table_slot *current_slot(const struct region *region)
{
	uint64_t g;

	return (struct table_slot *)table_open(&region->map, &g);
}

/* Services have the same place in all of the list's regions, or none: NULL. */
static const struct table_service *find(
	struct table_slot *slot, const struct service *s)
{
	const struct table_service *at = publish_part(slot, PART_SERVICES);
	uint64_t count = table_load(&slot->part[PART_SERVICES]) & UINT32_MAX;

	return s->placement.index < count ? at + s->placement.index : NULL;
}

/* False: the slot has not got that backend. */
static bool write_state(struct table_slot *slot, const struct service *s,
	size_t ordinal, const struct backend_conf *c, uint64_t *place)
{
	const struct table_service *at = find(slot, s);
	uint64_t backends = at ? table_load(&at->backends) : 0;
	struct table_backend *to = publish_part(slot, PART_BACKENDS);

	if (ordinal >= (backends & UINT32_MAX))
		return false;
	*place = (backends >> 32) + ordinal;
	table_store(
		&to[*place].state, publish_state_word(s->backend[ordinal], c));
	return true;
}

/* `words`: of all wheels in that slot, or in its twin of the layout before. */
static void write_wheels(const struct region *region, struct table_slot *slot,
	struct service *s, _Atomic uint64_t *words)
{
	const struct table_service *at = find(slot, s);
	struct service there;

	if (!at)
		return;
	if (region == s->list->region) {
		publish_wheels_write(words, s);
		return;
	}
	there = *s;
	there.backends = table_load(&at->backends) & UINT32_MAX;
	for (int f = 0; f < FAMILIES; f++)
		there.placement.wheel[f] = table_load(&at->wheel[f]);
	publish_wheels_write(words, &there);
}

void publish_state(struct backend *b)
{
	struct service *s = b->service;
	struct region *r = NULL;
	uint64_t place;

	if (s->gone)
		return;
	if (s->heir)
		s->heir->stale = true;
	while ((r = publish_list_next(s->list, r))) {
		struct table_slot *slot = current_slot(r);

		if (write_state(slot, s, b->ordinal, b->conf, &place))
			before_state(r, place);
	}
}

void publish_wheels(struct service *s)
{
	struct region *r = NULL;

	while ((r = publish_list_next(s->list, r))) {
		struct table_slot *slot = current_slot(r);

		write_wheels(r, slot, s, publish_part(slot, PART_WHEELS));
		if (r->before)
			write_wheels(r, slot, s, before_wheels(r));
	}
}

/* Once more, into slots that nobody has seen. */
static void refresh(struct service *s)
{
	struct region *r = NULL;
	struct table_slot *to;
	uint64_t place;

	s->stale = false;
	while ((r = publish_list_next(s->list, r))) {
		to = r->filled;
		for (size_t i = 0; i < s->backends; i++)
			write_state(to, s, i, &s->conf->backend[i], &place);
		write_wheels(r, to, s, publish_part(to, PART_WHEELS));
	}
}

void publish_catch_up(struct lbd *lbd, struct world *world)
{
	for (size_t i = 0; i < world->services; i++) {
		if (!world->service[i].stale)
			continue;
		interlude(lbd);
		refresh(&world->service[i]);
	}
}
