/* Which backend, where loads count. */
#include "test_choice.h"
#include "stage.h"
#include "suites.h"

START_TEST(two_draws_are_two_backends_and_the_worse_never_wins)
{
	const unsigned weight[] = {1, 3, 1, 1, 1, 2};
	struct stage s;
	unsigned hits[STAGE_MOST];

	stage_set(&s, BALANCE_P2C, 5, weight, 6);
	for (unsigned i = 0; i < 6; i++)
		stage_load(&s, i, 10 * weight[i]);
	stage_load(&s, 1, 31); /* the highest per weight, by a little */
	stage_hits(&s, hits, 99, 9000);
	ck_assert_uint_eq(hits[1], 0);
	for (int i = 0; i < 6; i++)
		ck_assert(i == 1 || hits[i] > 0);
}
END_TEST

START_TEST(of_equal_weights_two_draws_are_two_backends_too)
{
	const unsigned weight[] = {1, 1, 1, 1, 1, 1};
	struct stage s;
	unsigned hits[STAGE_MOST];

	stage_set(&s, BALANCE_P2C, 5, weight, 6);
	for (unsigned i = 0; i < 6; i++)
		stage_load(&s, i, i == 3 ? 20 : 10);
	stage_hits(&s, hits, 99, 9000);
	ck_assert_uint_eq(hits[3], 0);
	for (int i = 0; i < 6; i++) /* its sixth is shared by the others */
		ck_assert(i == 3 || (hits[i] > 1700 && hits[i] < 1900));
}
END_TEST

START_TEST(the_second_draw_follows_the_weights)
{
	const unsigned weight[] = {1, 1, 1, 1, 1, 5};
	struct stage s;
	unsigned hits[STAGE_MOST];

	stage_set(&s, BALANCE_P2C, 7, weight, 6);
	stage_load(&s, 0, 100); /* its tenth goes to whatever else is drawn */
	stage_hits(&s, hits, 99, 20000);
	ck_assert_uint_eq(hits[0], 0);
	ck_assert(hits[5] > 11000 && hits[5] < 11222); /* 5/10 + 5/9/10 */
}
END_TEST

START_TEST(of_four_or_fewer_the_lightest_is_found)
{
	const unsigned weight[] = {1, 1, 1, 1};
	struct stage s;
	unsigned hits[STAGE_MOST];

	stage_set(&s, BALANCE_P2C, 3, weight, 4);
	for (unsigned i = 0; i < 4; i++)
		stage_load(&s, i, 5 - (i == 2));
	stage_hits(&s, hits, 0, 400);
	ck_assert_uint_eq(hits[2], 400);
}
END_TEST

START_TEST(least_conn_finds_the_lightest_for_its_weight)
{
	const unsigned weight[] = {1, 1, 4, 1, 1, 1, 1, 1};
	struct stage s;
	unsigned hits[STAGE_MOST];

	stage_set(&s, BALANCE_LEAST_CONN, 7, weight, 8);
	for (unsigned i = 0; i < 8; i++)
		stage_load(&s, i, 2);
	stage_load(&s, 2, 7); /* 7/4 < 2/1 */
	stage_hits(&s, hits, 0, 1100);
	ck_assert_uint_eq(hits[2], 1100);
	stage_load(&s, 2, 9);
	stage_hits(&s, hits, 0, 1100);
	ck_assert_uint_eq(hits[2], 0);
}
END_TEST

/* What looks at loads. */
static const enum table_balance kind[] = {BALANCE_P2C, BALANCE_LEAST_CONN};

START_TEST(an_idle_service_is_turned_in_exact_rotation)
{
	const unsigned weight[] = {2, 1, 1};
	struct stage s;
	unsigned hits[STAGE_MOST];

	for (int k = 0; k < 2; k++) {
		stage_set(&s, kind[k], 3, weight, 3);
		stage_hits(&s, hits, 12345, 4000);
		ck_assert_uint_eq(hits[0], 2000);
		ck_assert_uint_eq(hits[1], 1000);
		ck_assert_uint_eq(hits[2], 1000);
	}
}
END_TEST

START_TEST(equal_loads_change_nothing_about_the_rotation)
{
	const unsigned weight[] = {2, 1, 1, 1, 1};
	struct stage s;
	unsigned hits[STAGE_MOST];

	for (int k = 0; k < 2; k++)
		for (unsigned n = 3; n <= 5; n += 2) {
			stage_set(&s, kind[k], 5, weight, n);
			for (unsigned i = 0; i < n; i++)
				stage_load(&s, i, 7 * weight[i]);
			stage_hits(&s, hits, 12345, 1000 * s.wheel.total);
			for (unsigned i = 0; i < n; i++)
				ck_assert_uint_eq(hits[i], 1000 * weight[i]);
		}
}
END_TEST

START_TEST(ties_are_broken_by_weight_and_not_by_file_order)
{
	const unsigned weight[] = {96, 1, 1, 2};
	struct stage s;
	unsigned hits[STAGE_MOST];

	stage_set(&s, BALANCE_LEAST_CONN, 61, weight, 4);
	stage_load(&s, 0, 500);
	stage_hits(&s, hits, 1, 10000);
	ck_assert_uint_eq(hits[0], 0);
	ck_assert(hits[1] > 2300 && hits[1] < 2700);
	ck_assert(hits[2] > 2300 && hits[2] < 2700);
	ck_assert(hits[3] > 4700 && hits[3] < 5300);
}
END_TEST

START_TEST(a_backend_that_fails_fast_does_not_look_idle)
{
	const unsigned weight[] = {1, 1, 1};
	struct stage s;
	unsigned hits[STAGE_MOST];

	for (int k = 0; k < 2; k++) {
		stage_set(&s, kind[k], 2, weight, 3);
		stage_load(&s, 0, 10);
		stage_load(&s, 1, 500); /* no connections, but failures */
		stage_load(&s, 2, 10);
		stage_hits(&s, hits, 0, 600);
		ck_assert_uint_eq(hits[1], 0);
	}
}
END_TEST

/* All between two counts of lbd's: its figures stand still. */
START_TEST(callers_of_one_count_do_not_run_in_a_herd)
{
	const unsigned weight[] = {1, 1, 1, 1, 1, 1, 1, 1};
	struct stage s;

	for (int k = 0; k < 2; k++) {
		uint64_t most = 0, least = UINT64_MAX;

		stage_set(&s, kind[k], 5, weight, 8);
		for (unsigned i = 0; i < 8; i++) {
			stage_load(&s, i, i == 3 ? 20 : 30);
			stage_picks(&s, i, 7000, 7000);
		}
		for (uint64_t draw = 0; draw < 1000; draw++) {
			pick_backend(&s.wheel, draw, &stage_untried, &s.route);
			stage_lines[s.route.line].picks++;
		}
		for (unsigned i = 0; i < 8; i++) {
			uint64_t load = stage_lines[100 + i].picks - 7000 +
				(i == 3 ? 20 : 30);

			most = load > most ? load : most;
			least = load < least ? load : least;
		}
		ck_assert_uint_le(most - least, k ? 1 : 5);
	}
}
END_TEST

/* Two backends, of which the one with the lower load is found. */
static void set_pair(struct stage *s)
{
	const unsigned weight[] = {1, 1};

	stage_set(s, BALANCE_LEAST_CONN, 1, weight, 2);
}

/* How often of ten times; the other has the rest. */
static unsigned hits_of_first(struct stage *s)
{
	unsigned hits[STAGE_MOST];

	stage_hits(s, hits, 0, 10);
	return hits[0];
}

START_TEST(what_lbd_has_counted_is_not_counted_again)
{
	struct stage s;

	set_pair(&s);
	stage_load(&s, 0, 3);
	stage_load(&s, 1, 4);
	stage_picks(&s, 0, 9000, 9000);
	stage_picks(&s, 1, 10, 10);
	ck_assert_uint_eq(hits_of_first(&s), 10);
	stage_picks(&s, 0, 9002, 9000);
	ck_assert_uint_eq(hits_of_first(&s), 0);
}
END_TEST

/* A fading failure, or the chance of an estimate, would else draw everybody to
 * whoever is without. */
START_TEST(bits_of_a_connection_decide_nothing)
{
	struct stage s;

	set_pair(&s);
	s.backend[0].state |= state_load(LOAD_UNIT / 8 - 1);
	ck_assert_uint_eq(hits_of_first(&s), 5);
	s.backend[0].state |= state_load(LOAD_UNIT / 2);
	ck_assert_uint_eq(hits_of_first(&s), 0);
}
END_TEST

START_TEST(picks_are_never_fewer_than_none)
{
	struct stage s;

	set_pair(&s);
	stage_load(&s, 0, 5);
	stage_load(&s, 1, 4);
	stage_picks(&s, 0, 10, 15);
	ck_assert_uint_eq(hits_of_first(&s), 0);
}
END_TEST

START_TEST(another_backends_line_is_not_counted)
{
	struct stage s;

	set_pair(&s);
	stage_load(&s, 1, 4);
	stage_picks(&s, 0, 1000, 0);
	stage_lines[100].tag = 100 + COUNTERS_LINES + 1;
	ck_assert_uint_eq(hits_of_first(&s), 10);
}
END_TEST

START_TEST(a_change_of_members_does_not_restart_the_rotation)
{
	const enum table_balance turning[] = {
		BALANCE_ROUND_ROBIN, BALANCE_P2C, BALANCE_LEAST_CONN};
	const unsigned weight[] = {1, 1, 1, 1};
	struct stage s;

	for (int k = 0; k < 3; k++) {
		unsigned hits[STAGE_MOST] = {0};

		for (uint64_t draw = 0; draw < 600; draw++) {
			stage_set(&s, turning[k], 1, weight, draw % 2 ? 3 : 4);
			pick_backend(&s.wheel, draw, &stage_untried, &s.route);
			hits[s.route.ordinal]++;
		}
		for (int i = 0; i < 3; i++)
			ck_assert(hits[i] > 90 && hits[i] < 260);
	}
}
END_TEST

Suite *choice_suite(void)
{
	Suite *s = suite_create("choice");
	TCase *t = tcase_create("choice");

	tcase_add_test(t, two_draws_are_two_backends_and_the_worse_never_wins);
	tcase_add_test(t, of_equal_weights_two_draws_are_two_backends_too);
	tcase_add_test(t, the_second_draw_follows_the_weights);
	tcase_add_test(t, of_four_or_fewer_the_lightest_is_found);
	tcase_add_test(t, least_conn_finds_the_lightest_for_its_weight);
	tcase_add_test(t, an_idle_service_is_turned_in_exact_rotation);
	tcase_add_test(t, equal_loads_change_nothing_about_the_rotation);
	tcase_add_test(t, ties_are_broken_by_weight_and_not_by_file_order);
	tcase_add_test(t, a_backend_that_fails_fast_does_not_look_idle);
	tcase_add_test(t, callers_of_one_count_do_not_run_in_a_herd);
	tcase_add_test(t, what_lbd_has_counted_is_not_counted_again);
	tcase_add_test(t, bits_of_a_connection_decide_nothing);
	tcase_add_test(t, picks_are_never_fewer_than_none);
	tcase_add_test(t, another_backends_line_is_not_counted);
	tcase_add_test(t, a_change_of_members_does_not_restart_the_rotation);
	suite_add_tcase(s, t);
	suite_add_tcase(s, choice_maglev_case());
	suite_add_tcase(s, choice_room_case());
	return s;
}
