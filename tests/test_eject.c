/* Ejection, as numbers: what was heard is a ground or none, and for how long. */
#include "test_eject.h"
#include "lbd/eject.h"
#include "suites.h"

START_TEST(failures_count_until_a_success)
{
	struct ejection e = {0};

	eject_hear(&e, 1, 0, 4, 1);
	eject_heard_all(&e);
	ck_assert_int_eq(eject_ground(&e, 5, true, 1), EJECT_NOT);
	eject_hear(&e, 1, 0, 1, 1);
	eject_heard_all(&e);
	ck_assert_int_eq(eject_ground(&e, 5, true, 1), EJECT_ONLY_USER);
	eject_hear(&e, 1, 1, 0, 1);
	eject_heard_all(&e);
	ck_assert_int_eq(eject_ground(&e, 5, true, 1), EJECT_NOT);
}
END_TEST

START_TEST(a_success_of_anyone_in_the_reading_counts)
{
	struct ejection e = {0}, f = {0};

	eject_hear(&e, 1, 0, 9, 1);
	eject_hear(&e, 2, 1, 0, 1);
	eject_heard_all(&e);
	ck_assert_int_eq(eject_ground(&e, 5, false, 1), EJECT_NOT);
	eject_hear(&f, 2, 1, 0, 1);
	eject_hear(&f, 1, 0, 9, 1);
	eject_heard_all(&f);
	ck_assert_int_eq(eject_ground(&f, 5, false, 1), EJECT_NOT);
}
END_TEST

START_TEST(one_user_of_several_is_asked_about)
{
	struct ejection e = {0};

	for (int i = 0; i < 100; i++) {
		eject_hear(&e, 1, 0, 9, 1);
		eject_heard_all(&e);
	}
	ck_assert_int_eq(eject_ground(&e, 5, false, 1), EJECT_ASK);
	eject_hear(&e, 2, 0, 1, 1);
	eject_heard_all(&e);
	ck_assert_int_eq(eject_ground(&e, 5, false, 1), EJECT_USERS);
}
END_TEST

START_TEST(users_that_failed_long_apart_are_not_two)
{
	struct ejection e = {0};

	eject_hear(&e, 1, 0, 1, 100);
	eject_hear(&e, 2, 0, 9, 161);
	ck_assert_int_eq(eject_ground(&e, 5, false, 161), EJECT_ASK);
	eject_hear(&e, 1, 0, 1, 200);
	ck_assert_int_eq(eject_ground(&e, 5, false, 200), EJECT_USERS);
	ck_assert_int_eq(eject_ground(&e, 5, false, 230), EJECT_ASK);
}
END_TEST

START_TEST(lies_of_any_size_stay_numbers)
{
	static const uint64_t lies[] = {
		5, UINT64_MAX, 7, 1ULL << 32, UINT32_MAX, UINT64_MAX / 2};
	struct ejection e = {0};

	for (int i = 0; i < 6; i++) {
		uint32_t before = e.failures;

		eject_hear(&e, 1, 0, lies[i], 1);
		eject_heard_all(&e);
		ck_assert_int_eq(eject_ground(&e, 5, false, 1), EJECT_ASK);
		ck_assert_uint_ge(e.failures, before);
	}
	eject_hear(&e, 1, UINT64_MAX, UINT64_MAX, 1);
	eject_heard_all(&e);
	ck_assert_uint_eq(e.failures, 0);
}
END_TEST

START_TEST(at_most_three_in_ten_and_one_at_least)
{
	ck_assert_uint_eq(eject_most(1), 1);
	ck_assert_uint_eq(eject_most(6), 1);
	ck_assert_uint_eq(eject_most(7), 2);
	ck_assert_uint_eq(eject_most(100), 30);
}
END_TEST

/* Out and back again at once: how long it was to be. */
static double length(struct ejection *e, double now, double chance)
{
	double until;

	eject_begin(e, 10, false, now, chance);
	until = e->until;
	eject_end(e, now);
	return until - now;
}

START_TEST(each_ejection_is_longer_than_the_last)
{
	struct ejection e = {0};

	ck_assert_double_eq_tol(length(&e, 1000, 0.5), 10, 1e-9);
	ck_assert_double_eq_tol(length(&e, 1001, 0.5), 20, 1e-9);
	ck_assert_double_eq_tol(length(&e, 1002, 0), 27, 1e-9);
	for (int i = 0; i < 100; i++)
		ck_assert_double_le(length(&e, 1003, 0.999), 300);
	ck_assert_double_eq_tol(length(&e, 1004, 0.5), 300, 1e-9);
}
END_TEST

START_TEST(good_life_makes_forget)
{
	struct ejection e = {0};

	length(&e, 1000, 0.5);
	length(&e, 1000, 0.5);
	ck_assert_double_eq_tol(length(&e, 1019, 0.5), 30, 1e-9);
	ck_assert_double_eq_tol(length(&e, 1049, 0.5), 10, 1e-9);
}
END_TEST

START_TEST(a_good_probe_ends_a_first_ejection)
{
	struct ejection e = {0};

	eject_begin(&e, 10, false, 100, 0.5);
	ck_assert(!eject_probed(&e, 99, true)); /* asked before */
	ck_assert(!eject_probed(&e, 101, false));
	ck_assert(eject_probed(&e, 101, true));
}
END_TEST

START_TEST(a_probe_that_saw_nothing_does_not_end_the_next)
{
	struct ejection e = {0};

	eject_begin(&e, 10, false, 100, 0.5);
	eject_end(&e, 101);
	eject_begin(&e, 10, false, 102, 0.5);
	ck_assert(!eject_probed(&e, 103, true));
	ck_assert(!eject_probed(&e, 104, false)); /* now it does see */
	ck_assert(eject_probed(&e, 105, true));
}
END_TEST

Suite *eject_suite(void)
{
	Suite *s = suite_create("eject");
	TCase *t = tcase_create("eject");

	tcase_add_test(t, failures_count_until_a_success);
	tcase_add_test(t, a_success_of_anyone_in_the_reading_counts);
	tcase_add_test(t, one_user_of_several_is_asked_about);
	tcase_add_test(t, users_that_failed_long_apart_are_not_two);
	tcase_add_test(t, lies_of_any_size_stay_numbers);
	tcase_add_test(t, at_most_three_in_ten_and_one_at_least);
	tcase_add_test(t, each_ejection_is_longer_than_the_last);
	tcase_add_test(t, good_life_makes_forget);
	tcase_add_test(t, a_good_probe_ends_a_first_ejection);
	tcase_add_test(t, a_probe_that_saw_nothing_does_not_end_the_next);
	suite_add_tcase(s, t);
	suite_add_tcase(s, eject_grounds_case());
	suite_add_tcase(s, eject_return_case());
	return s;
}
