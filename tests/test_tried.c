/*
 * What lookup.h decides in line: whom a connect() has tried, and whether an
 * address is worth a look at all.
 */
#include "fixture.h"
#include "shim/candidate.h"
#include "suites.h"

#include <stdlib.h>
#include <string.h>

static const struct addr one = {7, 0x0a000001, 80};

START_TEST(an_address_was_tried_only_as_it_is)
{
	struct tried tried = {0};
	const struct addr others[] = {
		{7, 0x0a000001, 81}, {7, 0x0a000002, 80}, {8, 0x0a000001, 80}};

	ck_assert(!candidate_was_tried(&tried, &one));
	tried_add(&tried, &one);
	ck_assert_uint_eq(tried.count, 1);
	ck_assert(candidate_was_tried(&tried, &one));
	for (int i = 0; i < 3; i++)
		ck_assert(!candidate_was_tried(&tried, &others[i]));
}
END_TEST

START_TEST(the_first_sixteen_are_remembered)
{
	struct {
		struct tried tried;
		uint32_t beyond[4];
	} t = {.beyond = {1, 2, 3, 4}};
	struct addr a = one;

	for (a.port = 1; a.port <= 18; a.port++)
		tried_add(&t.tried, &a);
	ck_assert_uint_eq(t.tried.count, 16);
	for (a.port = 1; a.port <= 16; a.port++)
		ck_assert(candidate_was_tried(&t.tried, &a));
	ck_assert(!candidate_was_tried(&t.tried, &a));
	for (uint32_t i = 0; i < 4; i++)
		ck_assert_uint_eq(t.beyond[i], i + 1);
}
END_TEST

static struct fixture f;

static void open_both(void)
{
	fixture_open(&f,
		"[service a]\naddress = 127.96.0.1:1\naddress = [fd07::1]:1\n"
		"probe = none\nbackend = 10.0.0.1:1\nbackend = [fd00::1]:1\n");
}

static bool may_be(const char *text)
{
	struct addr a = fixture_addr(text);

	return lookup_may_be_virtual(f.view, &a);
}

START_TEST(networks_without_a_service_are_passed_over)
{
	open_both();
	ck_assert(may_be("127.96.0.1:1"));
	ck_assert(may_be("127.96.0.2:2"));
	ck_assert(may_be("[fd07::1]:1"));
	ck_assert(!may_be("192.0.2.1:1"));
	ck_assert(!may_be("[2001:db8::1]:1"));
	fixture_close(&f);
}
END_TEST

START_TEST(of_a_table_that_is_over_anything_may_be)
{
	open_both();
	region_supersede(f.lbd.keys);
	ck_assert(may_be("192.0.2.1:1"));
	fixture_close(&f);
}
END_TEST

START_TEST(of_a_slot_that_is_being_written_anything_may_be)
{
	const struct region *keys;
	struct table_slot *slot;
	char *copy;
	uint64_t g;

	open_both();
	keys = f.lbd.keys;
	copy = malloc(keys->size);
	ck_assert_ptr_nonnull(copy);
	memcpy(copy, keys->base, keys->size);
	f.view->keys.base = copy;
	ck_assert(!may_be("192.0.2.1:1"));
	slot = (struct table_slot *)table_open(&f.view->keys, &g);
	table_store(&slot->generation, 0);
	ck_assert(may_be("192.0.2.1:1"));
	free(copy);
	fixture_close(&f);
}
END_TEST

Suite *tried_suite(void)
{
	Suite *s = suite_create("tried");
	TCase *t = tcase_create("tried");

	tcase_add_test(t, an_address_was_tried_only_as_it_is);
	tcase_add_test(t, the_first_sixteen_are_remembered);
	tcase_add_test(t, networks_without_a_service_are_passed_over);
	tcase_add_test(t, of_a_table_that_is_over_anything_may_be);
	tcase_add_test(t, of_a_slot_that_is_being_written_anything_may_be);
	suite_add_tcase(s, t);
	return s;
}
