/* A connection is one thread's at a time, and late when its time is over. */
#include "begun.h"
#include "beneath.h"
#include "test_pending.h"

#include <pthread.h>
#include <unistd.h>

START_TEST(one_claims_it_and_lets_go)
{
	struct pending p, busy;
	int fd = begun();

	ck_assert_int_eq(pending_claim(fd, &p), CLAIM_GOT);
	ck_assert_int_eq(pending_claim(fd, &busy), CLAIM_BUSY);
	ck_assert_int_eq(p.slot, fd);
	ck_assert(addr_same(&p.vip, &begun_vip));
	p.to = begun_another;
	pending_release(&p, PENDING_CONNECT);
	ck_assert_int_eq(pending_claim(fd, &p), CLAIM_GOT);
	ck_assert(addr_same(&p.to, &begun_another));
}
END_TEST

enum { THREADS = 8, ROUNDS = 2000 };

static _Atomic int holders, most;

static void *claim_often(void *arg)
{
	struct pending p;

	for (int i = 0; i < ROUNDS; i++) {
		if (pending_claim(*(int *)arg, &p) != CLAIM_GOT)
			continue;
		if (atomic_fetch_add(&holders, 1))
			atomic_store(&most, 2);
		atomic_fetch_sub(&holders, 1);
		pending_release(&p, PENDING_CONNECT);
	}
	return NULL;
}

START_TEST(of_many_threads_one_has_it)
{
	pthread_t thread[THREADS];
	int fd = begun();

	for (int i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, claim_often, &fd);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	ck_assert_int_eq(most, 0);
	ck_assert_int_eq(pending_kind_of(fd), PENDING_CONNECT);
	ck_assert_uint_eq(*pending_count, 1);
}
END_TEST

START_TEST(a_duplicate_is_known_while_it_is_under_way)
{
	struct pending p;
	int fd = begun(), copy = dup(fd);

	ck_assert_int_eq(pending_claim(copy, &p), CLAIM_GOT);
	ck_assert_int_eq(p.slot, fd);
	pending_release(&p, PENDING_PEER);
	ck_assert_int_eq(pending_claim(copy, &p), CLAIM_NONE);
	ck_assert_int_eq(pending_claim(STDIN_FILENO, &p), CLAIM_NONE);
}
END_TEST

/* Its number has begun something else while it was being moved. */
START_TEST(what_is_let_go_of_too_late_changes_nothing)
{
	struct route found = {.vip = begun_vip};
	struct pending p;
	int fd = begun();

	ck_assert_int_eq(pending_claim(fd, &p), CLAIM_GOT);
	ck_assert(pending_holds(&p));
	pending_forget(fd);
	ck_assert(!pending_holds(&p));
	pending_release(&p, PENDING_CONNECT);
	ck_assert_int_eq(pending_kind_of(fd), PENDING_NOT);
	ck_assert(!pending_is_any_under_way());
	pending_begin(fd, &begun_route, &begun_tried, false, 0);
	p.to = begun_another;
	pending_release(&p, PENDING_SPENT);
	ck_assert_int_eq(pending_find(fd, &found), PENDING_CONNECT);
	ck_assert(addr_same(&found.to, &begun_backend));
}
END_TEST

START_TEST(an_error_is_told_once)
{
	struct pending p;
	int fd = begun();

	ck_assert(!pending_told(fd, &p));
	ck_assert_int_eq(pending_claim(fd, &p), CLAIM_GOT);
	p.owed = 111;
	pending_release(&p, PENDING_SPENT);
	ck_assert(!pending_is_any_under_way());
	ck_assert(pending_told(fd, &p));
	ck_assert_int_eq(p.owed, 111);
	ck_assert(!pending_told(fd, &p));
	ck_assert_int_eq(pending_kind_of(fd), PENDING_TOLD);
}
END_TEST

START_TEST(backends_that_were_tried_stay_so)
{
	struct pending p;
	int fd;

	tried_add(&begun_tried, &begun_backend);
	fd = begun();
	ck_assert_int_eq(pending_claim(fd, &p), CLAIM_GOT);
	ck_assert_uint_eq(p.before.count, 1);
	tried_add(&p.before, &begun_another);
	pending_release(&p, PENDING_CONNECT);
	ck_assert_int_eq(pending_claim(fd, &p), CLAIM_GOT);
	ck_assert_uint_eq(p.before.count, 2);
	ck_assert_uint_eq(p.before.mark[0], tried_mark(&begun_backend));
	ck_assert_uint_eq(p.before.mark[1], tried_mark(&begun_another));
}
END_TEST

START_TEST(one_is_late_when_its_time_is_over)
{
	struct pending p;
	int fd;

	begun_route.connect_timeout_ms = 100;
	fd = begun();
	ck_assert_uint_eq(pending_deadline, 10100);
	ck_assert(!pending_claim_late(fd, 10099, &p));
	ck_assert(pending_claim_late(fd, 10100, &p));
	p.deadline += 100;
	pending_release(&p, PENDING_CONNECT);
	pending_find_deadline(10100);
	ck_assert_uint_eq(pending_deadline, 10200);
	ck_assert(pending_claim_late(fd, 10200, &p));
	p.is_timed = false;
	pending_release(&p, PENDING_CONNECT);
	pending_find_deadline(10200);
	ck_assert_uint_eq(pending_deadline, PENDING_NEVER);
	ck_assert(!pending_claim_late(fd, 99999, &p));
}
END_TEST

/* Entries keep the low half of the clock. */
START_TEST(time_may_pass_the_end_of_32_bits)
{
	const uint64_t now = UINT32_MAX - 50ULL;
	struct pending p;
	int fd;

	beneath_set_ms(now);
	begun_route.connect_timeout_ms = 100;
	fd = begun();
	ck_assert(!pending_claim_late(fd, now + 99, &p));
	pending_find_deadline(now);
	ck_assert_uint_eq(pending_deadline, now + 100);
	ck_assert(pending_claim_late(fd, now + 100, &p));
}
END_TEST

START_TEST(a_number_closed_long_ago_is_not_late)
{
	struct pending p;
	int fd;

	begun_route.connect_timeout_ms = 100;
	fd = begun();
	close(fd);
	ck_assert_int_eq(begun_socket(), fd);
	ck_assert(!pending_claim_late(fd, 10100, &p));
	ck_assert_int_eq(pending_kind_of(fd), PENDING_NOT);
}
END_TEST

/* What stood and was reset is under way again. */
START_TEST(one_that_stood_is_claimed_under_either_number)
{
	struct pending p;
	uint32_t line;
	int fd = begun(), copy = dup(fd);

	ck_assert(pending_settle(fd, PENDING_STOOD, &line));
	ck_assert_int_eq(pending_claim(copy, &p), CLAIM_GOT);
	ck_assert_int_eq(p.slot, fd);
	pending_release(&p, PENDING_STOOD);
	ck_assert_int_eq(pending_claim(fd, &p), CLAIM_GOT);
	pending_release(&p, PENDING_CONNECT);
	ck_assert(pending_is_under_way(fd));
}
END_TEST

TCase *pending_claim_case(void)
{
	TCase *t = tcase_create("claim");

	tcase_add_checked_fixture(t, begun_set_up, NULL);
	tcase_add_test(t, one_claims_it_and_lets_go);
	tcase_add_test(t, of_many_threads_one_has_it);
	tcase_add_test(t, a_duplicate_is_known_while_it_is_under_way);
	tcase_add_test(t, what_is_let_go_of_too_late_changes_nothing);
	tcase_add_test(t, an_error_is_told_once);
	tcase_add_test(t, backends_that_were_tried_stay_so);
	tcase_add_test(t, one_is_late_when_its_time_is_over);
	tcase_add_test(t, time_may_pass_the_end_of_32_bits);
	tcase_add_test(t, a_number_closed_long_ago_is_not_late);
	tcase_add_test(t, one_that_stood_is_claimed_under_either_number);
	return t;
}
