/* What is remembered of a connect(), by the number of its descriptor. */
#include "test_pending.h"
#include "begun.h"
#include "beneath.h"
#include "shim/entry.h"
#include "shim/note.h"
#include "suites.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static enum pending_kind kind_found(int fd, const struct addr *asked)
{
	struct route found = {.vip = *asked};

	return pending_find(fd, &found);
}

START_TEST(what_was_begun_is_found)
{
	struct route found = {.vip = begun_vip};
	int fd = begun();

	ck_assert_int_eq(pending_find(fd, &found), PENDING_CONNECT);
	ck_assert(addr_same(&found.to, &begun_backend));
	ck_assert_uint_eq(found.line, 77);
	ck_assert_uint_eq(found.ordinal, 5);
	ck_assert_uint_eq(found.retries, 3);
	ck_assert(pending_is_any_under_way());
	ck_assert(pending_is_under_way(fd));
}
END_TEST

START_TEST(it_is_not_found_at_another_address)
{
	struct addr port = begun_vip;
	int fd = begun();

	port.port++;
	ck_assert_int_eq(kind_found(fd, &begun_backend), PENDING_NOT);
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
	ck_assert_int_eq(begun_socket(), fd);
	ck_assert_int_eq(kind_found(fd, &begun_vip), PENDING_NOT);
	ck_assert(!pending_vip(fd, &begun_backend, &shown));
	ck_assert_int_eq(pending_claim(fd, &p), CLAIM_NONE);
	ck_assert(!pending_told(fd, &p));
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
	pending_peer(other, &begun_route);
	ck_assert_uint_eq(pending_open(), 1ULL << 32);
	pending_begin(fd, &begun_route, &begun_tried, false, 0);
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

	pending_begin(high, &begun_route, &begun_tried, false, 0);
	ck_assert_int_eq(pending_next(0), low);
	ck_assert_int_eq(pending_next(low), low);
	ck_assert_int_eq(pending_next(low + 1), high);
	ck_assert_int_eq(pending_next(high + 1), -1);
	ck_assert(pending_settle(high, PENDING_STOOD, &line));
	pending_forget(low);
	ck_assert_int_eq(pending_next(0), high);
	pending_begin(low, &begun_route, &begun_tried, false, 0);
	ck_assert_int_eq(pending_next(0), low);
	pending_settle(high, PENDING_PEER, &line);
	ck_assert_int_eq(pending_next(low + 1), -1);
	pending_forget(low);
	ck_assert_int_eq(pending_next(0), -1);
}
END_TEST

START_TEST(high_numbers_are_not_remembered)
{
	pending_begin(FDS, &begun_route, &begun_tried, false, 0);
	pending_begin(-1, &begun_route, &begun_tried, false, 0);
	pending_peer(FDS + 7, &begun_route);
	ck_assert_int_eq(pending_kind_of(FDS), PENDING_NOT);
	ck_assert(!pending_is_any_under_way());
	ck_assert_int_eq(pending_next(0), -1);
}
END_TEST

START_TEST(who_is_locked_in_asks_for_nothing)
{
	int fd = begun();

	beneath_lock_in();
	ck_assert_int_eq(kind_found(fd, &begun_vip), PENDING_NOT);
	pending_forget(fd);
	pending_begin(fd, &begun_route, &begun_tried, false, 0);
	ck_assert_int_eq(pending_kind_of(fd), PENDING_NOT);
}
END_TEST

START_TEST(the_address_asked_for_is_shown_for_its_backend)
{
	struct addr shown = {0, 0, 0};
	int fd = begun_socket();

	pending_peer(fd, &begun_route);
	ck_assert(!pending_vip(fd, &begun_another, &shown));
	ck_assert(pending_vip(fd, &begun_backend, &shown));
	ck_assert(addr_same(&shown, &begun_vip));
	begun_route.peer_is_real = true;
	pending_peer(fd, &begun_route);
	ck_assert(!pending_vip(fd, &begun_backend, &shown));
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

Suite *pending_suite(void)
{
	Suite *suite = suite_create("pending");
	TCase *tc = tcase_create("pending"), *bare = tcase_create("bare");

	tcase_add_checked_fixture(tc, begun_set_up, NULL);
	tcase_add_test(tc, what_was_begun_is_found);
	tcase_add_test(tc, it_is_not_found_at_another_address);
	tcase_add_test(tc, another_socket_of_that_number_is_another);
	tcase_add_test(tc, what_is_forgotten_is_gone);
	tcase_add_test(tc, it_stands_once);
	tcase_add_test(tc, what_stands_is_counted_until_it_is_asked_about);
	tcase_add_test(tc,
		what_stands_is_not_counted_under_a_number_that_is_another_s);
	tcase_add_test(tc, a_turn_that_comes_too_late_counts_for_nothing);
	tcase_add_test(tc, those_that_are_open_are_found_in_order);
	tcase_add_test(tc, high_numbers_are_not_remembered);
	tcase_add_test(tc, who_is_locked_in_asks_for_nothing);
	tcase_add_test(tc, the_address_asked_for_is_shown_for_its_backend);
	tcase_add_test(tc, a_child_knows_of_nothing);
	tcase_add_test(bare, before_an_attach_there_is_nothing_to_know);
	suite_add_tcase(suite, tc);
	suite_add_tcase(suite, bare);
	suite_add_tcase(suite, pending_claim_case());
	suite_add_tcase(suite, pending_note_case());
	return suite;
}
