/*
 * Loads from a count to the choice: callers connect, lbd counts, estimates and
 * tells, callers compare. In simulated time, with real regions and no sockets;
 * connections end by chance, as they do at a server with enough threads.
 */
#include "fixture.h"
#include "lbd/fading.h"
#include "suites.h"

#include <math.h>
#include <stdio.h>

enum { BACKENDS = 3, MOST = 64, STEPS = 400 /* a second, a caller in each */ };

static const char text[] = "[service a]\naddress = 127.96.0.1:80\n"
			   "probe = none\nbalance = least-conn\n"
			   "backend = 10.0.0.1:80\nbackend = 10.0.0.2:80\n"
			   "backend = 10.0.0.3:80\n";

static struct fixture f;
static struct service *s;
static struct fadings fadings;
static double ends[BACKENDS][MOST]; /* of the connections that stand */
static unsigned stand[BACKENDS], got[BACKENDS], in_tick[BACKENDS];
static uint64_t told[BACKENDS], drawn;

static double chance(void)
{
	return ((double)(table_mix(++drawn) >> 11) + 1) / 9007199254740993.0;
}

static void end_what_is_over(double now)
{
	for (int i = 0; i < BACKENDS; i++)
		for (unsigned j = stand[i]; j-- > 0;)
			if (ends[i][j] <= now)
				ends[i][j] = ends[i][--stand[i]];
}

static void connect_one(double now, const double *mean_s)
{
	const char *route = fixture_route(&f, "127.96.0.1:80", drawn);
	int i;

	ck_assert_int_eq(sscanf(route, "10.0.0.%d:80", &i), 1);
	i--;
	got[i]++;
	in_tick[i]++;
	fixture_line(&f, s->backend[i])->picks++;
	ck_assert_uint_lt(stand[i], MOST);
	ends[i][stand[i]++] = now - log(chance()) * mean_s[i];
}

static void hear(double now)
{
	for (int i = 0; i < BACKENDS; i++) {
		uint64_t picks = fixture_line(&f, s->backend[i])->picks;

		fading_picked(&fadings, s->backend[i], picks - told[i]);
		told[i] = picks;
	}
	fading_age(&fadings, now);
}

static void tell(void)
{
	for (int i = 0; i < BACKENDS; i++)
		fixture_line(&f, s->backend[i])->seen = told[i];
}

static void count(double now)
{
	hear(now);
	fading_mark(&fadings);
	for (int i = 0; i < BACKENDS; i++)
		s->backend[i]->connections = stand[i];
	fading_count(&fadings, now);
	tell();
}

/* Returns the share of a tick's callers that its favourite gets, on average. */
static double run(const double *mean_s, int seconds)
{
	double favoured = 0;

	fixture_open(&f, text);
	fixture_count(&f);
	s = fixture_service(&f, "a");
	fadings = (struct fadings){.lbd = &f.lbd};
	drawn = 0;
	for (int i = 0; i < BACKENDS; i++)
		stand[i] = got[i] = in_tick[i] = told[i] = 0;
	for (int step = 1; step <= seconds * STEPS; step++) {
		double now = (double)step / STEPS;
		unsigned most = 0;

		end_what_is_over(now);
		connect_one(now, mean_s);
		if (step % (STEPS / 10) == STEPS / 20) {
			hear(now);
			tell();
		}
		if (step % (STEPS / 10))
			continue;
		count(now);
		for (int i = 0; i < BACKENDS; i++) {
			most = in_tick[i] > most ? in_tick[i] : most;
			in_tick[i] = 0;
		}
		favoured += most * 10.0 / STEPS;
	}
	fading_end(&fadings);
	fixture_close(&f);
	return favoured / (seconds * 10);
}

/* Who sees every connection begin and end gives it 7 %. */
START_TEST(a_slow_backend_gets_what_it_can_serve)
{
	static const double mean_s[] = {0.01, 0.01, 0.1};

	run(mean_s, 60);
	ck_assert_uint_lt(got[2], 60 * STEPS * 6 / 100);
	ck_assert_uint_gt(got[2], 60 * STEPS * 3 / 100);
}
END_TEST

/* A third is even; by a count that is 50 ms old, the favourite gets half. */
START_TEST(short_connections_are_no_reason_to_prefer)
{
	static const double mean_s[] = {0.01, 0.01, 0.01};

	ck_assert_double_lt(run(mean_s, 60), 0.4);
}
END_TEST

Suite *uneven_suite(void)
{
	Suite *suite = suite_create("uneven");
	TCase *t = tcase_create("uneven");

	tcase_add_test(t, a_slow_backend_gets_what_it_can_serve);
	tcase_add_test(t, short_connections_are_no_reason_to_prefer);
	suite_add_tcase(suite, t);
	return suite;
}
