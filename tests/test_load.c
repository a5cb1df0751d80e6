/* What a load is made of. */
#include "lbd/kernel.h"
#include "lbd/loads.h"
#include "shim/table.h"
#include "suites.h"

/* In connections. */
static unsigned sum(double connections, const struct load *l)
{
	return load_sum(connections, l) / LOAD_UNIT;
}

START_TEST(connections_are_the_load)
{
	struct load none = {0};

	ck_assert_uint_eq(sum(7, NULL), 7);
	ck_assert_uint_eq(sum(7, &none), 7);
	ck_assert(load_is_plain(&none));
}
END_TEST

START_TEST(a_state_has_room_for_the_most_it_can_say)
{
	ck_assert_uint_eq(load_of_state(state_load(7)), 7);
	ck_assert_uint_eq(load_of_state(state_load(LOAD_MOST + 1)), LOAD_MOST);
	ck_assert_uint_eq(room_of_state(state_room(9, 4)), 5);
	ck_assert_uint_eq(room_of_state(state_room(4, 4)), 0);
	ck_assert_uint_eq(room_of_state(state_room(4, 5)), 0);
	ck_assert_uint_eq(room_of_state(state_room(0, 5)), STATE_ROOM_ANY);
	ck_assert_uint_eq(
		room_of_state(state_room(1U << 20, 5)), STATE_ROOM_ANY);
	ck_assert_uint_eq(pick_of_state(state_pick(1)), 1);
	ck_assert_uint_eq(pick_of_state(state_pick(256)), 256);
}
END_TEST

START_TEST(what_fails_fast_does_not_look_idle)
{
	struct load l = {0};

	for (int tick = 0; tick < 50; tick++) { /* 100 failures a second */
		load_fade(&l, 0.1);
		l.failures += 10;
	}
	ck_assert_uint_gt(sum(0, &l), 90);
	ck_assert_uint_lt(sum(0, &l), 120);
}
END_TEST

START_TEST(failures_fade_within_a_second)
{
	struct load l = {.failures = 100};

	load_fade(&l, 1);
	ck_assert_uint_eq(sum(0, &l), 36);
	load_fade(&l, 9);
	ck_assert(load_is_plain(&l));
}
END_TEST

START_TEST(a_failure_is_over_in_less_than_a_second)
{
	struct load l = {.failures = 1};

	ck_assert_uint_eq(load_sum(0, &l), LOAD_UNIT);
	load_fade(&l, 0.75);
	ck_assert_uint_eq(load_sum(0, &l), 0);
}
END_TEST

START_TEST(picks_that_are_not_counted_fade_within_five)
{
	struct load l = {.unseen = 100};

	load_fade(&l, 5);
	ck_assert_uint_eq(sum(2, &l), 38);
}
END_TEST

START_TEST(what_came_back_begins_with_its_share)
{
	struct load l = {0};

	load_warm(&l, 2.5, 4);
	ck_assert_uint_eq(sum(0, &l), 10);
	load_fade(&l, 0.5);
	load_fade(&l, 0.5);
	ck_assert_uint_eq(sum(3, &l), 8);
	load_fade(&l, 1);
	ck_assert_uint_eq(sum(0, &l), 0);
	load_fade(&l, 1);
	ck_assert_uint_eq(sum(0, &l), 0);
}
END_TEST

START_TEST(small_parts_are_kept_until_they_cannot_add_up)
{
	struct load l = {.unseen = 0.4}, failed = {.failures = 0.4};

	ck_assert(!load_is_plain(&l));
	ck_assert(!load_is_plain(&failed));
	ck_assert_uint_eq(load_sum(0, &l), 6);
}
END_TEST

START_TEST(a_load_has_an_upper_end)
{
	struct load l = {.unseen = 1e18};

	ck_assert_uint_eq(load_sum(UINT32_MAX, &l), LOAD_MOST);
}
END_TEST

START_TEST(full_is_at_the_limit)
{
	ck_assert(!load_is_full(4, 5));
	ck_assert(load_is_full(5, 5));
	ck_assert(load_is_full(6, 5));
	ck_assert(!load_is_full(UINT32_MAX, 0));
}
END_TEST

START_TEST(counting_takes_a_fiftieth_of_the_time)
{
	ck_assert_double_eq_tol(kernel_pause(0.01, 0.0001, 0.1), 0.09, 1e-9);
	ck_assert_double_eq_tol(kernel_pause(0.2, 0.04, 0.1), 49 * 0.04, 1e-9);
	ck_assert_double_eq_tol(kernel_pause(9, 9, 1), 30, 1e-9);
}
END_TEST

/* Nobody knows who is slow then, and a tenth of a second is many callers. */
START_TEST(counts_follow_each_other_when_callers_come)
{
	ck_assert_double_le(kernel_every(0, 0), 0.025);
	ck_assert_double_le(kernel_every(0.1, 0.4), 0.025);
	ck_assert_double_eq(kernel_every(0.1, 0.6), 0.1);
}
END_TEST

START_TEST(counts_are_a_second_apart_while_nobody_calls)
{
	ck_assert_double_eq(kernel_every(60, 100), 1);
	ck_assert_double_eq(kernel_every(1, 100), 0.1);
	ck_assert_double_eq_tol(kernel_pause(0.01, 0.0001, 1), 0.99, 1e-9);
	ck_assert_double_eq_tol(kernel_pause(0.2, 0.04, 1), 49 * 0.04, 1e-9);
}
END_TEST

Suite *load_suite(void)
{
	Suite *s = suite_create("load");
	TCase *t = tcase_create("load");

	tcase_add_test(t, connections_are_the_load);
	tcase_add_test(t, a_state_has_room_for_the_most_it_can_say);
	tcase_add_test(t, what_fails_fast_does_not_look_idle);
	tcase_add_test(t, failures_fade_within_a_second);
	tcase_add_test(t, a_failure_is_over_in_less_than_a_second);
	tcase_add_test(t, picks_that_are_not_counted_fade_within_five);
	tcase_add_test(t, what_came_back_begins_with_its_share);
	tcase_add_test(t, small_parts_are_kept_until_they_cannot_add_up);
	tcase_add_test(t, a_load_has_an_upper_end);
	tcase_add_test(t, full_is_at_the_limit);
	tcase_add_test(t, counting_takes_a_fiftieth_of_the_time);
	tcase_add_test(t, counts_follow_each_other_when_callers_come);
	tcase_add_test(t, counts_are_a_second_apart_while_nobody_calls);
	suite_add_tcase(s, t);
	return s;
}
