/*
 * A service's wheels, one per address family: what is known of its backends
 * becomes a plan, with maglev a table too, and the plan is written into the
 * buffer that readers are not in.
 */
#include "publish_wheels.h"
#include "maglev.h"
#include "wheel.h"

#include <stdlib.h>
#include <string.h>

/* One room for all plans: publishing must not depend on malloc. */
static struct {
	struct wheel_item *item;
	uint64_t *stop;
	size_t size;
	struct maglev_member *member; /* NULL: no service is maglev's */
	struct maglev_seat *seat;
	uint16_t *base, *table;
	size_t members;
} scratch;

static enum table_family family_of(const struct backend *b)
{
	return addr_is_v4(&b->conf->addr) ? FAMILY_V4 : FAMILY_V6;
}

static uint32_t count_family(const struct service *s, enum table_family family)
{
	uint32_t n = 0;

	for (size_t i = 0; i < s->backends; i++)
		n += family_of(s->backend[i]) == family;
	return n;
}

static uint32_t table_entries(const struct service *s, size_t backends)
{
	return s->conf->balance == BALANCE_MAGLEV ? maglev_size(backends) : 0;
}

uint32_t publish_wheel_room(const struct service *s, enum table_family family)
{
	uint32_t n = count_family(s, family);

	return n ? n + (uint32_t)table_maglev_words(table_entries(s, n)) : 0;
}

void publish_wheels_end(void)
{
	free(scratch.item);
	free(scratch.stop);
	free(scratch.member);
	free(scratch.seat);
	free(scratch.base);
	free(scratch.table);
	memset(&scratch, 0, sizeof(scratch));
}

/* Where memory is short, what there was is kept: the old world goes on. */
static void *grow(void *room, size_t bytes, bool *enough)
{
	void *more = realloc(room, bytes);

	*enough = *enough && more;
	/* cppcheck-suppress memleak ; it is the one that is returned */
	return more ? more : room;
}

static bool reserve_wheel(size_t most)
{
	bool ok = true;

	if (most <= scratch.size)
		return true;
	scratch.item = grow(scratch.item, most * sizeof(*scratch.item), &ok);
	scratch.stop = grow(scratch.stop, most * sizeof(*scratch.stop), &ok);
	if (ok)
		scratch.size = most;
	return ok;
}

static bool reserve_table(size_t most)
{
	const size_t entries = maglev_size(most) * sizeof(uint16_t);
	bool ok = true;

	if (most <= scratch.members)
		return true;
	scratch.member =
		grow(scratch.member, most * sizeof(*scratch.member), &ok);
	scratch.seat = grow(scratch.seat, most * sizeof(*scratch.seat), &ok);
	scratch.base = grow(scratch.base, entries, &ok);
	scratch.table = grow(scratch.table, entries, &ok);
	if (ok)
		scratch.members = most;
	return ok;
}

bool publish_wheels_reserve(const struct world *world)
{
	size_t most = 1, members = 0;

	for (size_t i = 0; i < world->services; i++) {
		const struct service *s = &world->service[i];

		for (int f = 0; f < FAMILIES; f++) {
			uint32_t n = count_family(s, f);

			if (n > most)
				most = n;
			if (n > members && table_entries(s, n))
				members = n;
		}
	}
	return reserve_wheel(most) && reserve_table(members);
}

static bool is_local(const char *zone, const struct backend_conf *c)
{
	return zone && c->zone && !strcmp(zone, c->zone);
}

size_t publish_wheel_plan(const struct service *s, enum table_family family,
	struct wheel_item *item, struct wheel_plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < s->backends; i++) {
		const struct backend *b = s->backend[i];
		const struct backend_conf *c = &s->conf->backend[i];

		if (family_of(b) != family)
			continue;
		item[n++] = (struct wheel_item){
			.ordinal = (uint32_t)i,
			.weight = (uint16_t)(b->weight ? b->weight : c->weight),
			.willing = b->will == WILL_READY,
			.usable = health_is_usable(b),
			.full = b->full,
			.backup = c->backup,
			.local = is_local(s->zone, c),
			.share = health_share(b),
		};
	}
	wheel_make(plan, item, n, s->conf->panic);
	return n;
}

/* Where on the wheel each item stands; whether any does, [1]: any backup. */
static void seat_items(
	size_t items, const struct wheel_plan *plan, bool seated[2])
{
	uint32_t stop = 0, before = 0;

	for (size_t i = 0; i < items; i++) {
		const struct wheel_item *item = &scratch.item[i];
		struct maglev_seat *seat = &scratch.seat[i];
		uint64_t word = stop < plan->stops ? plan->stop[stop] : 0;

		*seat = (struct maglev_seat){0};
		if (!word || (uint32_t)word != item->ordinal)
			continue;
		seat->stop = stop++;
		seat->width = (uint32_t)(word >> 32) - before;
		before = word >> 32;
		seated[item->backup] = true;
	}
}

/*
 * Returns the entries of the table that were filled. It is made for all of the
 * kind that is on the wheel, be they well or not: their coming and going moves
 * nobody else's callers.
 */
static uint32_t make_table(
	const struct service *s, size_t items, const struct wheel_plan *plan)
{
	uint32_t entries = table_entries(s, items);
	bool seated[2] = {false, false};
	size_t members = 0;

	if (!entries || !plan->stops)
		return 0;
	seat_items(items, plan, seated);
	for (uint32_t i = 0; i < items; i++) {
		const struct wheel_item *item = &scratch.item[i];
		const struct backend *b = s->backend[item->ordinal];

		if (seated[item->backup])
			scratch.member[members++] = (struct maglev_member){
				.identity = maglev_identity(&b->conf->addr),
				.weight = item->weight,
				.number = i,
			};
	}
	maglev_fill(scratch.base, entries, scratch.member, members);
	maglev_seat(scratch.table, scratch.base, entries, scratch.member,
		scratch.seat, members, plan->stop, plan->stops);
	return entries;
}

static void write_table(_Atomic uint64_t *to, uint32_t entries)
{
	for (uint32_t i = 0; i < entries; i += 4) {
		uint64_t word = 0;

		for (uint32_t j = 0; j < 4 && i + j < entries; j++)
			word |= (uint64_t)scratch.table[i + j] << 16 * j;
		table_store(to++, word);
	}
}

/* With maglev the step is that many entries of the table. */
static void write_turn(_Atomic uint64_t *wheel, uint64_t room,
	const struct wheel_plan *plan, uint32_t entries)
{
	uint64_t turn = table_next(table_load(wheel));
	struct table_wheel *to =
		(struct table_wheel *)table_wheel_at(wheel, room, turn);

	table_store(&to->turn, 0);
	table_store(&to->size,
		(uint64_t)plan->stops << 32 | (plan->panic ? WHEEL_PANIC : 0));
	table_store(&to->step, (uint64_t)plan->total << 32 | plan->step);
	for (size_t i = 0; i < plan->stops; i++)
		table_store(&to->stop[i], plan->stop[i]);
	write_table(&to->stop[plan->stops], entries);
	table_store(&to->turn, turn);
	table_store(wheel, turn);
}

void publish_wheels_write(_Atomic uint64_t *words, struct service *s)
{
	for (int f = 0; f < FAMILIES; f++) {
		uint64_t place = s->placement.wheel[f];
		struct wheel_plan plan = {.stop = scratch.stop};
		uint32_t entries;
		size_t items;

		s->panic[f] = false;
		if (!(place & UINT32_MAX))
			continue;
		items = publish_wheel_plan(s, f, scratch.item, &plan);
		s->panic[f] = plan.panic;
		entries = make_table(s, items, &plan);
		if (s->conf->balance == BALANCE_MAGLEV)
			plan.step = entries;
		write_turn(words + (place >> 32), place & UINT32_MAX, &plan,
			entries);
	}
}
