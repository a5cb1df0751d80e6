/* Connections between two counts. */
#include "lbd/flow.h"
#include "suites.h"

#include <math.h>

/*
 * `rate` connections begin a second, and each stands `stay` seconds; counted
 * every `every` seconds, told every 0.1 s, for five minutes.
 */
static struct flow after(double rate, double stay, double every)
{
	struct flow f = {0};
	double standing = 0, counted = 0;

	for (int tick = 1; tick <= 3000; tick++) {
		double left = exp(-0.1 / stay);

		standing = standing * left + rate * stay * (1 - left);
		flow_pass(&f, rate * 0.1, 0.1);
		if (tick * 0.1 < counted + every - 1e-9)
			continue;
		flow_mark(&f);
		flow_count(&f, standing, tick * 0.1 - counted);
		counted = tick * 0.1;
	}
	return f;
}

START_TEST(how_long_connections_stand_is_learnt)
{
	static const double stays[] = {0.01, 0.1, 1};

	for (int i = 0; i < 3; i++) {
		struct flow often = after(100, stays[i], 0.1);
		struct flow rarely = after(100, stays[i], 1);

		ck_assert_double_eq_tol(
			flow_stay(&often), stays[i], stays[i] / 20);
		ck_assert_double_eq_tol(
			flow_stay(&rarely), stays[i], stays[i] / 20);
	}
}
END_TEST

START_TEST(what_stands_is_known_between_counts)
{
	struct flow f = after(100, 0.1, 1);

	for (int i = 0; i < 9; i++) {
		flow_pass(&f, 10, 0.1);
		ck_assert_double_eq_tol(f.open, 10, 0.5);
	}
	flow_pass(&f, 0, 0.1); /* nobody calls any more */
	ck_assert_double_eq_tol(f.open, 10 / M_E, 0.5);
}
END_TEST

START_TEST(short_connections_count_for_little)
{
	struct flow brief = after(100, 0.01, 0.1);
	struct flow slow = after(100, 0.1, 0.1);

	ck_assert_double_eq_tol(flow_share(&brief, 0.1), 0.1, 0.01);
	ck_assert_double_eq_tol(flow_share(&slow, 0.1), 1 - 1 / M_E, 0.03);
}
END_TEST

START_TEST(what_stands_now_is_not_what_will)
{
	struct flow f = {.carried = 1, .ending = 100, .memory_s = 3, .open = 5};

	ck_assert_double_eq_tol(flow_ahead(&f, 0.1), 0.5, 0.01);
	f.ending = 0.1; /* they stay, as far as is known */
	ck_assert_double_eq(flow_ahead(&f, 0.1), 5);
}
END_TEST

START_TEST(connections_that_stay_count_in_full)
{
	struct flow f = {0};

	for (int i = 1; i <= 50; i++) { /* a pool is filled, and stands */
		flow_pass(&f, i <= 20 ? 5 : 0, 0.1);
		flow_mark(&f);
		flow_count(&f, i <= 20 ? 5 * i : 100, 0.1);
		ck_assert(isinf(flow_stay(&f)));
	}
	flow_pass(&f, 3, 0.1);
	ck_assert_double_eq(f.open, 103);
	ck_assert_double_eq(flow_share(&f, 0.1), 1);
}
END_TEST

START_TEST(what_begins_during_a_count_is_not_lost)
{
	struct flow f = {0};

	flow_pass(&f, 4, 0.1);
	flow_mark(&f);
	flow_pass(&f, 3, 0.1); /* maybe counted, maybe not */
	flow_count(&f, 4, 0.2);
	ck_assert_double_eq(f.open, 7);
	flow_mark(&f);
	flow_count(&f, 7, 0.1);
	ck_assert_double_eq(f.open, 7);
	ck_assert(isinf(flow_stay(&f)));
}
END_TEST

START_TEST(what_fails_at_once_stands_for_nothing)
{
	struct flow f = {0};

	for (int i = 0; i < 30; i++) {
		flow_pass(&f, 10, 0.1);
		flow_mark(&f);
		flow_count(&f, 0, 0.1);
	}
	flow_pass(&f, 10, 0.1);
	ck_assert_double_eq(f.open, 0);
}
END_TEST

START_TEST(few_connections_lean_on_their_siblings)
{
	struct flow f = {.carried = 0.01, .ending = 100, .memory_s = 3};

	ck_assert_double_eq_tol(flow_stay(&f), 0.0001, 1e-6);
	f.around_s = 0.02;
	ck_assert_double_eq_tol(flow_stay(&f), 0.02, 0.001);
	f.carried = 0.5; /* fifteen were met: it is faster */
	ck_assert_double_eq_tol(flow_stay(&f), 0.005, 1e-6);
	f.carried = 5;
	ck_assert_double_eq_tol(flow_stay(&f), 0.05, 1e-6);
}
END_TEST

/* Else each would count in full, and all callers go to those that are known. */
START_TEST(a_newcomer_is_like_its_siblings)
{
	struct flow f = {.memory_s = 3, .around_s = 0.02};

	ck_assert_double_eq(flow_stay(&f), 0.02);
	f.carried = 0.5; /* many stand, and none has ended */
	ck_assert(isinf(flow_stay(&f)));
}
END_TEST

START_TEST(a_flow_ends_half_a_minute_after_the_last)
{
	struct flow f = {0};

	flow_pass(&f, 1, 0.1);
	flow_pass(&f, 0, 29);
	ck_assert(!flow_is_over(&f));
	flow_pass(&f, 0, 2);
	ck_assert(flow_is_over(&f));
}
END_TEST

Suite *flow_suite(void)
{
	Suite *s = suite_create("flow");
	TCase *t = tcase_create("flow");

	tcase_add_test(t, how_long_connections_stand_is_learnt);
	tcase_add_test(t, what_stands_is_known_between_counts);
	tcase_add_test(t, short_connections_count_for_little);
	tcase_add_test(t, what_stands_now_is_not_what_will);
	tcase_add_test(t, connections_that_stay_count_in_full);
	tcase_add_test(t, what_begins_during_a_count_is_not_lost);
	tcase_add_test(t, what_fails_at_once_stands_for_nothing);
	tcase_add_test(t, few_connections_lean_on_their_siblings);
	tcase_add_test(t, a_newcomer_is_like_its_siblings);
	tcase_add_test(t, a_flow_ends_half_a_minute_after_the_last);
	suite_add_tcase(s, t);
	return s;
}
