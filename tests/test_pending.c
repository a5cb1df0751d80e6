/* What is remembered of a connect(), by the number of its descriptor. */
#include "beneath.h"
#include "shim/entry.h"
#include "shim/note.h"
#include "suites.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct addr vip = {0, ADDR_V4_PREFIX | 0x7f600101, 80};
static const struct addr backend = {0, ADDR_V4_PREFIX | 0x0a000001, 8000};
static const struct addr another = {0, ADDR_V4_PREFIX | 0x0a000002, 8000};

static struct route route;
static struct tried tried;

static void set_up(void)
{
	beneath_set_ms(10000);
	pending_prepare();
	route = (struct route){.vip = vip, .to = backend};
	route.line = 77;
	route.ordinal = 5;
	route.retries = 3;
	tried = (struct tried){.count = 0};
}

static int new_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	ck_assert_int_ge(fd, 0);
	return fd;
}

static int begun(void)
{
	int fd = new_socket();

	pending_begin(fd, &route, &tried, false, 0);
	return fd;
}

static enum pending_kind kind_found(int fd, const struct addr *asked)
{
	struct route found = {.vip = *asked};

	return pending_find(fd, &found);
}

START_TEST(what_was_begun_is_found)
{
	struct route found = {.vip = vip};
	int fd = begun();

	ck_assert_int_eq(pending_find(fd, &found), PENDING_CONNECT);
	ck_assert(addr_same(&found.to, &backend));
	ck_assert_uint_eq(found.line, 77);
	ck_assert_uint_eq(found.ordinal, 5);
	ck_assert_uint_eq(found.retries, 3);
	ck_assert(pending_is_any_under_way());
	ck_assert(pending_is_under_way(fd));
}
END_TEST

START_TEST(it_is_not_found_at_another_address)
{
	struct addr port = vip;
	int fd = begun();

	port.port++;
	ck_assert_int_eq(kind_found(fd, &backend), PENDING_NOT);
	ck_assert_int_eq(kind_found(fd, &port), PENDING_NOT);
}
END_TEST

/* As by accept(), of which nobody tells us. */
START_TEST(another_socket_of_that_number_is_another)
{
	struct pending p;
	struct addr shown;
	int fd = begun();

	close(fd);
	ck_assert_int_eq(new_socket(), fd);
	ck_assert_int_eq(kind_found(fd, &vip), PENDING_NOT);
	ck_assert(!pending_vip(fd, &backend, &shown));
	ck_assert_int_eq(pending_claim(fd, &p), CLAIM_NONE);
	ck_assert(!pending_told(fd, &p));
}
END_TEST

START_TEST(one_claims_it_and_lets_go)
{
	struct pending p, busy;
	int fd = begun();

	ck_assert_int_eq(pending_claim(fd, &p), CLAIM_GOT);
	ck_assert_int_eq(pending_claim(fd, &busy), CLAIM_BUSY);
	ck_assert_int_eq(p.slot, fd);
	ck_assert(addr_same(&p.vip, &vip));
	p.to = another;
	pending_release(&p, PENDING_CONNECT);
	ck_assert_int_eq(pending_claim(fd, &p), CLAIM_GOT);
	ck_assert(addr_same(&p.to, &another));
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

START_TEST(what_is_forgotten_is_gone)
{
	struct pending p;
	int fd = begun();

	pending_forget(fd);
	ck_assert_int_eq(pending_kind_of(fd), PENDING_NOT);
	ck_assert_int_eq(pending_claim(fd, &p), CLAIM_NONE);
	ck_assert(!pending_is_any_under_way());
}
END_TEST

/* Its number has begun something else while it was being moved. */
START_TEST(what_is_let_go_of_too_late_changes_nothing)
{
	struct route found = {.vip = vip};
	struct pending p;
	int fd = begun();

	ck_assert_int_eq(pending_claim(fd, &p), CLAIM_GOT);
	ck_assert(pending_holds(&p));
	pending_forget(fd);
	ck_assert(!pending_holds(&p));
	pending_release(&p, PENDING_CONNECT);
	ck_assert_int_eq(pending_kind_of(fd), PENDING_NOT);
	ck_assert(!pending_is_any_under_way());
	pending_begin(fd, &route, &tried, false, 0);
	p.to = another;
	pending_release(&p, PENDING_SPENT);
	ck_assert_int_eq(pending_find(fd, &found), PENDING_CONNECT);
	ck_assert(addr_same(&found.to, &backend));
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

	tried_add(&tried, &backend);
	fd = begun();
	ck_assert_int_eq(pending_claim(fd, &p), CLAIM_GOT);
	ck_assert_uint_eq(p.before.count, 1);
	tried_add(&p.before, &another);
	pending_release(&p, PENDING_CONNECT);
	ck_assert_int_eq(pending_claim(fd, &p), CLAIM_GOT);
	ck_assert_uint_eq(p.before.count, 2);
	ck_assert_uint_eq(p.before.mark[0], tried_mark(&backend));
	ck_assert_uint_eq(p.before.mark[1], tried_mark(&another));
}
END_TEST

START_TEST(one_is_late_when_its_time_is_over)
{
	struct pending p;
	int fd;

	route.connect_timeout_ms = 100;
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
	route.connect_timeout_ms = 100;
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

	route.connect_timeout_ms = 100;
	fd = begun();
	close(fd);
	ck_assert_int_eq(new_socket(), fd);
	ck_assert(!pending_claim_late(fd, 10100, &p));
	ck_assert_int_eq(pending_kind_of(fd), PENDING_NOT);
}
END_TEST

START_TEST(it_stands_once)
{
	uint32_t line = 0;
	int fd = begun();

	ck_assert(pending_settle(fd, PENDING_STOOD, &line));
	ck_assert_uint_eq(line, 77);
	ck_assert(!pending_is_any_under_way());
	ck_assert(!pending_settle(fd, PENDING_STOOD, &line));
	ck_assert(!pending_settle(fd, PENDING_PEER, &line));
	ck_assert_int_eq(pending_kind_of(fd), PENDING_PEER);
}
END_TEST

/* Whoever waits looks only where there is one: it must be exact. */
START_TEST(what_stands_is_counted_until_it_is_asked_about)
{
	uint32_t line;
	int fd = begun();

	ck_assert_uint_eq(pending_open(), 1);
	ck_assert(pending_settle(fd, PENDING_STOOD, &line));
	ck_assert_uint_eq(pending_open(), 1ULL << 32);
	ck_assert(!pending_is_any_under_way());
	ck_assert(!pending_settle(fd, PENDING_PEER, &line));
	ck_assert_int_eq(pending_kind_of(fd), PENDING_PEER);
	ck_assert_uint_eq(pending_open(), 0);
}
END_TEST

START_TEST(what_stands_is_not_counted_under_a_number_that_is_another_s)
{
	struct pending p;
	uint32_t line;
	int fd = begun(), other = begun();

	ck_assert(pending_settle(fd, PENDING_STOOD, &line));
	ck_assert(pending_settle(other, PENDING_STOOD, &line));
	ck_assert_uint_eq(pending_open(), 2ULL << 32);
	pending_peer(other, &route);
	ck_assert_uint_eq(pending_open(), 1ULL << 32);
	pending_begin(fd, &route, &tried, false, 0);
	ck_assert_uint_eq(pending_open(), 1);
	ck_assert_int_eq(pending_claim(fd, &p), CLAIM_GOT);
	ck_assert_uint_eq(pending_open(), 1);
	pending_release(&p, PENDING_STOOD);
	ck_assert_uint_eq(pending_open(), 1ULL << 32);
	pending_forget(fd);
	ck_assert_uint_eq(pending_open(), 0);
}
END_TEST

/* As when two threads are told of it at once. */
START_TEST(a_turn_that_comes_too_late_counts_for_nothing)
{
	int fd = begun();
	struct entry *e = entry_of(fd);
	uint64_t word = atomic_load(&e->state);

	ck_assert(entry_turn(e, word, entry_changed(word, PENDING_STOOD)));
	ck_assert(!entry_turn(e, word, entry_changed(word, PENDING_STOOD)));
	ck_assert_uint_eq(pending_open(), 1ULL << 32);
	ck_assert(!entry_turn(e, word, entry_changed(word, PENDING_NOT)));
	ck_assert_uint_eq(pending_open(), 1ULL << 32);
}
END_TEST

START_TEST(those_that_are_open_are_found_in_order)
{
	uint32_t line;
	int low = begun(), high = fcntl(low, F_DUPFD, 200);

	pending_begin(high, &route, &tried, false, 0);
	ck_assert_int_eq(pending_next(0), low);
	ck_assert_int_eq(pending_next(low), low);
	ck_assert_int_eq(pending_next(low + 1), high);
	ck_assert_int_eq(pending_next(high + 1), -1);
	ck_assert(pending_settle(high, PENDING_STOOD, &line));
	pending_forget(low);
	ck_assert_int_eq(pending_next(0), high);
	pending_begin(low, &route, &tried, false, 0);
	ck_assert_int_eq(pending_next(0), low);
	pending_settle(high, PENDING_PEER, &line);
	ck_assert_int_eq(pending_next(low + 1), -1);
	pending_forget(low);
	ck_assert_int_eq(pending_next(0), -1);
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

START_TEST(high_numbers_are_not_remembered)
{
	pending_begin(FDS, &route, &tried, false, 0);
	pending_begin(-1, &route, &tried, false, 0);
	pending_peer(FDS + 7, &route);
	ck_assert_int_eq(pending_kind_of(FDS), PENDING_NOT);
	ck_assert(!pending_is_any_under_way());
	ck_assert_int_eq(pending_next(0), -1);
}
END_TEST

START_TEST(who_is_locked_in_asks_for_nothing)
{
	int fd = begun();

	beneath_lock_in();
	ck_assert_int_eq(kind_found(fd, &vip), PENDING_NOT);
	pending_forget(fd);
	pending_begin(fd, &route, &tried, false, 0);
	ck_assert_int_eq(pending_kind_of(fd), PENDING_NOT);
}
END_TEST

START_TEST(the_address_asked_for_is_shown_for_its_backend)
{
	struct addr shown = {0, 0, 0};
	int fd = new_socket();

	pending_peer(fd, &route);
	ck_assert(!pending_vip(fd, &another, &shown));
	ck_assert(pending_vip(fd, &backend, &shown));
	ck_assert(addr_same(&shown, &vip));
	route.peer_is_real = true;
	pending_peer(fd, &route);
	ck_assert(!pending_vip(fd, &backend, &shown));
}
END_TEST

/* But for registrations, which it shares with its parent. */
START_TEST(a_child_knows_of_nothing)
{
	int fd = begun(), status;
	pid_t child;

	note_take(fd, 4711, 1);
	child = fork();
	if (!child)
		_exit(pending_kind_of(fd) != PENDING_NOT || pending_open() ||
			pending_next(0) != -1 || !note_is(fd, 4711));
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(pending_kind_of(fd), PENDING_CONNECT);
}
END_TEST

START_TEST(before_an_attach_there_is_nothing_to_know)
{
	struct pending p;
	int fd = begun();

	ck_assert_int_eq(pending_kind_of(fd), PENDING_NOT);
	ck_assert_int_eq(pending_claim(fd, &p), CLAIM_NONE);
	ck_assert_int_eq(pending_next(0), -1);
	note_take(fd, 4711, 1);
	ck_assert(!note_is(fd, 4711));
	ck_assert_int_eq(note_find(0, 9, 4711), 9);
}
END_TEST

START_TEST(a_registration_is_noted_and_put_back)
{
	struct noted before = note_take(5, 4711, 1);

	ck_assert_uint_eq(before.events, 0);
	ck_assert(note_is(5, 4711));
	ck_assert_uint_eq(note_events(5), 1);
	before = note_take(5, 42, 4);
	ck_assert(!note_is(5, 4711));
	note_put_back(5, before);
	ck_assert(note_is(5, 4711));
	ck_assert_uint_eq(note_events(5), 1);
	ck_assert(!note_is(6, 0)); /* not noted */
}
END_TEST

START_TEST(who_was_left_the_same_is_found_in_order)
{
	note_take(5, 4711, 1);
	note_take(9, 4711, 0);
	note_take(7, 42, 1);
	ck_assert_int_eq(note_end(), 10);
	ck_assert_int_eq(note_find(0, 10, 4711), 5);
	ck_assert_int_eq(note_find(6, 10, 4711), 9);
	ck_assert_int_eq(note_find(6, 9, 4711), 9);
	ck_assert_int_eq(note_find(0, 10, 0), 10);
}
END_TEST

/* They are not looked for: the data says who it is. */
START_TEST(who_was_left_its_number_is_not_looked_for)
{
	for (uint64_t fd = 0; fd < 100; fd++)
		note_take((int)fd, 7ULL << 32 | fd, 1);
	ck_assert_int_eq(note_end(), 0);
	note_take(50, 51, 1);
	ck_assert_int_eq(note_end(), 51);
	note_take(FDS, 4711, 1);
	ck_assert_int_eq(note_end(), 51);
}
END_TEST

START_TEST(a_number_that_is_another_s_was_left_nothing)
{
	note_take(9, 4711, 1);
	note_forget(9);
	ck_assert(!note_is(9, 4711));
	ck_assert_int_eq(note_find(0, 10, 4711), 10);
	note_forget(-1);
	note_forget(FDS);
}
END_TEST

Suite *pending_suite(void)
{
	Suite *suite = suite_create("pending");
	TCase *tc = tcase_create("pending"), *bare = tcase_create("bare");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_test(tc, what_was_begun_is_found);
	tcase_add_test(tc, it_is_not_found_at_another_address);
	tcase_add_test(tc, another_socket_of_that_number_is_another);
	tcase_add_test(tc, one_claims_it_and_lets_go);
	tcase_add_test(tc, of_many_threads_one_has_it);
	tcase_add_test(tc, a_duplicate_is_known_while_it_is_under_way);
	tcase_add_test(tc, what_is_forgotten_is_gone);
	tcase_add_test(tc, what_is_let_go_of_too_late_changes_nothing);
	tcase_add_test(tc, an_error_is_told_once);
	tcase_add_test(tc, backends_that_were_tried_stay_so);
	tcase_add_test(tc, one_is_late_when_its_time_is_over);
	tcase_add_test(tc, time_may_pass_the_end_of_32_bits);
	tcase_add_test(tc, a_number_closed_long_ago_is_not_late);
	tcase_add_test(tc, it_stands_once);
	tcase_add_test(tc, what_stands_is_counted_until_it_is_asked_about);
	tcase_add_test(tc,
		what_stands_is_not_counted_under_a_number_that_is_another_s);
	tcase_add_test(tc, a_turn_that_comes_too_late_counts_for_nothing);
	tcase_add_test(tc, those_that_are_open_are_found_in_order);
	tcase_add_test(tc, one_that_stood_is_claimed_under_either_number);
	tcase_add_test(tc, high_numbers_are_not_remembered);
	tcase_add_test(tc, who_is_locked_in_asks_for_nothing);
	tcase_add_test(tc, the_address_asked_for_is_shown_for_its_backend);
	tcase_add_test(tc, a_child_knows_of_nothing);
	tcase_add_test(tc, a_registration_is_noted_and_put_back);
	tcase_add_test(tc, who_was_left_the_same_is_found_in_order);
	tcase_add_test(tc, who_was_left_its_number_is_not_looked_for);
	tcase_add_test(tc, a_number_that_is_another_s_was_left_nothing);
	tcase_add_test(bare, before_an_attach_there_is_nothing_to_know);
	suite_add_tcase(suite, tc);
	suite_add_tcase(suite, bare);
	return suite;
}
