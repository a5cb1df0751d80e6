/*
 * A writer may die anywhere: the reader then finds the old or the new, and a
 * fresh writer publishes from that state.
 */
#include "generation.h"
#include "lbd/before.h"
#include "lbd/publish.h"
#include "stepped.h"
#include "test_steps.h"

#include <stdlib.h>
#include <string.h>

struct snapshot {
	struct region *region;
	char *bytes;
};

static struct snapshot keep(struct region *region)
{
	struct snapshot s = {region, malloc(region->size)};

	return s;
}

static void save(struct snapshot *s)
{
	memcpy(s->bytes, s->region->base, s->region->size);
}

static void restore(struct snapshot *s)
{
	memcpy(s->region->base, s->bytes, s->region->size);
}

static void act_health(void *with)
{
	struct fixture *f = with;
	struct service *s = fixture_service(f, "b");

	s->backend[0]->health.state = HEALTH_DOWN;
	publish_state(s->backend[0]);
	publish_wheels(s);
}

/* Every place of the wheel is of one of the two generations. */
static void check_reader(const struct fixture *f, int old, int young)
{
	for (uint64_t draw = 0; draw < 6; draw++) {
		const char *route = fixture_route(f, generation_vip, draw);
		int generation = generation_of(route);

		if (generation != old && generation != young)
			ck_abort_msg("torn: %s", route);
	}
}

/* Dead here: can another lbd take over and publish? Leaves no trace. */
static void check_successor(struct fixture *f, struct fixture *successor,
	struct snapshot *keys, struct snapshot *list)
{
	save(keys);
	save(list);
	generation_publish(successor);
	for (uint64_t draw = 0; draw < 6; draw++)
		ck_assert_int_eq(
			generation_of(fixture_route(f, generation_vip, draw)),
			7);
	restore(list);
	restore(keys);
}

static long die_at_every_step(void (*act)(void *), int young)
{
	struct fixture f, writer, successor;
	struct snapshot keys, list;
	long steps = 0;
	pid_t pid;

	fixture_open(&f, generation_text(2));
	generation_prepare(&writer, &f, young);
	generation_prepare(&successor, &f, 7);
	keys = keep(f.lbd.keys);
	list = keep(f.lbd.world.list[0]->region);
	pid = stepped_start(act, &writer);
	while (stepped_step(pid)) {
		check_reader(&f, 2, young);
		if (++steps % 8 == 0)
			check_successor(&f, &successor, &keys, &list);
	}
	check_reader(&f, young, young);
	free(keys.bytes);
	free(list.bytes);
	fixture_close(&successor);
	fixture_close(&writer);
	fixture_close(&f);
	return steps;
}

START_TEST(a_writer_that_dies_anywhere_in_a_publish_harms_nobody)
{
	ck_assert_int_gt(die_at_every_step(generation_publish, 3), 1000);
}
END_TEST

START_TEST(a_writer_that_dies_anywhere_in_a_state_change_harms_nobody)
{
	ck_assert_int_gt(die_at_every_step(act_health, 2), 200);
}
END_TEST

static void act_revoke(void *region)
{
	region_revoke(NULL, region);
}

static void act_revoke_all(void *region)
{
	region_revoke_all(NULL, region);
}

static bool is_open(const struct region *r)
{
	return !(table_load(&table_control(&r->map)->flags) & TABLE_REVOKED);
}

/* What is closed may look like anything. */
static bool is_untouched(const struct region *r, const char *filled)
{
	return !is_open(r) ||
		!memcmp(r->base + TABLE_FIRST_SLOT, filled,
			r->size - TABLE_FIRST_SLOT);
}

static void revoke_step_by_step(void (*act)(void *))
{
	struct region *r = region_create(NULL, TABLE_LIST, 5000);
	struct region *twin = before_of(r);
	const size_t bytes = r->size - TABLE_FIRST_SLOT;
	char *filled = malloc(bytes);
	pid_t pid;

	ck_assert_uint_eq(twin->size, r->size);
	memset(filled, 'x', bytes);
	memcpy(r->base + TABLE_FIRST_SLOT, filled, bytes);
	memcpy(twin->base + TABLE_FIRST_SLOT, filled, bytes);
	pid = stepped_start(act, r);
	while (is_open(r) || is_open(twin)) {
		ck_assert(is_untouched(r, filled));
		ck_assert(is_untouched(twin, filled));
		ck_assert(stepped_step(pid));
	}
	stepped_finish(pid);
	ck_assert_int_ne(memcmp(twin->base + TABLE_FIRST_SLOT, filled, 8), 0);
	free(filled);
	region_close(r);
}

START_TEST(a_region_is_closed_to_readers_before_it_is_wiped)
{
	revoke_step_by_step(act_revoke);
	revoke_step_by_step(act_revoke_all);
}
END_TEST

void steps_add_writer(Suite *s)
{
	steps_add(
		s, "revoke", a_region_is_closed_to_readers_before_it_is_wiped);
	steps_add(s, "publish",
		a_writer_that_dies_anywhere_in_a_publish_harms_nobody);
	steps_add(s, "state",
		a_writer_that_dies_anywhere_in_a_state_change_harms_nobody);
}
