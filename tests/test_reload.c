/*
 * A reload that runs out of memory half way, at each request in turn: all of the
 * old configuration stays, and the next reload is as good as any.
 */
#include "fixture.h"
#include "lbd/world.h"
#include "suites.h"

#include <stdlib.h>
#include <string.h>

#define OLD                                                                    \
	"[service web]\naddress = 127.96.0.1:1\nprobe = none\n"                \
	"backend = 10.0.0.1:1\npermit = user 1\n"                              \
	"[service db]\naddress = 127.96.0.2:1\nprobe = none\n"                 \
	"backend = 10.0.0.2:1\npermit = user 1\n"
#define NEW                                                                    \
	"[service web]\naddress = 127.96.0.1:1\nprobe = none\n"                \
	"backend = 10.0.0.3:1\npermit = user 2\n"                              \
	"[service db]\naddress = 127.96.0.2:1\nprobe = none\n"                 \
	"backend = 10.0.0.2:1\npermit = user 1\n"                              \
	"[service more]\naddress = 127.96.0.3:1\nprobe = none\n"               \
	"balance = maglev\nbackend = 10.0.0.2:1\n"

static struct fixture f;
static char new_text[200000];

/* All that lbd has of them must be as it was. */
static void is_old(uint32_t list)
{
	ck_assert_uint_eq(f.lbd.world.services, 2);
	ck_assert_uint_eq(fixture_service(&f, "web")->list->id, list);
	ck_assert_ptr_eq(fixture_service(&f, "web")->list,
		fixture_service(&f, "db")->list);
	ck_assert_str_eq(fixture_route(&f, "127.96.0.1:1", 0), "10.0.0.1:1");
	ck_assert_str_eq(fixture_route(&f, "127.96.0.2:1", 0), "10.0.0.2:1");
	ck_assert_str_eq(fixture_route(&f, "127.96.0.3:1", 0), "nothing");
}

static void is_new(void)
{
	ck_assert_uint_ge(f.lbd.world.services, 3);
	ck_assert_str_eq(fixture_route(&f, "127.96.0.1:1", 0), "10.0.0.3:1");
	ck_assert_str_eq(fixture_route(&f, "127.96.0.2:1", 0), "10.0.0.2:1");
	ck_assert_str_eq(fixture_route(&f, "127.96.0.3:1", 0), "10.0.0.2:1");
}

/* Tries with the nth request refused, and those after it; false: there are not
 * so many. */
static bool try_without(const char *call, unsigned long n, bool lasting)
{
	struct refusal refusal = {.call = call, .nth = n, .lasting = lasting};
	bool refused, changed;
	uint32_t list;

	fixture_open(&f, OLD);
	list = fixture_service(&f, "web")->list->id;
	changed = fixture_change(&f, new_text, refusal);
	refused = f.refused;
	if (changed) {
		is_new();
	} else {
		is_old(list);
		fixture_reload(&f, OLD);
		is_old(list);
	}
	fixture_reload(&f, new_text);
	is_new();
	fixture_close(&f);
	return refused;
}

START_TEST(without_memory_nothing_changes)
{
	unsigned long n = 0;

	strcpy(new_text, NEW);
	while (try_without(NULL, ++n, false))
		try_without(NULL, n, true);
	ck_assert_uint_gt(n, 20);
}
END_TEST

START_TEST(without_a_file_no_region_grows)
{
	static const char *const calls[] = {"memfd_create", "ftruncate",
		"fallocate", "fchmod", "open", "mmap", "realloc", "fcntl",
		"getrandom"};
	char *to = stpcpy(new_text, NEW "[service large]\nprobe = none\n");

	for (int i = 0; i < 2000; i++)
		to += sprintf(to, "address = 127.96.1.1:%d\n", i + 1);
	for (int i = 0; i < 2999; i++)
		to += sprintf(to, "backend = 10.0.1.1:%d\n", i + 1);
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		unsigned long n = 0;

		while (try_without(calls[i], ++n, false))
			ck_assert(try_without(calls[i], n, true));
		ck_assert_uint_gt(n, 2); /* a list, and the keys */
	}
}
END_TEST

/* Chains too long for readers, whatever the seed. */
START_TEST(where_keys_have_no_place_nothing_changes)
{
	char *to = stpcpy(new_text,
		NEW "[service large]\nprobe = none\naddress = 127.96.1.1:1\n");

	for (int i = 0; i < 2999; i++)
		to += sprintf(to, "backend = 10.0.1.1:%d\n", i + 1);
	ck_assert(try_without("publish_keys_fill", 1, false));
}
END_TEST

Suite *reload_suite(void)
{
	Suite *s = suite_create("reload");
	TCase *t = tcase_create("reload");

	tcase_add_test(t, without_memory_nothing_changes);
	tcase_add_test(t, without_a_file_no_region_grows);
	tcase_add_test(t, where_keys_have_no_place_nothing_changes);
	tcase_set_timeout(t, 30); /* under sanitizers, on a busy machine */
	suite_add_tcase(s, t);
	return s;
}
