/*
 * What becomes of lists when their rules change, as those see it who attached
 * before: the real writer, the real reader, and a caller's own maps.
 */
#include "fixture.h"
#include "lbd/publish.h"
#include "lbd/publish_outgrown.h"
#include "shim/lookup.h"
#include "shim/mapping.h"
#include "suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define WEB                                                                    \
	"[service web]\naddress = 127.96.0.1:1\nprobe = none\n"                \
	"backend = 10.87.65.43:1\n"
#define DB                                                                     \
	"[service db]\naddress = 127.96.0.2:1\nprobe = none\n"                 \
	"backend = 10.11.12.13:1\n"
#define ONE "permit = user 1\n"
#define TWO "permit = user 2\n"

static const uint64_t web_backend = ADDR_V4_PREFIX | 0x0a57412b;

static struct fixture f;

static void attach(uid_t user)
{
	struct identity who = {
		.user_known = true, .groups_known = true, .user = user};

	holders_remember(&f.lbd.holders, &who);
}

static void start(const char *text)
{
	fixture_open(&f, text);
	attach(1);
	attach(2);
}

static struct list *list_of(const char *service)
{
	return fixture_service(&f, service)->list;
}

/* A region as a caller maps it: it stays when lbd lets go. */
static struct table_map map_of(const struct region *region)
{
	struct table_map map;
	void *at = mmap(NULL, region->size, PROT_READ, MAP_SHARED,
		region->readers_fd, 0);

	ck_assert_ptr_ne(at, MAP_FAILED);
	ck_assert(mapping_parse(at, region->size, region->kind, &map));
	return map;
}

/* What a caller has who attaches now, and is permitted what `user` is. */
static struct attachment *attached(uid_t user)
{
	const struct world *w = &f.lbd.world;
	struct attachment *a =
		calloc(1, sizeof(*a) + w->lists * sizeof(a->list[0]));
	struct identity who = {
		.user_known = true, .groups_known = true, .user = user};

	a->keys = map_of(f.lbd.keys);
	a->lists = w->lists;
	for (size_t i = 0; i < w->lists; i++) {
		const struct list *list = w->list[i];
		const struct rule *rule;

		if (!list)
			continue;
		a->list[i].id = list->refusal;
		if (acl_judge(list->rules, &who, &rule) != ACL_PERMIT)
			continue;
		a->list[i].id = list->id;
		a->list[i].map = map_of(list->region);
	}
	return a;
}

static void drop(struct attachment *a)
{
	munmap((void *)a->keys.base, a->keys.capacity);
	for (size_t i = 0; i < a->lists; i++)
		if (a->list[i].map.base)
			munmap((void *)a->list[i].map.base,
				a->list[i].map.capacity);
	free(a);
}

static const char *route(struct attachment *a, const char *vip)
{
	struct attachment *mine = f.view;
	const char *to;

	f.view = a;
	to = fixture_route(&f, vip, 0);
	f.view = mine;
	return to;
}

static bool knows(const struct attachment *a, uint64_t lo)
{
	for (size_t i = 0; i < a->lists; i++) {
		const struct table_map *map = &a->list[i].map;

		if (map->base && memmem(map->base, map->capacity, &lo, 8))
			return true;
	}
	return false;
}

START_TEST(a_permit_more_costs_nobody_an_attach)
{
	struct attachment *a;

	start(WEB ONE);
	a = attached(1);
	fixture_reload(&f, WEB ONE TWO);
	ck_assert_str_eq(route(a, "127.96.0.1:1"), "10.87.65.43:1");
	drop(a);
	fixture_close(&f);
}
END_TEST

static bool is_guarded(const struct attachment *a)
{
	return table_load(&table_control(&a->list[0].map)->flags) &
		TABLE_GUARDED;
}

START_TEST(a_list_says_whether_it_has_rules)
{
	struct attachment *a;

	start(WEB);
	a = attached(1);
	ck_assert(!is_guarded(a));
	fixture_reload(&f, WEB ONE TWO);
	ck_assert(is_guarded(a));
	fixture_reload(&f, WEB);
	ck_assert(!is_guarded(a));
	drop(a);
	fixture_close(&f);
}
END_TEST

START_TEST(rules_in_another_order_cost_nobody_an_attach)
{
	struct attachment *a;

	start(WEB ONE TWO "deny = user 3\n");
	a = attached(1);
	fixture_reload(&f, WEB "deny = user 3\n" TWO ONE);
	ck_assert_str_eq(route(a, "127.96.0.1:1"), "10.87.65.43:1");
	drop(a);
	fixture_close(&f);
}
END_TEST

START_TEST(services_that_change_alike_stay_together)
{
	struct attachment *a;

	start(WEB ONE DB ONE);
	a = attached(1);
	fixture_reload(&f, WEB TWO ONE DB TWO ONE);
	ck_assert_ptr_eq(list_of("web"), list_of("db"));
	ck_assert_str_eq(route(a, "127.96.0.1:1"), "10.87.65.43:1");
	ck_assert_str_eq(route(a, "127.96.0.2:1"), "10.11.12.13:1");
	drop(a);
	fixture_close(&f);
}
END_TEST

START_TEST(services_that_swap_their_rules_swap_their_lists)
{
	struct attachment *one, *two;

	start(WEB ONE DB TWO);
	one = attached(1);
	two = attached(2);
	fixture_reload(&f, WEB TWO DB ONE);
	ck_assert_str_eq(route(one, "127.96.0.1:1"), "denied");
	ck_assert_str_eq(route(one, "127.96.0.2:1"), "10.11.12.13:1");
	ck_assert_str_eq(route(two, "127.96.0.1:1"), "10.87.65.43:1");
	ck_assert_str_eq(route(two, "127.96.0.2:1"), "denied");
	ck_assert(!knows(one, web_backend));
	drop(one);
	drop(two);
	fixture_close(&f);
}
END_TEST

START_TEST(who_loses_has_nothing_left)
{
	struct attachment *a;

	start(WEB ONE TWO);
	a = attached(1);
	ck_assert(knows(a, web_backend));
	fixture_reload(&f, WEB TWO);
	ck_assert_str_eq(route(a, "127.96.0.1:1"), "strange");
	ck_assert(!knows(a, web_backend));
	drop(a);
	fixture_close(&f);
}
END_TEST

/* As one that has its keys from before: the list itself says that it is closed. */
START_TEST(a_list_that_is_closed_says_so_itself)
{
	struct attachment *a;
	struct addr vip = fixture_addr("127.96.0.1:1");
	struct route r = {0};
	char *keys;

	start(WEB);
	a = attached(1);
	keys = malloc(a->keys.capacity);
	memcpy(keys, a->keys.base, a->keys.capacity);
	munmap((void *)a->keys.base, a->keys.capacity);
	a->keys.base = keys;
	ck_assert_str_eq(route(a, "127.96.0.1:1"), "10.87.65.43:1");
	fixture_reload(&f, WEB TWO);
	ck_assert_int_eq(lookup_service(a, &vip, 0, &r), FOUND_SERVICE);
	ck_assert(lookup_superseded(a, &r));
	ck_assert(lookup_revoked(a, &r));
	ck_assert_str_eq(route(a, "127.96.0.1:1"), "changed");
	a->keys.base = mmap(NULL, a->keys.capacity, PROT_READ,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	free(keys);
	drop(a);
	fixture_close(&f);
}
END_TEST

START_TEST(a_service_that_parts_from_its_list_leaves_nothing_there)
{
	struct attachment *a;
	uint32_t list;

	start(WEB ONE DB ONE);
	a = attached(1);
	list = list_of("db")->id;
	fixture_reload(&f, WEB TWO DB ONE);
	ck_assert_uint_eq(list_of("db")->id, list);
	ck_assert_str_eq(route(a, "127.96.0.1:1"), "strange");
	ck_assert_str_eq(route(a, "127.96.0.2:1"), "10.11.12.13:1");
	ck_assert(!knows(a, web_backend));
	drop(a);
	fixture_close(&f);
}
END_TEST

/* DB first, then web, the one backend of interest last of many. */
static const char *last(const char *web_rules)
{
	static char text[4000];
	char *at = text +
		sprintf(text,
			DB ONE "[service web]\naddress = 127.96.0.1:1\nprobe = "
			       "none\n%s",
			web_rules);

	for (int i = 0; i < 60; i++)
		at += sprintf(at, "backend = 10.12.0.%d:1\n", i);
	strcpy(at, "backend = 10.87.65.43:1\n");
	return text;
}

START_TEST(nothing_stays_where_a_slot_was_longer)
{
	struct attachment *a;

	start(last(ONE));
	for (int i = 0; i < TABLE_SLOTS; i++)
		fixture_reload(&f, last(ONE));
	a = attached(1);
	ck_assert(knows(a, web_backend));
	fixture_reload(&f, last(TWO));
	ck_assert_str_eq(route(a, "127.96.0.2:1"), "10.11.12.13:1");
	ck_assert(!knows(a, web_backend));
	drop(a);
	fixture_close(&f);
}
END_TEST

/* Once it stands alone, it is no more than a list with new rules. */
START_TEST(a_service_that_has_parted_changes_at_no_cost)
{
	struct attachment *a;

	start(WEB ONE DB ONE);
	fixture_reload(&f, WEB ONE TWO DB ONE);
	a = attached(1);
	fixture_reload(&f, WEB TWO ONE "permit = user 3\n" DB ONE);
	ck_assert_str_eq(route(a, "127.96.0.1:1"), "10.87.65.43:1");
	drop(a);
	fixture_close(&f);
}
END_TEST

START_TEST(joining_a_list_costs_nobody_an_attach)
{
	struct attachment *one, *two;

	start(WEB ONE TWO DB ONE);
	one = attached(1);
	two = attached(2);
	fixture_reload(&f, WEB ONE DB ONE);
	ck_assert_str_eq(route(one, "127.96.0.1:1"), "10.87.65.43:1");
	ck_assert_str_eq(route(two, "127.96.0.1:1"), "denied");
	ck_assert(!knows(two, web_backend));
	drop(one);
	drop(two);
	fixture_close(&f);
}
END_TEST

/* What becomes open to all stays where it was, for those whom lbd leaves. */
START_TEST(what_becomes_open_is_not_taken_from_its_list)
{
	struct attachment *a;

	start(WEB ONE DB ONE);
	a = attached(1);
	fixture_reload(&f, WEB DB ONE);
	ck_assert_str_eq(route(a, "127.96.0.1:1"), "strange");
	ck_assert(knows(a, web_backend));
	drop(a);
	fixture_close(&f);
}
END_TEST

START_TEST(the_denied_ask_again_when_the_rules_are_new_and_then_once)
{
	struct attachment *a;

	start(WEB ONE);
	a = attached(3);
	ck_assert_str_eq(route(a, "127.96.0.1:1"), "denied");
	fixture_reload(&f, WEB ONE);
	ck_assert_str_eq(route(a, "127.96.0.1:1"), "denied");
	fixture_reload(&f, WEB ONE TWO);
	ck_assert_str_eq(route(a, "127.96.0.1:1"), "strange");
	drop(a);
	a = attached(3);
	ck_assert_str_eq(route(a, "127.96.0.1:1"), "denied");
	fixture_reload(&f, WEB ONE TWO);
	ck_assert_str_eq(route(a, "127.96.0.1:1"), "denied");
	drop(a);
	fixture_close(&f);
}
END_TEST

/* An lbd of minor 0 numbers no refusals: the list's id stands for itself. */
START_TEST(without_refusals_the_denied_go_by_the_id)
{
	struct attachment *a;
	uint64_t g, count = 0;
	const struct table_slot *slot;
	struct table_key *key;

	start(WEB ONE);
	a = attached(3);
	slot = table_open(&f.lbd.keys->map, &g);
	key = (void *)(uintptr_t)table_part(
		&f.lbd.keys->map, slot, PART_KEYS, &count);
	for (uint64_t i = 0; i < count; i++)
		table_store(&key[i].refusal, 0);
	a->list[0].id = list_of("web")->id;
	ck_assert_str_eq(route(a, "127.96.0.1:1"), "denied");
	a->list[0].id++;
	ck_assert_str_eq(route(a, "127.96.0.1:1"), "strange");
	drop(a);
	fixture_close(&f);
}
END_TEST

/* 3,000 backends for DB, which its region cannot hold at first. */
static const char *grown(const char *web_rules, const char *db_rules)
{
	static char text[200000];
	char *at = text + sprintf(text, WEB "%s" DB "%s", web_rules, db_rules);

	for (int i = 0; i < 3000; i++)
		at += sprintf(
			at, "backend = 10.12.%d.%d:1\n", i / 250, i % 250);
	return text;
}

START_TEST(a_region_that_was_outgrown_is_closed_with_its_list)
{
	struct attachment *a;

	start(WEB ONE TWO DB ONE TWO);
	a = attached(1);
	fixture_reload(&f, grown(ONE TWO, ONE TWO));
	ck_assert_ptr_nonnull(list_of("web")->outgrown);
	ck_assert_str_eq(route(a, "127.96.0.1:1"), "10.87.65.43:1");
	fixture_reload(&f, grown(TWO, TWO));
	ck_assert(!knows(a, web_backend));
	drop(a);
	fixture_close(&f);
}
END_TEST

/* Who cannot attach again goes on with the region that is too small by now. */
START_TEST(what_was_outgrown_goes_on)
{
	struct attachment *a;
	struct service *s;

	start(WEB ONE DB ONE);
	a = attached(1);
	fixture_reload(&f, grown(ONE "backend = 10.0.0.5:1\n", ONE));
	ck_assert_ptr_nonnull(list_of("web")->outgrown);
	ck_assert(knows(a, ADDR_V4_PREFIX | 0x0a000005));
	s = fixture_service(&f, "web");
	s->backend[0]->health.state = HEALTH_DOWN;
	publish_state(s->backend[0]);
	publish_wheels(s);
	publish_outgrown(&f.lbd);
	ck_assert_str_eq(route(a, "127.96.0.1:1"), "10.0.0.5:1");
	s->backend[0]->health.state = HEALTH_UP;
	s->backend[1]->health.state = HEALTH_DOWN;
	publish_state(s->backend[1]);
	publish_wheels(s);
	publish_outgrown(&f.lbd);
	ck_assert_str_eq(route(a, "127.96.0.1:1"), "10.87.65.43:1");
	publish_state(s->backend[1]);
	publish_outgrown(&f.lbd);
	ck_assert_str_eq(route(a, "127.96.0.2:1"), "10.11.12.13:1");
	drop(a);
	fixture_close(&f);
}
END_TEST

/* 3,000 services beside those two, before them in the file. */
static const char *crowded(const char *rest)
{
	static char text[400000];
	char *at = text;

	for (int i = 0; i < 3000; i++)
		at += sprintf(at,
			"[service s%d]\naddress = 127.97.%d.%d:1\n"
			"probe = none\nbackend = 10.12.0.1:1\n",
			i, i / 250, i % 250);
	strcpy(at, rest);
	return text;
}

START_TEST(keys_that_were_outgrown_go_on)
{
	struct attachment *a;

	start(WEB ONE);
	a = attached(1);
	fixture_reload(&f, crowded(WEB ONE DB ONE));
	ck_assert_ptr_nonnull(f.lbd.keys->next);
	ck_assert_str_eq(route(a, "127.96.0.1:1"), "10.87.65.43:1");
	fixture_reload(&f, crowded(DB ONE WEB ONE));
	ck_assert_str_eq(route(a, "127.96.0.1:1"), "10.87.65.43:1");
	fixture_reload(&f, crowded(WEB TWO));
	ck_assert_str_eq(route(a, "127.96.0.1:1"), "strange");
	fixture_reload(&f, DB ONE);
	ck_assert_str_eq(route(a, "127.96.0.1:1"), "nothing");
	drop(a);
	fixture_close(&f);
}
END_TEST

START_TEST(who_was_in_an_outgrown_list_first_stays)
{
	struct attachment *a;

	start(WEB);
	a = attached(1);
	for (int i = 0; i < 3; i++)
		fixture_reload(&f, crowded(WEB));
	ck_assert_ptr_nonnull(list_of("web")->outgrown);
	ck_assert_str_eq(route(a, "127.96.0.1:1"), "10.87.65.43:1");
	drop(a);
	fixture_close(&f);
}
END_TEST

START_TEST(a_list_that_grows_and_loses_at_once_leaves_nothing)
{
	struct attachment *a;

	start(WEB ONE DB ONE);
	a = attached(1);
	fixture_reload(&f, grown(TWO, ONE));
	ck_assert(!knows(a, web_backend));
	drop(a);
	fixture_close(&f);
}
END_TEST

Suite *rejudge_suite(void)
{
	Suite *s = suite_create("rejudge");
	TCase *t = tcase_create("rejudge");

	tcase_add_test(t, a_permit_more_costs_nobody_an_attach);
	tcase_add_test(t, a_list_says_whether_it_has_rules);
	tcase_add_test(t, rules_in_another_order_cost_nobody_an_attach);
	tcase_add_test(t, services_that_change_alike_stay_together);
	tcase_add_test(t, services_that_swap_their_rules_swap_their_lists);
	tcase_add_test(t, who_loses_has_nothing_left);
	tcase_add_test(t, a_list_that_is_closed_says_so_itself);
	tcase_add_test(
		t, a_service_that_parts_from_its_list_leaves_nothing_there);
	tcase_add_test(t, nothing_stays_where_a_slot_was_longer);
	tcase_add_test(t, a_service_that_has_parted_changes_at_no_cost);
	tcase_add_test(t, joining_a_list_costs_nobody_an_attach);
	tcase_add_test(t, what_becomes_open_is_not_taken_from_its_list);
	tcase_add_test(
		t, the_denied_ask_again_when_the_rules_are_new_and_then_once);
	tcase_add_test(t, without_refusals_the_denied_go_by_the_id);
	tcase_add_test(t, a_region_that_was_outgrown_is_closed_with_its_list);
	tcase_add_test(t, what_was_outgrown_goes_on);
	tcase_add_test(t, keys_that_were_outgrown_go_on);
	tcase_add_test(t, who_was_in_an_outgrown_list_first_stays);
	tcase_add_test(t, a_list_that_grows_and_loses_at_once_leaves_nothing);
	suite_add_tcase(s, t);
	return s;
}
