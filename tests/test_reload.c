/*
 * A reload that runs out of memory half way, at each allocation in turn: all of
 * the old configuration stays, and the next reload is as good as any. A
 * sanitizer has an allocator of its own, which none of these can stand in for.
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

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { CAN_FAIL = 0 };
#else
enum { CAN_FAIL = 1 };

/* glibc's own, under the names it keeps for those who stand in for them. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *at, size_t size);
#endif

static long left; /* allocations until one fails; 0: none does */

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
static bool fails(void)
{
	return left && !--left;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *at, size_t size)
{
	return fails() ? NULL : __libc_realloc(at, size);
}
#endif

static struct fixture f;

static struct conf *parse(const char *text)
{
	struct complaints said = {0};
	struct conf *conf = conf_parse("test.ini", text, strlen(text), &said);

	complaints_free(&said);
	ck_assert_ptr_nonnull(conf);
	return conf;
}

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

START_TEST(without_memory_nothing_changes)
{
	bool changed = false;
	uint32_t list;
	long n;

	fixture_open(&f, OLD);
	list = fixture_service(&f, "web")->list->id;
	for (n = 1; !changed && n < 1000; n++) {
		struct conf *conf = parse(NEW);

		left = CAN_FAIL * n;
		changed = world_change(&f.lbd, conf);
		left = 0;
		if (changed)
			break;
		conf_free(conf);
		is_old(list);
		fixture_reload(&f, OLD);
		is_old(list);
	}
	ck_assert(changed);
	ck_assert(!CAN_FAIL || n > 10);
	fixture_reload(&f, NEW);
	ck_assert_str_eq(fixture_route(&f, "127.96.0.1:1", 0), "10.0.0.3:1");
	ck_assert_str_eq(fixture_route(&f, "127.96.0.3:1", 0), "10.0.0.2:1");
	fixture_close(&f);
}
END_TEST

Suite *reload_suite(void)
{
	Suite *s = suite_create("reload");
	TCase *t = tcase_create("reload");

	tcase_add_test(t, without_memory_nothing_changes);
	suite_add_tcase(s, t);
	return s;
}
