#include "outside.h"
#include "lbd/publish.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double draw(struct outside *o)
{
	return erand48(o->draw);
}

static unsigned below(struct outside *o, unsigned n)
{
	return (unsigned)(draw(o) * n);
}

static bool happens(struct outside *o, double chance)
{
	return draw(o) < chance;
}

size_t outside_index(struct outside *o, const struct backend *b)
{
	return (size_t)(sim_of(&o->sim, b) - o->sim.backend);
}

/* The file is a function of the seed: another reading of it is the same. */
static void write_service(char *to, unsigned long seed, int n, bool fewer)
{
	static const char *const intervals[] = {"1s", "2s", "5s"};
	struct outside at = {.draw = {(unsigned short)seed, (unsigned short)n}};
	unsigned backends = 2 + below(&at, 4), first = (unsigned)n * 6 + 1;

	to += sprintf(to,
		"[service s%d]\naddress = 127.96.0.%d:80\naddress = "
		"[fd00::%d]:80\nbackend = [fd00:1::%u]:80\n",
		n, n + 1, n + 1, first++);
	to += sprintf(to, "interval = %s\nfall = %u\nrise = %u\n",
		intervals[below(&at, 3)], 1 + below(&at, 3), 1 + below(&at, 2));
	to += sprintf(to, "eject-after = %u\neject-time = %us\npanic = %s\n",
		1 + below(&at, 5), 2 + below(&at, 9),
		happens(&at, 0.3) ? "off" : "0%");
	to += sprintf(to, "slow-start = %s\nprobe = %s\n",
		happens(&at, 0.5) ? "30s" : "off",
		n == 3 && happens(&at, 0.5) ? "none" : "tcp");
	for (unsigned i = 0; i < backends - (fewer && backends > 2); i++)
		to += sprintf(to, "backend = 10.0.0.%u:80%s\n", first + i,
			i && happens(&at, 0.3) ? " backup" : "");
}

static const char *file(struct outside *o)
{
	static char text[8000];

	for (int n = 0; n < SERVICES; n++)
		write_service(
			text + (n ? strlen(text) : 0), o->seed, n, o->fewer);
	return text;
}

static double after(struct outside *o, double mean)
{
	return o->sim.now + mean * (0.1 + 1.8 * draw(o));
}

void outside_open(struct outside *o, unsigned long seed)
{
	*o = (struct outside){.seed = seed,
		.draw = {
			(unsigned short)seed, (unsigned short)(seed >> 16), 7}};
	srand48((long)seed);
	sim_open(&o->sim, file(o));
	o->sim.round = 0.5;
	o->next_outage = after(o, 3600);
	o->next_hand = after(o, 600);
	o->next_stall = after(o, 7200);
	o->next_reload = after(o, 7200);
}

void outside_close(struct outside *o)
{
	sim_close(&o->sim);
}

/* What the next probe of it is told. */
static enum verdict answer(struct outside *o, enum fate fate)
{
	if (o->outage != VERDICT_OK)
		return o->outage;
	switch (fate) {
	case FATE_REFUSES:
		return VERDICT_REFUSED;
	case FATE_SILENT:
		return VERDICT_TIMEOUT;
	case FATE_UNREACHABLE:
		return VERDICT_UNREACHABLE;
	case FATE_FLAPS:
		return happens(o, 0.5) ? VERDICT_OK : VERDICT_REFUSED;
	default:
		return VERDICT_OK;
	}
}

static void turn_fates(struct outside *o)
{
	for (size_t i = 0; i < BACKENDS; i++) {
		if (happens(o, 0.005)) {
			o->fate[i] =
				happens(o, 0.5) ? FATE_FINE : below(o, FATES);
			o->fate_since[i] = o->sim.now;
		}
		o->sim.backend[i].answer = answer(o, o->fate[i]);
	}
}

static void turn_network(struct outside *o)
{
	static const enum verdict ways[] = {
		VERDICT_TIMEOUT, VERDICT_UNREACHABLE, VERDICT_LOCAL};
	double now = o->sim.now;

	if (o->outage != VERDICT_OK && now >= o->outage_until) {
		o->outage = VERDICT_OK;
		for (size_t i = 0; i < BACKENDS; i++)
			o->fate_since[i] = now;
	}
	if (now < o->next_outage)
		return;
	o->outage = ways[below(o, 3)];
	o->outage_since = now;
	o->outage_until = now + 300 * draw(o);
	o->next_outage = after(o, 3600);
}

static bool move_hand(struct outside *o)
{
	struct world *w = &o->sim.f.lbd.world;
	struct service *s = &w->service[below(o, SERVICES)];
	struct backend *b = s->backend[below(o, (unsigned)s->backends)];

	if (o->sim.now < o->next_hand)
		return false;
	o->next_hand = after(o, 600);
	b->will = happens(o, 0.6) ? WILL_READY
		: happens(o, 0.5) ? WILL_DRAIN
				  : WILL_MAINT;
	health_watch(&o->sim.f.lbd, b);
	publish_health(&o->sim.f.lbd, b);
	return true;
}

bool outside_moves(struct outside *o)
{
	bool moved = move_hand(o);

	turn_network(o);
	turn_fates(o);
	if (o->sim.now >= o->next_stall) {
		o->next_stall = after(o, 7200);
		sim_stall(&o->sim, 2 + 60 * draw(o));
		moved = true;
	}
	if (o->sim.now >= o->next_reload) {
		o->next_reload = after(o, 7200);
		o->fewer = !o->fewer;
		sim_reload(&o->sim, file(o));
		moved = true;
	}
	publish_turned(&o->sim.f.lbd);
	return moved;
}

uint64_t outside_wheel(
	const struct service *s, enum table_family family, bool *panic)
{
	uint64_t g, place = s->placement.wheel[family], found = 0, stops;
	const struct table_slot *slot = table_open(&s->list->region->map, &g);
	const _Atomic uint64_t *words = (const void *)((const char *)slot +
		(table_load(&slot->part[PART_WHEELS]) >> 32));
	const _Atomic uint64_t *at = words + (place >> 32);
	const struct table_wheel *wheel =
		table_wheel_at(at, place & UINT32_MAX, table_load(at));

	stops = table_load(&wheel->size) >> 32;
	*panic = table_load(&wheel->size) & WHEEL_PANIC;
	for (uint64_t i = 0; i < stops; i++)
		found |= 1ULL << (table_load(&wheel->stop[i]) & UINT32_MAX);
	return found;
}

static bool works(struct outside *o, enum fate fate, unsigned user)
{
	if (o->outage != VERDICT_OK)
		return false;
	switch (fate) {
	case FATE_FINE:
		return true;
	case FATE_FLAPS:
		return happens(o, 0.5);
	case FATE_DEAD_TO_ONE:
		return user != 0;
	default:
		return false;
	}
}

/* One connect() and its tries, at backends that the wheel offers. */
static void call(struct outside *o, const struct service *s, unsigned user)
{
	bool panic;
	uint64_t wheel = outside_wheel(s, below(o, FAMILIES), &panic);

	for (int try = 0; try < 3 && wheel; try++) {
		unsigned stop = below(o, (unsigned)s->backends);
		size_t i;

		while (!(wheel & 1ULL << stop))
			stop = (stop + 1) % (unsigned)s->backends;
		wheel &= ~(1ULL << stop);
		i = outside_index(o, s->backend[stop]);
		if (works(o, o->fate[i], user)) {
			o->report[i][user].ok++;
			return;
		}
		o->report[i][user].failed++;
	}
}

static void lie(struct outside *o, const struct service *s)
{
	static const uint64_t sizes[] = {1, 5, 1000, UINT32_MAX, UINT64_MAX};
	const struct backend *b = s->backend[below(o, (unsigned)s->backends)];
	struct report *r = &o->report[outside_index(o, b)][LIAR];

	if (happens(o, 0.9))
		r->failed = sizes[below(o, 5)];
	if (happens(o, 0.2))
		r->ok = sizes[below(o, 5)];
}

/* Two services have three users, the liar among them; one has one user, one
 * has two. All of them sleep in between. */
static void use(struct outside *o, size_t n)
{
	const struct service *s = &o->sim.f.lbd.world.service[n];
	unsigned users = n == 2 ? 1 : 2;

	if ((unsigned)(o->sim.now / 600 + (double)n) % 3 == 0)
		return;
	for (unsigned u = 0; u < users; u++)
		if (happens(o, 0.6))
			call(o, s, u);
	if (n < 2 && happens(o, 0.5))
		lie(o, s);
}

void outside_calls(struct outside *o)
{
	struct world *w = &o->sim.f.lbd.world;

	memset(o->report, 0, sizeof(o->report));
	for (size_t n = 0; n < SERVICES; n++) {
		struct service *s = &w->service[n];

		use(o, n);
		for (size_t j = 0; j < s->backends; j++)
			for (unsigned u = 0; u < USERS; u++) {
				struct report *r = &o->report[outside_index(
					o, s->backend[j])][u];

				if (!r->ok && !r->failed)
					continue;
				o->heard[n][u] = o->sim.now;
				sim_outcomes(&o->sim, s->backend[j], u, r->ok,
					r->failed);
			}
	}
}

void outside_holds(const struct outside *o, bool fact, const struct backend *b,
	const char *what)
{
	if (!fact)
		ck_abort_msg("LBD_SEED=%lu at %.3f s: %s of %s: %s", o->seed,
			o->sim.now, b->conf->name, b->service->conf->name,
			what);
}
