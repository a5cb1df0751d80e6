/* Which list a service is in, and what those find who have another, or none. */
#include "fixture.h"
#include "lbd/publish.h"
#include "shim/lookup.h"
#include "test_table.h"

#include <stdlib.h>

#define A    "[service a]\naddress = 127.96.0.1:1\nprobe = none\n"
#define B    "[service b]\naddress = 127.96.0.1:2\nprobe = none\n"
#define TO_1 "backend = 10.0.0.1:1\n"
#define TO_2 "backend = 10.0.0.2:2\n"
#define ONE  "permit = user 0\n"
#define Z    "[service z]\naddress = 127.96.0.1:9\npermit = any\n"

static struct fixture f;

static void end(void)
{
	fixture_close(&f);
}

static const char *route(const char *vip)
{
	return fixture_route(&f, vip, 0);
}

START_TEST(services_with_the_same_rules_share_a_list)
{
	fixture_open(&f,
		A ONE B ONE
		"[service c]\naddress = 127.96.0.1:3\ndeny = user 0\n"
		"[service d]\naddress = 127.96.0.1:4\n"
		"[service e]\naddress = 127.96.0.1:5\n");
	ck_assert_uint_eq(f.lbd.world.lists, 3);
	ck_assert_ptr_eq(
		fixture_service(&f, "a")->list, fixture_service(&f, "b")->list);
	ck_assert_ptr_ne(
		fixture_service(&f, "a")->list, fixture_service(&f, "c")->list);
	ck_assert_ptr_eq(
		fixture_service(&f, "d")->list, fixture_service(&f, "e")->list);
}
END_TEST

START_TEST(a_list_that_was_not_given_is_denied)
{
	fixture_open(&f, A ONE TO_1 B TO_2);
	f.view->list[fixture_service(&f, "a")->list->index].map =
		(struct table_map){0};
	ck_assert_str_eq(route("127.96.0.1:1"), "denied");
	ck_assert_str_eq(route("127.96.0.1:2"), "10.0.0.2:2");
}
END_TEST

START_TEST(a_key_region_names_no_backend)
{
	struct addr backend = fixture_addr("10.99.98.97:4321");
	const uint64_t *word;
	size_t words;

	fixture_open(&f,
		A ONE "name = secret.internal\nbackend = 10.99.98.97:4321\n");
	word = (const void *)f.lbd.keys->base;
	words = f.lbd.keys->size / sizeof(*word);
	for (size_t i = 0; i < words; i++) {
		ck_assert_uint_ne((uint32_t)word[i], (uint32_t)backend.lo);
		ck_assert_uint_ne(word[i] >> 32, (uint32_t)backend.lo);
	}
}
END_TEST

static uint64_t words_of(
	const struct region *region, int part, size_t word, uint64_t count)
{
	uint64_t g, n, sum = 0;
	const struct table_slot *slot = table_open(&region->map, &g);
	const _Atomic uint64_t *at = table_part(&region->map, slot, part, &n);

	for (uint64_t i = 0; i < count; i++)
		sum += table_load(at + 8 * i + word);
	return sum;
}

/* Its number of backends is in there, which is not for the denied. */
START_TEST(a_key_says_where_the_wheel_is_if_all_may_know)
{
	const size_t hint = offsetof(struct table_key, wheel) / 8;
	const size_t wheel = offsetof(struct table_service, wheel) / 8;

	fixture_open(&f, A TO_1);
	ck_assert_uint_ne(words_of(f.lbd.keys, PART_KEYS, hint, 8), 0);
	ck_assert_uint_eq(words_of(f.lbd.keys, PART_KEYS, hint, 8),
		words_of(fixture_service(&f, "a")->list->region, PART_SERVICES,
			wheel, 1));
	end();
	fixture_open(&f, A ONE TO_1);
	ck_assert_uint_eq(words_of(f.lbd.keys, PART_KEYS, hint, 8), 0);
}
END_TEST

START_TEST(a_list_that_came_later_is_strange)
{
	fixture_open(&f, A TO_1);
	f.view->list[0].id += 7;
	ck_assert_str_eq(route("127.96.0.1:1"), "strange");
	f.view->lists = 0;
	ck_assert_str_eq(route("127.96.0.1:1"), "strange");
}
END_TEST

START_TEST(a_service_that_left_its_list_is_found_until_the_keys_say_so)
{
	struct service *s;
	struct list *list, shorter;

	fixture_open(&f, A TO_1 B TO_2);
	list = fixture_service(&f, "a")->list;
	s = fixture_service(&f, "b");
	shorter = *list;
	shorter.service = &s;
	shorter.services = 1;
	publish_list(&shorter);
	ck_assert_str_eq(route("127.96.0.1:1"), "10.0.0.1:1");
}
END_TEST

START_TEST(new_rules_take_no_other_lists_place)
{
	fixture_open(&f, A TO_1 B TO_2);
	fixture_reload(&f, A TO_1 ONE B TO_2);
	ck_assert_str_eq(route("127.96.0.1:1"), "10.0.0.1:1");
	ck_assert_str_eq(route("127.96.0.1:2"), "10.0.0.2:2");
	fixture_reload(&f, A TO_1 B TO_2 "deny = user 0\n");
	ck_assert_str_eq(route("127.96.0.1:1"), "10.0.0.1:1");
	ck_assert_str_eq(route("127.96.0.1:2"), "10.0.0.2:2");
}
END_TEST

/* The keys of a reload, and the lists from before it: lbd died, say. */
START_TEST(a_service_is_found_where_it_was)
{
	struct attachment *before;
	struct addr vip;
	struct tried tried = {0};
	struct route r = {0};

	fixture_open(&f, Z A "permit = any\n" TO_1);
	before = f.view;
	f.view = NULL;
	fixture_reload(&f, A TO_1 Z);
	vip = fixture_addr("127.96.0.1:1");
	ck_assert_int_eq(lookup_service(before, &vip, 0, &r), FOUND_STRANGE);
	ck_assert(!r.guarded);
	ck_assert(lookup_elsewhere(before, &r));
	ck_assert_int_eq(lookup_backend(before, 0, &tried, &r), FOUND_BACKEND);
	ck_assert_uint_eq((uint32_t)r.to.lo, 0x0a000001);
	r.tag += 1000;
	ck_assert(!lookup_elsewhere(before, &r));
	free(before);
}
END_TEST

TCase *table_lists_case(void)
{
	TCase *t = tcase_create("lists");

	tcase_add_checked_fixture(t, NULL, end);
	tcase_add_test(t, services_with_the_same_rules_share_a_list);
	tcase_add_test(t, a_list_that_was_not_given_is_denied);
	tcase_add_test(t, a_key_region_names_no_backend);
	tcase_add_test(t, a_key_says_where_the_wheel_is_if_all_may_know);
	tcase_add_test(t, a_list_that_came_later_is_strange);
	tcase_add_test(
		t, a_service_that_left_its_list_is_found_until_the_keys_say_so);
	tcase_add_test(t, new_rules_take_no_other_lists_place);
	tcase_add_test(t, a_service_is_found_where_it_was);
	return t;
}
