/*
 * What stays, and what a reader finds, from one generation of a table to the
 * next, in a slot or wheel that is being filled anew, in a region that is gone.
 */
#include "fixture.h"
#include "lbd/publish.h"
#include "shim/lookup.h"
#include "test_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define A      "[service a]\naddress = 127.96.0.1:1\nprobe = none\n"
#define FIRST  "backend = 10.0.0.1:1\n"
#define SECOND "backend = 10.0.0.2:1\n"

static struct fixture f;

static void end(void)
{
	fixture_close(&f);
}

static const char *route(const char *vip)
{
	return fixture_route(&f, vip, 0);
}

START_TEST(a_reload_keeps_what_it_knows)
{
	struct service *s;
	uint32_t tag, number, list;

	fixture_open(&f, A FIRST SECOND);
	s = fixture_service(&f, "a");
	tag = s->tag;
	list = s->list->id;
	number = s->backend[1]->number;
	s->backend[1]->health.state = HEALTH_DOWN;
	s->backend[1]->health.verdicts = 3;
	s->backend[1]->picks = 42;
	fixture_reload(&f,
		"[service z]\naddress = 127.96.0.9:1\nprobe = none\n"
		"[service a]\naddress = 127.96.0.1:1\n"
		"address = 127.96.0.2:1\ninterval = 1h\n"
		"backend = 10.0.0.2:1 weight=7\nbackend = 10.0.0.3:1\n");
	s = fixture_service(&f, "a");
	ck_assert_uint_eq(s->tag, tag);
	ck_assert_uint_eq(s->list->id, list);
	ck_assert_uint_eq(s->backend[0]->number, number);
	ck_assert_int_eq(s->backend[0]->health.state, HEALTH_DOWN);
	ck_assert_uint_eq(s->backend[0]->picks, 42);
	ck_assert_uint_eq(s->backend[0]->conf->weight, 7);
	ck_assert_int_eq(s->backend[1]->health.state, HEALTH_UNKNOWN);
	ck_assert_str_eq(route("127.96.0.2:1"), "10.0.0.3:1");
}
END_TEST

/* Of a slot's own words none: not where wheels are to turn, either. */
START_TEST(nothing_shows_through_where_a_slot_is_filled)
{
	const uint64_t stale = 0x5a5a5a5a5a5a5a5aULL;
	const struct table_map *map;
	const struct list *list;
	const uint64_t *word;
	char *slot;
	uint64_t g;

	fixture_open(&f, A FIRST SECOND);
	map = &fixture_service(&f, "a")->list->region->map;
	table_open(map, &g);
	slot = (char *)map->base + map->slot[(g + 1) % TABLE_SLOTS];
	memset(slot, 0x5a, map->slot_size);
	fixture_reload(&f, A FIRST SECOND);
	list = fixture_service(&f, "a")->list;
	ck_assert_ptr_eq(table_open(&list->region->map, &g), (void *)slot);
	word = (const void *)slot;
	for (uint64_t i = 0; i < publish_list_need(list) / 8; i++)
		ck_assert_msg(word[i] != stale, "word %d", (int)i);
}
END_TEST

/* As whoever died in region_revoke() left it: the younger one is wiped. */
START_TEST(a_slot_that_is_wiped_does_not_lead_to_the_one_before)
{
	const struct region *region;
	const struct table_slot *slot;
	uint64_t g;

	fixture_open(&f, A FIRST);
	fixture_reload(&f, A SECOND);
	ck_assert_str_eq(route("127.96.0.1:1"), "10.0.0.2:1");
	region = fixture_service(&f, "a")->list->region;
	slot = table_open(&region->map, &g);
	table_clear((void *)slot, region->map.slot_size / 8);
	ck_assert_str_eq(route("127.96.0.1:1"), "changed");
}
END_TEST

/* The buffer that the reader was sent to is being filled anew. */
START_TEST(a_wheel_that_is_turned_meanwhile_does_not_count)
{
	const struct service *s;
	const struct table_map *map;
	_Atomic uint64_t *wheel;
	struct table_wheel *buffer;
	uint64_t g, words, place;

	fixture_open(&f, A FIRST);
	s = fixture_service(&f, "a");
	map = &s->list->region->map;
	place = s->placement.wheel[FAMILY_V4];
	wheel = (_Atomic uint64_t *)table_part(
		map, table_open(map, &g), PART_WHEELS, &words);
	wheel += place >> 32;
	buffer = (struct table_wheel *)table_wheel_at(
		wheel, place & UINT32_MAX, table_load(wheel));
	table_store(&buffer->turn, 0);
	ck_assert_str_eq(route("127.96.0.1:1"), "changed");
}
END_TEST

/* 40 backends of service a, with long names or without. */
static const char *backends(bool named)
{
	static char text[8000];
	char *at = text + sprintf(text, A);

	for (int i = 1; i <= 40; i++) {
		at += sprintf(at, "backend = 10.0.0.%d:1", i);
		at += sprintf(at, named ? " name=%s-%d\n" : "\n",
			"a-name-of-nearly-forty-bytes-in-all", i);
	}
	return text;
}

START_TEST(a_reload_may_name_backends)
{
	fixture_open(&f, backends(false));
	for (int i = 0; i < 4; i++) {
		fixture_reload(&f, backends(i % 2 == 0));
		ck_assert_str_ne(route("127.96.0.1:1"), "changed");
	}
}
END_TEST

START_TEST(a_table_that_was_let_go_of_is_not_taken_for_an_empty_one)
{
	struct addr vip;
	struct route r = {0};

	fixture_open(&f, A FIRST);
	vip = fixture_addr("127.96.0.1:1");
	f.view->keys.base = calloc(1, f.lbd.keys->size);
	ck_assert(lookup_may_be_virtual(f.view, &vip));
	ck_assert_int_eq(lookup_service(f.view, &vip, 0, &r), FOUND_CHANGED);
	free((void *)f.view->keys.base);
}
END_TEST

START_TEST(a_table_that_outgrows_its_region_moves)
{
	static char text[2000000];
	char *at = text;
	uint64_t id;

	fixture_open(&f, A FIRST);
	memcpy(&id, f.lbd.keys->base + offsetof(struct table_header, id), 8);
	for (int i = 0; i < 5000; i++)
		at += sprintf(at,
			"[service s%d]\naddress = 127.96.%d.%d:1\nprobe = "
			"none\n"
			"name = s%d.internal\nbackend = 10.0.%d.%d:1\n",
			i, i / 250, i % 250, i, i / 250, i % 250);
	fixture_reload(&f, text);
	ck_assert_mem_ne(
		&id, f.lbd.keys->base + offsetof(struct table_header, id), 8);
	for (int i = 0; i < 5000; i++) {
		char vip[40], backend[40];

		sprintf(vip, "127.96.%d.%d:1", i / 250, i % 250);
		sprintf(backend, "10.0.%d.%d:1", i / 250, i % 250);
		ck_assert_str_eq(route(vip), backend);
	}
}
END_TEST

START_TEST(generations_wrap_without_a_gap)
{
	struct table_control *control;

	fixture_open(&f, A FIRST);
	control = (void *)(f.lbd.keys->base + TABLE_CONTROL);
	atomic_store(&control->current, UINT64_MAX - 2);
	control = (void *)(f.view->list[0].map.base + TABLE_CONTROL);
	atomic_store(&control->current, UINT64_MAX - 2);
	for (int i = 0; i < 8; i++) {
		publish_list(f.lbd.world.list[0]);
		ck_assert(publish_keys(f.lbd.keys, &f.lbd.world));
		ck_assert_str_eq(route("127.96.0.1:1"), "10.0.0.1:1");
	}
	ck_assert_uint_eq(atomic_load(&control->current), 6);
}
END_TEST

/* As whoever is late finds it: in there a writer is at the next but two. */
START_TEST(a_slot_that_is_being_filled_names_nobody)
{
	struct table_slot *slot;
	struct tried tried = {0};
	struct route r = {0};
	struct addr vip;
	char label[82];
	uint64_t g;

	fixture_open(&f, A "backend = 10.0.0.1:1 name=one\n");
	vip = fixture_addr("127.96.0.1:1");
	ck_assert_int_eq(lookup_service(f.view, &vip, 0, &r), FOUND_SERVICE);
	ck_assert_int_eq(lookup_backend(f.view, 0, &tried, &r), FOUND_BACKEND);
	lookup_labels(f.view, &r, label);
	ck_assert_str_eq(label, "a/one");
	slot = (struct table_slot *)table_open(&f.view->list[0].map, &g);
	table_store(&slot->generation, 0);
	lookup_labels(f.view, &r, label);
	ck_assert_str_eq(label, "");
}
END_TEST

TCase *table_generations_case(void)
{
	TCase *t = tcase_create("generations");

	tcase_add_checked_fixture(t, NULL, end);
	tcase_add_test(t, a_reload_keeps_what_it_knows);
	tcase_add_test(t, a_slot_that_is_wiped_does_not_lead_to_the_one_before);
	tcase_add_test(t, a_wheel_that_is_turned_meanwhile_does_not_count);
	tcase_add_test(t, a_reload_may_name_backends);
	tcase_add_test(
		t, a_table_that_was_let_go_of_is_not_taken_for_an_empty_one);
	tcase_add_test(t, a_table_that_outgrows_its_region_moves);
	tcase_add_test(t, generations_wrap_without_a_gap);
	tcase_add_test(t, a_slot_that_is_being_filled_names_nobody);
	tcase_add_test(t, nothing_shows_through_where_a_slot_is_filled);
	return t;
}
