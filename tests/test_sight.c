/* Sight: silence on most sides at once says more of lbd than of backends. */
#include "lbd/sight.h"
#include "simulation.h"
#include "suites.h"

#include <string.h>

enum { PURE = 10 };
static struct sight sight;
static struct sighting seen[PURE];

/* One letter per backend: where it is ("aab": two at one address). */
static void watch(const char *hosts)
{
	memset(&sight, 0, sizeof(sight));
	for (int i = 0; hosts[i]; i++) {
		struct addr at = {
			.lo = (uint64_t)hosts[i], .port = (uint16_t)i};

		sight_watch(&sight, &seen[i], &at);
	}
}

/* "+-": backend 0 answers, 1 is silent; blanks: none. The last change. */
static enum sight_change note(const char *verdicts, double now)
{
	enum sight_change change = SIGHT_SAME;

	for (int i = 0; verdicts[i]; i++)
		if (verdicts[i] != ' ')
			change = sight_note(
				&sight, &seen[i], verdicts[i] == '-', 4, now);
	return change;
}

START_TEST(more_than_half_of_four_at_three_addresses)
{
	watch("abcd");
	ck_assert_int_eq(note("--++", 1), SIGHT_SAME);
	ck_assert_int_eq(note("  - ", 1), SIGHT_LOST);
	ck_assert(sight.lost);
}
END_TEST

START_TEST(three_backends_are_too_few_to_tell)
{
	watch("abc");
	ck_assert_int_eq(note("---", 1), SIGHT_SAME);
	watch("abcd");
	ck_assert_int_eq(note("---", 1), SIGHT_SAME);
	ck_assert_int_eq(note("   +", 1), SIGHT_LOST);
}
END_TEST

START_TEST(two_silent_machines_are_no_blindness)
{
	watch("aaabbbc");
	ck_assert_int_eq(note("------+", 1), SIGHT_SAME);
	ck_assert_int_eq(note("      -", 1), SIGHT_LOST);
}
END_TEST

START_TEST(a_machine_that_answers_again_is_no_witness)
{
	watch("aabbcd");
	note("++--++", 1);
	note("-  +  ", 1);
	note("+     ", 1); /* a and b, each for a while */
	ck_assert_int_eq(note("--++-+", 1), SIGHT_SAME);
	ck_assert_int_eq(note("   -  ", 1), SIGHT_LOST);
}
END_TEST

START_TEST(old_verdicts_count_no_more)
{
	watch("abcdefgh");
	note("++++    ", 1);
	ck_assert_int_eq(note("    ----", 5), SIGHT_SAME);
	ck_assert_uint_eq(sight.counted, 8);
	ck_assert_int_eq(note("       -", 5.1), SIGHT_LOST);
	ck_assert_uint_eq(sight.counted, 4);
}
END_TEST

START_TEST(half_of_them_answering_is_sight)
{
	watch("abcdef");
	note("------", 1);
	ck_assert(sight.lost);
	ck_assert_int_eq(note("++    ", 1), SIGHT_SAME);
	ck_assert_int_eq(note("  +   ", 1), SIGHT_REGAINED);
	ck_assert(!sight.lost);
}
END_TEST

START_TEST(time_alone_brings_no_sight)
{
	watch("abcd");
	note("----", 1);
	ck_assert_int_eq(note("-   ", 100), SIGHT_SAME);
	ck_assert(sight.lost);
	ck_assert_int_eq(note(" +  ", 100), SIGHT_REGAINED);
}
END_TEST

START_TEST(a_smaller_world_is_not_blind)
{
	watch("abcde");
	note("-----", 1);
	ck_assert_int_eq(sight_unwatch(&sight, &seen[0]), SIGHT_SAME);
	ck_assert_int_eq(sight_unwatch(&sight, &seen[1]), SIGHT_REGAINED);
}
END_TEST

static struct sim sim;

static void end(void)
{
	sim_close(&sim);
}

/* Service web, all of whose backends are up by now. */
static void open_web(size_t backends, const char *lines)
{
	sim_open_web(&sim, backends, lines);
	sim_run(&sim, 5);
}

static struct backend *at(size_t n)
{
	return sim_backend(&sim, "web", n);
}

static void all_are(enum verdict answer)
{
	for (size_t i = 0; i < SIM_BACKENDS; i++)
		sim.backend[i].answer = answer;
}

static size_t count(enum health_state state)
{
	const struct service *s = fixture_service(&sim.f, "web");
	size_t n = 0;

	for (size_t i = 0; i < s->backends; i++)
		n += s->backend[i]->health.state == state;
	return n;
}

static bool is_blind(void)
{
	return sim.f.lbd.overview.sight.lost;
}

static size_t fewest_up(double seconds)
{
	size_t fewest = count(HEALTH_UP);

	for (double end = sim.now + seconds; sim.now < end;) {
		sim_run(&sim, 0.1);
		if (count(HEALTH_UP) < fewest)
			fewest = count(HEALTH_UP);
	}
	return fewest;
}

START_TEST(an_outage_of_ours_takes_nobody_down)
{
	open_web(14, "");
	all_are(VERDICT_TIMEOUT);
	ck_assert_uint_eq(fewest_up(120), 14);
	ck_assert(is_blind());
	all_are(VERDICT_OK);
	ck_assert_uint_eq(fewest_up(10), 14);
	ck_assert(!is_blind());
}
END_TEST

START_TEST(nor_one_without_a_route)
{
	open_web(14, "");
	all_are(VERDICT_UNREACHABLE);
	ck_assert_uint_eq(fewest_up(60), 14);
}
END_TEST

/* With fall = 1 the first go down before anybody can know. */
START_TEST(who_went_down_first_is_taken_back)
{
	open_web(14, "fall = 1\n");
	all_are(VERDICT_TIMEOUT);
	ck_assert_uint_lt(fewest_up(5), 14);
	ck_assert(is_blind());
	ck_assert_uint_eq(fewest_up(60), 14);
	all_are(VERDICT_OK);
	ck_assert_uint_eq(fewest_up(10), 14);
}
END_TEST

START_TEST(a_blind_start_leaves_all_unknown)
{
	sim_open_web(&sim, 14, "");
	all_are(VERDICT_TIMEOUT);
	sim_run(&sim, 10);
	ck_assert_uint_eq(count(HEALTH_UNKNOWN), 14);
	sim_of(&sim, at(0))->answer = VERDICT_REFUSED;
	sim_run(&sim, 3);
	ck_assert_int_eq(at(0)->health.state, HEALTH_DOWN);
	all_are(VERDICT_OK);
	sim_run(&sim, 10);
	ck_assert_uint_eq(count(HEALTH_UP), 14);
}
END_TEST

/* Three of five hosts are not there, from the first day on. */
START_TEST(who_never_gave_a_sign_is_no_witness)
{
	sim_open_web(&sim, 5, "");
	for (size_t i = 2; i < 5; i++)
		sim_of(&sim, at(i))->answer = VERDICT_TIMEOUT;
	sim_run(&sim, 10);
	ck_assert_uint_eq(count(HEALTH_UP), 2);
	ck_assert_uint_eq(count(HEALTH_DOWN), 3);
	ck_assert(!is_blind());
}
END_TEST

START_TEST(a_refusal_counts_in_blindness)
{
	open_web(14, "");
	all_are(VERDICT_TIMEOUT);
	sim_run(&sim, 10);
	ck_assert(is_blind());
	sim_of(&sim, at(3))->answer = VERDICT_REFUSED;
	sim_run(&sim, 10);
	ck_assert_int_eq(at(3)->health.state, HEALTH_DOWN);
	ck_assert_uint_eq(count(HEALTH_UP), 13);
}
END_TEST

START_TEST(who_was_down_before_stays_down)
{
	sim_open_web(&sim, 14, "fall = 1\n");
	sim_of(&sim, at(0))->answer = VERDICT_TIMEOUT;
	sim_run(&sim, 60);
	ck_assert_int_eq(at(0)->health.state, HEALTH_DOWN);
	all_are(VERDICT_TIMEOUT);
	sim_run(&sim, 70);
	ck_assert(is_blind());
	ck_assert_int_eq(at(0)->health.state, HEALTH_DOWN);
	ck_assert_uint_eq(count(HEALTH_UP), 13);
}
END_TEST

START_TEST(a_minority_that_is_silent_goes_down)
{
	open_web(14, "");
	for (size_t i = 0; i < 6; i++)
		sim_of(&sim, at(i))->answer = VERDICT_TIMEOUT;
	sim_run(&sim, 15);
	ck_assert(!is_blind());
	ck_assert_uint_eq(count(HEALTH_DOWN), 6);
}
END_TEST

START_TEST(a_world_of_three_believes_its_probes)
{
	open_web(3, "");
	all_are(VERDICT_TIMEOUT);
	sim_run(&sim, 15);
	ck_assert(!is_blind());
	ck_assert_uint_eq(count(HEALTH_DOWN), 3);
}
END_TEST

/* Asked once a minute each: the first that is silent has others asked. */
START_TEST(an_unused_world_notices_too)
{
	sim_open_web(&sim, 14, "");
	sim_run(&sim, 300);
	all_are(VERDICT_TIMEOUT);
	ck_assert_uint_eq(fewest_up(180), 14);
	ck_assert(is_blind());
}
END_TEST

START_TEST(a_blindness_ejects_nobody)
{
	open_web(14, "");
	all_are(VERDICT_TIMEOUT);
	sim_run(&sim, 10);
	ck_assert(is_blind());
	for (size_t i = 0; i < 14; i++)
		sim_outcomes(&sim, at(i), 1, 0, 50);
	sim_run(&sim, 1);
	all_are(VERDICT_OK);
	sim_run(&sim, 5);
	ck_assert(!is_blind());
	ck_assert_uint_eq(at(0)->service->ejected, 0);
}
END_TEST

Suite *sight_suite(void)
{
	Suite *s = suite_create("sight");
	TCase *t = tcase_create("sight");

	tcase_add_test(t, more_than_half_of_four_at_three_addresses);
	tcase_add_test(t, three_backends_are_too_few_to_tell);
	tcase_add_test(t, two_silent_machines_are_no_blindness);
	tcase_add_test(t, a_machine_that_answers_again_is_no_witness);
	tcase_add_test(t, old_verdicts_count_no_more);
	tcase_add_test(t, half_of_them_answering_is_sight);
	tcase_add_test(t, time_alone_brings_no_sight);
	tcase_add_test(t, a_smaller_world_is_not_blind);
	suite_add_tcase(s, t);
	t = tcase_create("world");
	tcase_add_checked_fixture(t, NULL, end);
	tcase_add_test(t, an_outage_of_ours_takes_nobody_down);
	tcase_add_test(t, nor_one_without_a_route);
	tcase_add_test(t, who_went_down_first_is_taken_back);
	tcase_add_test(t, a_blind_start_leaves_all_unknown);
	tcase_add_test(t, who_never_gave_a_sign_is_no_witness);
	tcase_add_test(t, a_refusal_counts_in_blindness);
	tcase_add_test(t, who_was_down_before_stays_down);
	tcase_add_test(t, a_minority_that_is_silent_goes_down);
	tcase_add_test(t, a_world_of_three_believes_its_probes);
	tcase_add_test(t, an_unused_world_notices_too);
	tcase_add_test(t, a_blindness_ejects_nobody);
	suite_add_tcase(s, t);
	return s;
}
