/*
 * The way from an address to a backend, with no lbd to ask: whoever has an old
 * table goes on with it, unless it was closed.
 */
#include "fixture.h"
#include "suites.h"

#include <check.h>

#define route_began began /* whoever waits is told by tests/beneath.c */
#include "shim/route.c"

#define WEB "[service web]\naddress = 127.96.0.1:1\nbackend = 10.0.0.1:1\n"

static struct fixture f;
static unsigned asked; /* lbd, for what there is now */

/* What stands around the way. */
_Atomic(struct attachment *) attach_newest;
_Atomic uint64_t attach_looked_ms, identity_epoch;
atomic_bool attach_adrift;

const struct attachment *attach_current(void)
{
	return f.view;
}

const struct attachment *attach_again(const struct attachment *known)
{
	asked++;
	return known;
}

uint64_t report_draw(const struct attachment *a, const struct route *route)
{
	(void)a;
	(void)route;
	return 0;
}

void report_redraw(const struct attachment *a, const struct route *route)
{
	(void)a;
	(void)route;
}

void report_failover(const struct attachment *a, const struct route *route)
{
	(void)a;
	(void)route;
}

void report_unread(const struct attachment *a)
{
	(void)a;
}

bool report_is_refusal(int err)
{
	(void)err;
	return false;
}

static enum found find(struct route *route)
{
	const struct addr vip = fixture_addr("127.96.0.1:1");
	const struct attachment *a = f.view;

	asked = 0;
	return route_find(-1, &vip, &a, route);
}

START_TEST(a_table_that_moved_on_is_read_where_there_is_no_lbd)
{
	struct route route = {0};

	fixture_open(&f, WEB);
	ck_assert_int_eq(find(&route), FOUND_BACKEND);
	ck_assert_uint_eq(asked, 0);
	region_supersede(fixture_service(&f, "web")->list->region);
	ck_assert_int_eq(find(&route), FOUND_BACKEND);
	ck_assert_uint_eq(asked, 1);
	ck_assert_uint_eq(route.to.lo, fixture_addr("10.0.0.1:1").lo);
	fixture_close(&f);
}
END_TEST

/* Its key still leads there, and its flags say what it is. */
START_TEST(a_table_that_is_closed_is_read_by_nobody)
{
	struct route route = {0};

	fixture_open(&f, WEB);
	region_revoke(NULL, fixture_service(&f, "web")->list->region);
	ck_assert_int_eq(find(&route), FOUND_STRANGE);
	ck_assert_uint_eq(asked, 1);
	fixture_close(&f);
}
END_TEST

Suite *route_suite(void)
{
	Suite *s = suite_create("route");
	TCase *t = tcase_create("route");

	tcase_add_test(t, a_table_that_moved_on_is_read_where_there_is_no_lbd);
	tcase_add_test(t, a_table_that_is_closed_is_read_by_nobody);
	suite_add_tcase(s, t);
	return s;
}
