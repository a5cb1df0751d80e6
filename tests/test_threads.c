/* One writer and many readers at once, for the eyes of the thread sanitizer. */
#include "fixture.h"
#include "lbd/publish.h"
#include "shim/lookup.h"
#include "suites.h"

#include <pthread.h>
#include <stdatomic.h>

enum { READERS = 3, READS = 20000, TURNS = 3000 };

static struct fixture f;
static atomic_bool done;

static void *read_on(void *with)
{
	struct addr vip = fixture_addr("127.96.0.1:80");
	uint64_t draw = (uint64_t)(uintptr_t)with;
	struct tried none = {0};
	long bad = 0;

	for (int i = 0; i < READS || !done; i++) {
		struct route route = {0};
		enum found found = lookup_service(f.view, &vip, 0, &route);

		if (found == FOUND_SERVICE)
			found = lookup_backend(f.view, draw++, &none, &route);
		if (found == FOUND_CHANGED || found == FOUND_NOTHING)
			continue; /* three publishes within one look-up */
		bad += found != FOUND_BACKEND || route.to.port != 8080 ||
			(route.to.lo & 0xffffff00) != 0x0a000000;
	}
	return (void *)bad;
}

START_TEST(readers_beside_a_writer_find_whole_backends)
{
	pthread_t reader[READERS];
	struct service *s;

	fixture_open(&f,
		"[service a]\naddress = 127.96.0.1:80\nprobe = none\n"
		"backend = 10.0.0.1:8080\nbackend = 10.0.0.2:8080\n"
		"backend = 10.0.0.3:8080\n");
	s = fixture_service(&f, "a");
	for (uintptr_t i = 0; i < READERS; i++)
		pthread_create(&reader[i], NULL, read_on, (void *)i);
	for (int i = 0; i < TURNS; i++) {
		struct backend *b = s->backend[i % 3];

		b->health.state = i & 1 ? HEALTH_DOWN : HEALTH_UP;
		publish_state(b);
		publish_wheels(s);
		if (i % 3 == 0) {
			publish_list(s->list);
			ck_assert(publish_keys(f.lbd.keys, &f.lbd.world));
		}
	}
	done = true;
	for (int i = 0; i < READERS; i++) {
		void *bad;

		pthread_join(reader[i], &bad);
		ck_assert_ptr_null(bad);
	}
	fixture_close(&f);
}
END_TEST

Suite *threads_suite(void)
{
	Suite *s = suite_create("threads");
	TCase *t = tcase_create("threads");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, readers_beside_a_writer_find_whole_backends);
	suite_add_tcase(s, t);
	return s;
}
