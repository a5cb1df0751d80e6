/*
 * What becomes of lists when their rules change, as those see it who attached
 * before: the real writer, the real reader, and a caller's own maps.
 */
#include "test_rejudge.h"
#include "attached.h"
#include "shim/lookup.h"
#include "suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static struct fixture f;

static void end(void)
{
	attached_close(&f);
}

static struct list *list_of(const char *service)
{
	return fixture_service(&f, service)->list;
}

START_TEST(a_permit_more_costs_nobody_an_attach)
{
	struct attachment *a;

	attached_open(&f, WEB ONE);
	a = attached_as(&f, 1);
	fixture_reload(&f, WEB ONE TWO);
	ck_assert_str_eq(
		attached_route(&f, a, "127.96.0.1:1"), "10.87.65.43:1");
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

	attached_open(&f, WEB);
	a = attached_as(&f, 1);
	ck_assert(!is_guarded(a));
	fixture_reload(&f, WEB ONE TWO);
	ck_assert(is_guarded(a));
	fixture_reload(&f, WEB);
	ck_assert(!is_guarded(a));
}
END_TEST

START_TEST(rules_in_another_order_cost_nobody_an_attach)
{
	struct attachment *a;

	attached_open(&f, WEB ONE TWO "deny = user 3\n");
	a = attached_as(&f, 1);
	fixture_reload(&f, WEB "deny = user 3\n" TWO ONE);
	ck_assert_str_eq(
		attached_route(&f, a, "127.96.0.1:1"), "10.87.65.43:1");
}
END_TEST

START_TEST(services_that_change_alike_stay_together)
{
	struct attachment *a;

	attached_open(&f, WEB ONE DB ONE);
	a = attached_as(&f, 1);
	fixture_reload(&f, WEB TWO ONE DB TWO ONE);
	ck_assert_ptr_eq(list_of("web"), list_of("db"));
	ck_assert_str_eq(
		attached_route(&f, a, "127.96.0.1:1"), "10.87.65.43:1");
	ck_assert_str_eq(
		attached_route(&f, a, "127.96.0.2:1"), "10.11.12.13:1");
}
END_TEST

START_TEST(services_that_swap_their_rules_swap_their_lists)
{
	struct attachment *one, *two;

	attached_open(&f, WEB ONE DB TWO);
	one = attached_as(&f, 1);
	two = attached_as(&f, 2);
	fixture_reload(&f, WEB TWO DB ONE);
	ck_assert_str_eq(attached_route(&f, one, "127.96.0.1:1"), "denied");
	ck_assert_str_eq(
		attached_route(&f, one, "127.96.0.2:1"), "10.11.12.13:1");
	ck_assert_str_eq(
		attached_route(&f, two, "127.96.0.1:1"), "10.87.65.43:1");
	ck_assert_str_eq(attached_route(&f, two, "127.96.0.2:1"), "denied");
	ck_assert(!attached_knows(one, WEB_BACKEND));
}
END_TEST

START_TEST(who_loses_has_nothing_left)
{
	struct attachment *a;

	attached_open(&f, WEB ONE TWO);
	a = attached_as(&f, 1);
	ck_assert(attached_knows(a, WEB_BACKEND));
	fixture_reload(&f, WEB TWO);
	ck_assert_str_eq(attached_route(&f, a, "127.96.0.1:1"), "strange");
	ck_assert(!attached_knows(a, WEB_BACKEND));
}
END_TEST

/* As one that has its keys from before: the list itself says that it is closed. */
START_TEST(a_list_that_is_closed_says_so_itself)
{
	struct attachment *a;
	struct addr vip = fixture_addr("127.96.0.1:1");
	struct route r = {0};
	char *keys;

	attached_open(&f, WEB);
	a = attached_as(&f, 1);
	keys = malloc(a->keys.capacity);
	memcpy(keys, a->keys.base, a->keys.capacity);
	munmap((void *)a->keys.base, a->keys.capacity);
	a->keys.base = keys;
	ck_assert_str_eq(
		attached_route(&f, a, "127.96.0.1:1"), "10.87.65.43:1");
	fixture_reload(&f, WEB TWO);
	ck_assert_int_eq(lookup_service(a, &vip, 0, &r), FOUND_SERVICE);
	ck_assert(lookup_superseded(a, &r));
	ck_assert(lookup_revoked(a, &r));
	ck_assert_str_eq(attached_route(&f, a, "127.96.0.1:1"), "changed");
	a->keys.base = mmap(NULL, a->keys.capacity, PROT_READ,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	free(keys);
}
END_TEST

START_TEST(a_service_that_parts_from_its_list_leaves_nothing_there)
{
	struct attachment *a;
	uint32_t list;

	attached_open(&f, WEB ONE DB ONE);
	a = attached_as(&f, 1);
	list = list_of("db")->id;
	fixture_reload(&f, WEB TWO DB ONE);
	ck_assert_uint_eq(list_of("db")->id, list);
	ck_assert_str_eq(attached_route(&f, a, "127.96.0.1:1"), "strange");
	ck_assert_str_eq(
		attached_route(&f, a, "127.96.0.2:1"), "10.11.12.13:1");
	ck_assert(!attached_knows(a, WEB_BACKEND));
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

	attached_open(&f, last(ONE));
	for (int i = 0; i < TABLE_SLOTS; i++)
		fixture_reload(&f, last(ONE));
	a = attached_as(&f, 1);
	ck_assert(attached_knows(a, WEB_BACKEND));
	fixture_reload(&f, last(TWO));
	ck_assert_str_eq(
		attached_route(&f, a, "127.96.0.2:1"), "10.11.12.13:1");
	ck_assert(!attached_knows(a, WEB_BACKEND));
}
END_TEST

/* Once it stands alone, it is no more than a list with new rules. */
START_TEST(a_service_that_has_parted_changes_at_no_cost)
{
	struct attachment *a;

	attached_open(&f, WEB ONE DB ONE);
	fixture_reload(&f, WEB ONE TWO DB ONE);
	a = attached_as(&f, 1);
	fixture_reload(&f, WEB TWO ONE "permit = user 3\n" DB ONE);
	ck_assert_str_eq(
		attached_route(&f, a, "127.96.0.1:1"), "10.87.65.43:1");
}
END_TEST

START_TEST(joining_a_list_costs_nobody_an_attach)
{
	struct attachment *one, *two;

	attached_open(&f, WEB ONE TWO DB ONE);
	one = attached_as(&f, 1);
	two = attached_as(&f, 2);
	fixture_reload(&f, WEB ONE DB ONE);
	ck_assert_str_eq(
		attached_route(&f, one, "127.96.0.1:1"), "10.87.65.43:1");
	ck_assert_str_eq(attached_route(&f, two, "127.96.0.1:1"), "denied");
	ck_assert(!attached_knows(two, WEB_BACKEND));
}
END_TEST

/* What becomes open to all stays where it was, for those whom lbd leaves. */
START_TEST(what_becomes_open_is_not_taken_from_its_list)
{
	struct attachment *a;

	attached_open(&f, WEB ONE DB ONE);
	a = attached_as(&f, 1);
	fixture_reload(&f, WEB DB ONE);
	ck_assert_str_eq(attached_route(&f, a, "127.96.0.1:1"), "strange");
	ck_assert(attached_knows(a, WEB_BACKEND));
}
END_TEST

START_TEST(the_denied_ask_again_when_the_rules_are_new_and_then_once)
{
	struct attachment *a;

	attached_open(&f, WEB ONE);
	a = attached_as(&f, 3);
	ck_assert_str_eq(attached_route(&f, a, "127.96.0.1:1"), "denied");
	fixture_reload(&f, WEB ONE);
	ck_assert_str_eq(attached_route(&f, a, "127.96.0.1:1"), "denied");
	fixture_reload(&f, WEB ONE TWO);
	ck_assert_str_eq(attached_route(&f, a, "127.96.0.1:1"), "strange");
	a = attached_as(&f, 3);
	ck_assert_str_eq(attached_route(&f, a, "127.96.0.1:1"), "denied");
	fixture_reload(&f, WEB ONE TWO);
	ck_assert_str_eq(attached_route(&f, a, "127.96.0.1:1"), "denied");
}
END_TEST

/* An lbd of minor 0 numbers no refusals: the list's id stands for itself. */
START_TEST(without_refusals_the_denied_go_by_the_id)
{
	struct attachment *a;
	uint64_t g, count = 0;
	const struct table_slot *slot;
	struct table_key *key;

	attached_open(&f, WEB ONE);
	a = attached_as(&f, 3);
	slot = table_open(&f.lbd.keys->map, &g);
	key = (void *)(uintptr_t)table_part(
		&f.lbd.keys->map, slot, PART_KEYS, &count);
	for (uint64_t i = 0; i < count; i++)
		table_store(&key[i].refusal, 0);
	a->list[0].id = list_of("web")->id;
	ck_assert_str_eq(attached_route(&f, a, "127.96.0.1:1"), "denied");
	a->list[0].id++;
	ck_assert_str_eq(attached_route(&f, a, "127.96.0.1:1"), "strange");
}
END_TEST

Suite *rejudge_suite(void)
{
	Suite *s = suite_create("rejudge");
	TCase *t = tcase_create("rejudge");

	tcase_add_checked_fixture(t, NULL, end);
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
	suite_add_tcase(s, t);
	suite_add_tcase(s, rejudge_outgrown_case());
	return s;
}
