/* How long a turn may last, and what is left for the next. */
#include "beneath.h"
#include "shim/wait.h"
#include "suites.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>

static const uint64_t ms = 1000000;

static void set_up(void)
{
	beneath_set_ms(10000);
	atomic_store(&pending_deadline, PENDING_NEVER);
}

static uint64_t ns_of(time_t sec, long ns)
{
	struct timespec t = {sec, ns};

	return wait_ns_of(&t);
}

START_TEST(times_are_read_as_the_calls_have_them)
{
	ck_assert_uint_eq(wait_ns_of_ms(0), 0);
	ck_assert_uint_eq(wait_ns_of_ms(-1), WAIT_FOREVER);
	ck_assert_uint_eq(wait_ns_of_ms(INT_MIN), WAIT_FOREVER);
	ck_assert_uint_eq(wait_ns_of_ms(INT_MAX), INT_MAX * ms);
	ck_assert_uint_eq(wait_ns_of(NULL), WAIT_FOREVER);
	ck_assert_uint_eq(ns_of(3, 7), 3000000007ULL);
	ck_assert_uint_eq(ns_of(INT64_MAX, 999999999), WAIT_FOREVER);
}
END_TEST

static bool is_timeout(time_t sec, long ns)
{
	struct timespec t = {sec, ns};

	return wait_is_timeout(&t);
}

START_TEST(what_the_kernel_refuses_is_no_time)
{
	ck_assert(wait_is_timeout(NULL));
	ck_assert(!wait_is_timeout((void *)8));
	ck_assert(is_timeout(0, 0));
	ck_assert(is_timeout(INT64_MAX, 999999999));
	ck_assert(!is_timeout(-1, 0));
	ck_assert(!is_timeout(0, -1));
	ck_assert(!is_timeout(0, 1000000000));
}
END_TEST

START_TEST(a_turn_is_as_long_as_what_is_left)
{
	struct wait w;

	wait_begin(&w, 70 * ms, NULL);
	ck_assert_uint_eq(wait_turn(&w), 70 * ms);
	beneath_set_ms(10030);
	ck_assert(!wait_is_over(&w));
	ck_assert_uint_eq(wait_turn(&w), 40 * ms);
	beneath_set_ms(10070);
	ck_assert(wait_is_over(&w));
	ck_assert_uint_eq(wait_turn(&w), 0);
	beneath_set_ms(10090);
	ck_assert(wait_is_over(&w));
	ck_assert_uint_eq(wait_turn(&w), 0);
}
END_TEST

START_TEST(who_does_not_wait_has_one_turn)
{
	struct wait w;

	wait_begin(&w, 0, NULL);
	ck_assert_uint_eq(wait_turn(&w), 0);
	ck_assert(wait_is_over(&w));
}
END_TEST

START_TEST(for_ever_is_for_ever)
{
	struct timespec out;
	struct wait w;

	wait_begin(&w, WAIT_FOREVER, NULL);
	ck_assert_int_eq(wait_turn_ms(&w), -1);
	ck_assert_ptr_null(wait_turn_timespec(&w, &out));
	beneath_set_ms(1ULL << 40);
	ck_assert(!wait_is_over(&w));
	wait_begin(&w, WAIT_FOREVER - 1, NULL);
	ck_assert_int_eq(wait_turn_ms(&w), -1);
}
END_TEST

/* Never less than was asked for, or a program would turn round and round. */
START_TEST(milliseconds_are_rounded_up)
{
	struct wait w;

	wait_begin(&w, 5 * ms + 1, NULL);
	ck_assert_int_eq(wait_turn_ms(&w), 6);
	wait_begin(&w, 5 * ms, NULL);
	ck_assert_int_eq(wait_turn_ms(&w), 5);
	wait_begin(&w, 1, NULL);
	ck_assert_int_eq(wait_turn_ms(&w), 1);
	wait_begin(&w, (uint64_t)INT_MAX * 9 * ms, NULL);
	ck_assert_int_eq(wait_turn_ms(&w), INT_MAX);
}
END_TEST

START_TEST(nanoseconds_are_kept)
{
	struct timespec out;
	struct wait w;

	wait_begin(&w, 3 * 1000 * ms + 7, NULL);
	ck_assert_ptr_eq(wait_turn_timespec(&w, &out), &out);
	ck_assert_int_eq(out.tv_sec, 3);
	ck_assert_int_eq(out.tv_nsec, 7);
}
END_TEST

START_TEST(a_turn_ends_when_something_is_due)
{
	struct wait w;

	atomic_store(&pending_deadline, 10040);
	wait_begin(&w, 70 * ms, NULL);
	ck_assert_uint_eq(wait_turn(&w), 40 * ms);
	wait_begin(&w, 30 * ms, NULL);
	ck_assert_uint_eq(wait_turn(&w), 30 * ms);
	wait_begin(&w, WAIT_FOREVER, NULL);
	ck_assert_uint_eq(wait_turn(&w), 40 * ms);
	ck_assert_uint_eq(beneath_lates, 0);
}
END_TEST

START_TEST(what_is_due_is_seen_to_before_a_turn)
{
	struct wait w;

	atomic_store(&pending_deadline, 10040);
	wait_begin(&w, 2000 * ms, NULL);
	beneath_set_ms(10040);
	ck_assert(!wait_is_over(&w));
	ck_assert_uint_eq(wait_turn(&w), 1000 * ms); /* the next is due then */
	ck_assert_uint_eq(beneath_lates, 1);
}
END_TEST

START_TEST(who_repeats_connect_sees_to_what_is_due)
{
	ck_assert(!wait_has_late());
	atomic_store(&pending_deadline, 10040);
	ck_assert(!wait_has_late());
	beneath_set_ms(10040);
	ck_assert(wait_has_late());
	ck_assert_uint_eq(beneath_lates, 1);
}
END_TEST

/* SIGUSR1, whose handler runs as those that are late are seen to. */
static void ran_meanwhile(struct wait *w, const sigset_t *mask)
{
	atomic_store(&pending_deadline, 10000);
	beneath_ran = 1ULL << (SIGUSR1 - 1);
	wait_begin(w, 2000 * ms, mask);
}

START_TEST(a_handler_that_ran_between_turns_ends_the_wait)
{
	struct wait w;

	ran_meanwhile(&w, NULL);
	ck_assert(!wait_is_interrupted(&w));
	ck_assert_uint_eq(wait_turn(&w), 0);
	errno = 0;
	ck_assert(wait_is_interrupted(&w));
	ck_assert_int_eq(errno, EINTR);
}
END_TEST

START_TEST(one_that_the_wait_had_blocked_does_not)
{
	struct wait w;
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	ran_meanwhile(&w, &mask);
	ck_assert_uint_eq(wait_turn(&w), 1000 * ms);
	ck_assert(!wait_is_interrupted(&w));
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR2);
	ck_assert(wait_is_interrupted(&w));
}
END_TEST

Suite *wait_suite(void)
{
	Suite *suite = suite_create("wait");
	TCase *tc = tcase_create("wait");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_test(tc, times_are_read_as_the_calls_have_them);
	tcase_add_test(tc, what_the_kernel_refuses_is_no_time);
	tcase_add_test(tc, a_turn_is_as_long_as_what_is_left);
	tcase_add_test(tc, who_does_not_wait_has_one_turn);
	tcase_add_test(tc, for_ever_is_for_ever);
	tcase_add_test(tc, milliseconds_are_rounded_up);
	tcase_add_test(tc, nanoseconds_are_kept);
	tcase_add_test(tc, a_turn_ends_when_something_is_due);
	tcase_add_test(tc, what_is_due_is_seen_to_before_a_turn);
	tcase_add_test(tc, who_repeats_connect_sees_to_what_is_due);
	tcase_add_test(tc, a_handler_that_ran_between_turns_ends_the_wait);
	tcase_add_test(tc, one_that_the_wait_had_blocked_does_not);
	suite_add_tcase(suite, tc);
	return suite;
}
