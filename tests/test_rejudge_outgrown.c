/*
 * Rules that change where a table has outgrown its region: whoever stayed in
 * the old one goes on as far as it may, and whoever loses finds nothing there.
 */
#include "attached.h"
#include "lbd/publish.h"
#include "test_rejudge.h"

#include <stdio.h>
#include <string.h>

static struct fixture f;

static void end(void)
{
	attached_close(&f);
}

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

	attached_open(&f, WEB ONE TWO DB ONE TWO);
	a = attached_as(&f, 1);
	fixture_reload(&f, grown(ONE TWO, ONE TWO));
	ck_assert_ptr_nonnull(fixture_service(&f, "web")->list->outgrown);
	ck_assert_str_eq(
		attached_route(&f, a, "127.96.0.1:1"), "10.87.65.43:1");
	fixture_reload(&f, grown(TWO, TWO));
	ck_assert(!attached_knows(a, WEB_BACKEND));
}
END_TEST

/* Who cannot attach again goes on with the region that is too small by now. */
START_TEST(what_was_outgrown_goes_on)
{
	struct attachment *a;
	struct service *s;

	attached_open(&f, WEB ONE DB ONE);
	a = attached_as(&f, 1);
	fixture_reload(&f, grown(ONE "backend = 10.0.0.5:1\n", ONE));
	ck_assert_ptr_nonnull(fixture_service(&f, "web")->list->outgrown);
	ck_assert(attached_knows(a, ADDR_V4_PREFIX | 0x0a000005));
	s = fixture_service(&f, "web");
	s->backend[0]->health.state = HEALTH_DOWN;
	publish_state(s->backend[0]);
	publish_wheels(s);
	ck_assert_str_eq(attached_route(&f, a, "127.96.0.1:1"), "10.0.0.5:1");
	s->backend[0]->health.state = HEALTH_UP;
	s->backend[1]->health.state = HEALTH_DOWN;
	publish_state(s->backend[1]);
	publish_wheels(s);
	ck_assert_str_eq(
		attached_route(&f, a, "127.96.0.1:1"), "10.87.65.43:1");
	publish_state(s->backend[1]);
	ck_assert_str_eq(
		attached_route(&f, a, "127.96.0.2:1"), "10.11.12.13:1");
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

	attached_open(&f, WEB ONE);
	a = attached_as(&f, 1);
	fixture_reload(&f, crowded(WEB ONE DB ONE));
	ck_assert_ptr_nonnull(f.lbd.keys->next);
	ck_assert_str_eq(
		attached_route(&f, a, "127.96.0.1:1"), "10.87.65.43:1");
	fixture_reload(&f, crowded(DB ONE WEB ONE));
	ck_assert_str_eq(
		attached_route(&f, a, "127.96.0.1:1"), "10.87.65.43:1");
	fixture_reload(&f, crowded(WEB TWO));
	ck_assert_str_eq(attached_route(&f, a, "127.96.0.1:1"), "strange");
	fixture_reload(&f, DB ONE);
	ck_assert_str_eq(attached_route(&f, a, "127.96.0.1:1"), "nothing");
}
END_TEST

START_TEST(who_was_in_an_outgrown_list_first_stays)
{
	struct attachment *a;

	attached_open(&f, WEB);
	a = attached_as(&f, 1);
	for (int i = 0; i < 3; i++)
		fixture_reload(&f, crowded(WEB));
	ck_assert_ptr_nonnull(fixture_service(&f, "web")->list->outgrown);
	ck_assert_str_eq(
		attached_route(&f, a, "127.96.0.1:1"), "10.87.65.43:1");
}
END_TEST

START_TEST(a_list_that_grows_and_loses_at_once_leaves_nothing)
{
	struct attachment *a;

	attached_open(&f, WEB ONE DB ONE);
	a = attached_as(&f, 1);
	fixture_reload(&f, grown(TWO, ONE));
	ck_assert(!attached_knows(a, WEB_BACKEND));
}
END_TEST

TCase *rejudge_outgrown_case(void)
{
	TCase *t = tcase_create("outgrown");

	tcase_add_checked_fixture(t, NULL, end);
	tcase_add_test(t, a_region_that_was_outgrown_is_closed_with_its_list);
	tcase_add_test(t, what_was_outgrown_goes_on);
	tcase_add_test(t, keys_that_were_outgrown_go_on);
	tcase_add_test(t, who_was_in_an_outgrown_list_first_stays);
	tcase_add_test(t, a_list_that_grows_and_loses_at_once_leaves_nothing);
	return t;
}
