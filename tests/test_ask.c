/* When backends are asked: less where callers' word will do, never at once. */
#include "simulation.h"
#include "suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct sim sim;

static struct backend *at(size_t n)
{
	return sim_backend(&sim, "web", n);
}

static unsigned asked(size_t n)
{
	return sim_of(&sim, at(n))->asked;
}

static unsigned asked_in(double seconds, size_t n)
{
	unsigned before = asked(n);

	sim_run(&sim, seconds);
	return asked(n) - before;
}

static void keep_busy(struct sim *s)
{
	sim_outcomes(s, at(0), 1, 3, 0);
}

static void keep_failing(struct sim *s)
{
	sim_outcomes(s, at(0), 1, 3, 1);
}

START_TEST(callers_stand_in_for_nine_probes_of_ten)
{
	unsigned n;

	sim_open_web(&sim, 2, "");
	sim_run(&sim, 5);
	sim.on_round = keep_busy;
	n = asked_in(400, 0);
	ck_assert_uint_ge(n, 18);
	ck_assert_uint_le(n, 22);
	ck_assert_uint_ge(asked_in(20, 1), 9);
	sim_close(&sim);
}
END_TEST

START_TEST(a_failed_caller_stands_in_for_none)
{
	sim_open_web(&sim, 2, "");
	sim_run(&sim, 5);
	sim.on_round = keep_busy;
	sim_run(&sim, 5);
	sim.on_round = keep_failing;
	ck_assert_uint_ge(asked_in(40, 0), 18);
	sim_close(&sim);
}
END_TEST

START_TEST(when_callers_stop_probes_go_on)
{
	sim_open_web(&sim, 2, "");
	sim.on_round = keep_busy;
	sim_run(&sim, 20);
	sim.on_round = NULL;
	sim_run(&sim, 2.5);
	ck_assert_uint_ge(asked_in(10, 0), 4);
	sim_close(&sim);
}
END_TEST

START_TEST(full_means_full)
{
	sim_open_web(&sim, 2, "");
	sim_conf(&sim, "web")->probe_full_when_busy = true;
	sim.on_round = keep_busy;
	ck_assert_uint_ge(asked_in(40, 0), 18);
	sim_close(&sim);
}
END_TEST

START_TEST(callers_do_not_bring_a_backend_up)
{
	sim_open_web(&sim, 2, "");
	sim_of(&sim, at(0))->answer = VERDICT_REFUSED;
	sim.on_round = keep_busy;
	sim_run(&sim, 10);
	ck_assert_int_eq(at(0)->health.state, HEALTH_DOWN);
	ck_assert_uint_ge(asked_in(20, 0), 9);
	sim_close(&sim);
}
END_TEST

START_TEST(an_unused_service_is_left_alone_until_it_is_used)
{
	unsigned before[50], again = 0;

	sim_open_web(&sim, 50, "");
	sim_run(&sim, 100);
	ck_assert_uint_le(asked_in(120, 0), 3);
	for (size_t i = 0; i < 50; i++)
		before[i] = asked(i);
	sim_outcomes(&sim, at(3), 1, 1, 0);
	sim_run(&sim, 1.1);
	for (size_t i = 0; i < 50; i++)
		again += asked(i) > before[i];
	ck_assert_uint_eq(again, 50);
	ck_assert_uint_ge(asked_in(20, 0), 9);
	sim_close(&sim);
}
END_TEST

static unsigned begun(void)
{
	unsigned n = 0;

	for (size_t i = 0; i < sim.used; i++)
		n += sim.backend[i].asked;
	return n;
}

/* The most probes that began within a tenth of a second. */
static unsigned peak(double seconds)
{
	unsigned most = 0;

	for (double end = sim.now + seconds; sim.now < end;) {
		unsigned before = begun();

		sim_run(&sim, 0.1);
		if (begun() - before > most)
			most = begun() - before;
	}
	return most;
}

START_TEST(a_thousand_are_asked_one_after_the_other)
{
	sim_open_web(&sim, 1000, "");
	ck_assert_uint_lt(peak(0.95), 160);
	ck_assert_uint_ge(begun(), 900);
	sim_run(&sim, 0.1);
	for (size_t i = 0; i < 1000; i++)
		ck_assert_uint_ge(asked(i), 1);
	sim_close(&sim);
}
END_TEST

START_TEST(a_reload_does_not_ask_all_at_once)
{
	char *text = sim_web_text(1000, "");

	sim_open_web(&sim, 1000, "");
	for (size_t i = 0; i < SIM_BACKENDS; i++)
		sim.backend[i].delay = 0.9;
	sim_run(&sim, 0.95); /* all of them are being asked */
	sim_reload(&sim, text);
	ck_assert_uint_lt(peak(1), 160);
	free(text);
	sim_close(&sim);
}
END_TEST

START_TEST(a_stall_does_not_ask_all_at_once)
{
	unsigned before;

	sim_open_web(&sim, 1000, "");
	sim_run(&sim, 10);
	before = begun();
	sim_stall(&sim, 60);
	ck_assert_uint_eq(begun(), before);
	ck_assert_uint_lt(peak(1), 160);
	ck_assert_uint_ge(begun(), before + 990);
	sim_close(&sim);
}
END_TEST

START_TEST(the_first_use_of_a_large_service_is_no_burst)
{
	sim_open_web(&sim, 1000, "");
	sim_run(&sim, 100);
	sim_outcomes(&sim, at(3), 1, 1, 0);
	ck_assert_uint_lt(peak(1), 160);
	sim_close(&sim);
}
END_TEST

START_TEST(one_iteration_begins_a_hundred_probes_at_most)
{
	unsigned before;

	sim_open_web(&sim, 1000, "");
	sim_run(&sim, 10);
	for (size_t i = 0; i < sim.used; i++)
		if (sim.backend[i].waiting)
			sim.backend[i].at = sim.now + 0.01;
	before = begun();
	sim_run(&sim, 0.01);
	ck_assert_uint_eq(begun(), before + 100);
	sim_run(&sim, 0.2);
	ck_assert_uint_ge(begun(), before + 990);
	sim_close(&sim);
}
END_TEST

/* All are due; then the loop has no turn for so long. */
static unsigned begun_after(double gap)
{
	unsigned before = begun();

	for (size_t i = 0; i < sim.used; i++)
		if (sim.backend[i].waiting)
			sim.backend[i].at = sim.now;
	sim_stall(&sim, gap);
	return begun() - before;
}

START_TEST(a_long_iteration_begins_more)
{
	unsigned begun_then;

	sim_open_web(&sim, 1020, "");
	sim_run(&sim, 10);
	begun_then = begun_after(0.05);
	ck_assert_uint_ge(begun_then, 499);
	ck_assert_uint_le(begun_then, 500);
	sim_run(&sim, 10);
	ck_assert_uint_eq(begun_after(0.6), 1000);
	sim_close(&sim);
}
END_TEST

START_TEST(what_was_awaited_in_a_stall_takes_nobody_down)
{
	sim_open_web(&sim, 3, "fall = 1\n");
	sim_run(&sim, 5);
	for (size_t i = 0; i < 3; i++)
		sim_of(&sim, at(i))->answer = VERDICT_TIMEOUT;
	while (!sim_of(&sim, at(0))->asking)
		sim_run(&sim, 0.05);
	for (size_t i = 0; i < 3; i++)
		sim_of(&sim, at(i))->answer = VERDICT_OK;
	sim_stall(&sim, 60);
	sim_run(&sim, 5);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(at(i)->health.state, HEALTH_UP);
		ck_assert_double_lt(at(i)->health.since, 1002);
	}
	sim_close(&sim);
}
END_TEST

START_TEST(after_a_stall_silence_counts_again)
{
	sim_open_web(&sim, 3, "fall = 1\n");
	sim_run(&sim, 5);
	sim_stall(&sim, 60);
	sim_of(&sim, at(0))->answer = VERDICT_TIMEOUT;
	sim_run(&sim, 2.1);
	ck_assert_int_eq(at(0)->health.state, HEALTH_DOWN);
	sim_close(&sim);
}
END_TEST

Suite *ask_suite(void)
{
	Suite *s = suite_create("ask");
	TCase *t = tcase_create("ask");

	tcase_add_test(t, callers_stand_in_for_nine_probes_of_ten);
	tcase_add_test(t, a_failed_caller_stands_in_for_none);
	tcase_add_test(t, when_callers_stop_probes_go_on);
	tcase_add_test(t, full_means_full);
	tcase_add_test(t, callers_do_not_bring_a_backend_up);
	tcase_add_test(t, an_unused_service_is_left_alone_until_it_is_used);
	tcase_add_test(t, a_thousand_are_asked_one_after_the_other);
	tcase_add_test(t, a_reload_does_not_ask_all_at_once);
	tcase_add_test(t, a_stall_does_not_ask_all_at_once);
	tcase_add_test(t, the_first_use_of_a_large_service_is_no_burst);
	tcase_add_test(t, one_iteration_begins_a_hundred_probes_at_most);
	tcase_add_test(t, a_long_iteration_begins_more);
	tcase_add_test(t, what_was_awaited_in_a_stall_takes_nobody_down);
	tcase_add_test(t, after_a_stall_silence_counts_again);
	suite_add_tcase(s, t);
	return s;
}
