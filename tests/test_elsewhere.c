/*
 * The search for a service in the lists of before: those that are not mapped,
 * that are being written, or whose words lead nowhere are passed over.
 */
#include "fixture.h"
#include "shim/lookup.h"
#include "suites.h"

#include <stdlib.h>
#include <string.h>

static struct fixture f;
static char *copy; /* of the list's region, to write into */

static void open_copy(void)
{
	struct region *list;

	fixture_open(&f,
		"[service a]\naddress = 127.96.0.1:1\n"
		"backend = 10.0.0.1:1\n"
		"[service b]\naddress = 127.96.0.2:1\n"
		"backend = 10.0.0.1:1\npermit = any\n");
	list = f.lbd.world.list[0]->region;
	copy = malloc(list->size);
	ck_assert_ptr_nonnull(copy);
	memcpy(copy, list->base, list->size);
	f.view->list[0].map.base = copy;
}

static void end(void)
{
	free(copy);
	fixture_close(&f);
}

static struct table_slot *slot(int i)
{
	return (void *)(copy + f.view->list[0].map.slot[i]);
}

static bool is_found(const char *service, struct route *route)
{
	route->tag = fixture_service(&f, service)->tag;
	return lookup_elsewhere(f.view, route);
}

START_TEST(it_is_found_behind_a_list_that_is_not_mapped)
{
	struct route route = {.list = 7, .service = 7};

	open_copy();
	f.view->list[0].map.base = NULL;
	ck_assert(!is_found("a", &route));
	ck_assert(is_found("b", &route));
	ck_assert_uint_eq(route.list, 1);
	ck_assert_uint_eq(route.service, 0);
	end();
}
END_TEST

START_TEST(nothing_is_found_in_what_is_being_written)
{
	struct route route = {0};

	open_copy();
	ck_assert(is_found("a", &route));
	for (int i = 0; i < TABLE_SLOTS; i++)
		table_store(&slot(i)->generation, 0);
	ck_assert(!is_found("a", &route));
	end();
}
END_TEST

START_TEST(nothing_is_found_where_no_part_can_be)
{
	struct route route = {0};

	open_copy();
	for (int i = 0; i < TABLE_SLOTS; i++)
		table_store(&slot(i)->part[PART_SERVICES],
			(uint64_t)UINT32_MAX << 32 | 1);
	ck_assert(!is_found("a", &route));
	end();
}
END_TEST

Suite *elsewhere_suite(void)
{
	Suite *s = suite_create("elsewhere");
	TCase *t = tcase_create("elsewhere");

	tcase_add_test(t, it_is_found_behind_a_list_that_is_not_mapped);
	tcase_add_test(t, nothing_is_found_in_what_is_being_written);
	tcase_add_test(t, nothing_is_found_where_no_part_can_be);
	suite_add_tcase(s, t);
	return s;
}
