/*
 * What the kernel says of a connection, and what of that a program is to hear:
 * real sockets, that connect to this program itself.
 */
#include "beneath.h"
#include "shim/tell.h"
#include "suites.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

enum { QUEUE = 500, ROUNDS = 16 };

static struct sockaddr_in here;
static int listener;

/* A port of this machine's where somebody listens until told otherwise. */
static void set_up(void)
{
	socklen_t len = sizeof(here);

	here.sin_family = AF_INET;
	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	here.sin_port = 0;
	listener = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert(!bind(listener, (void *)&here, sizeof(here)));
	ck_assert(!listen(listener, 0));
	ck_assert(!getsockname(listener, (void *)&here, &len));
	beneath_set_ms(10000);
	beneath_next = PENDING_CONNECT;
	beneath_moves = beneath_reports = 0;
	beneath_moved_for = -1;
	pending_prepare();
}

static int dial(unsigned timeout_ms)
{
	struct route route = {.retries = 3, .connect_timeout_ms = timeout_ms};
	struct tried none = {.count = 0};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	ck_assert_int_eq(connect(fd, (void *)&here, sizeof(here)), -1);
	ck_assert_int_eq(errno, EINPROGRESS);
	pending_begin(fd, &route, &none, false, 0);
	return fd;
}

static void wait_for(int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};

	ck_assert_int_eq(poll(&p, 1, 5000), 1);
}

static int refused(void)
{
	int fd;

	close(listener);
	fd = dial(0);
	wait_for(fd, POLLOUT);
	return fd;
}

static int standing(void)
{
	int fd = dial(0);

	wait_for(fd, POLLOUT);
	return fd;
}

/* The queue is full: whoever comes next is not answered. */
static int unanswered(unsigned timeout_ms)
{
	standing();
	return dial(timeout_ms);
}

/* By its server, which has not taken it. */
static int reset(int fd)
{
	close(listener);
	wait_for(fd, POLLIN);
	return fd;
}

static int error_of(int fd)
{
	int err = 0;
	socklen_t len = sizeof(err);

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	return err;
}

static enum tell told(int fd, enum tell_why why, int err)
{
	struct pending p;

	ck_assert_int_eq(pending_claim(fd, &p), CLAIM_GOT);
	return tell_what(fd, &p, why, err);
}

START_TEST(a_refusal_is_told_later)
{
	int fd = refused();

	ck_assert(tell_is_wrong(fd));
	ck_assert(tell_has_error(fd));
	ck_assert_int_eq(told(fd, TELL_EVENT, 0), TELL_LATER);
	ck_assert_uint_eq(beneath_moves, 1);
	ck_assert_int_eq(beneath_moved_for, 0);
	ck_assert_int_eq(pending_kind_of(fd), PENDING_CONNECT);
}
END_TEST

START_TEST(a_refusal_that_was_asked_for_is_told_later)
{
	int fd = refused(), err = error_of(fd);

	ck_assert_int_eq(err, ECONNREFUSED);
	ck_assert_int_eq(told(fd, TELL_ASKED, err), TELL_LATER);
	ck_assert_int_eq(beneath_moved_for, ECONNREFUSED);
}
END_TEST

START_TEST(where_nobody_is_left_it_is_told)
{
	int fd = refused();

	beneath_next = PENDING_NOT;
	ck_assert_int_eq(told(fd, TELL_EVENT, 0), TELL);
	ck_assert_int_eq(pending_kind_of(fd), PENDING_SPENT);
}
END_TEST

START_TEST(and_once_it_was_asked_for_that_is_the_end)
{
	int fd = refused();

	beneath_next = PENDING_NOT;
	ck_assert_int_eq(told(fd, TELL_ASKED, error_of(fd)), TELL);
	ck_assert_int_eq(pending_kind_of(fd), PENDING_TOLD);
}
END_TEST

/* By a read, which nobody sees. */
START_TEST(what_was_told_is_not_moved)
{
	int fd = refused();

	ck_assert_int_eq(recv(fd, &(char){0}, 1, 0), -1);
	ck_assert_int_eq(errno, ECONNREFUSED);
	ck_assert_int_eq(told(fd, TELL_EVENT, 0), TELL);
	ck_assert_uint_eq(beneath_moves, 0);
	ck_assert_int_eq(pending_kind_of(fd), PENDING_TOLD);
}
END_TEST

START_TEST(a_socket_that_waits_is_not_moved)
{
	int fd = refused();

	ck_assert(!tell_is_blocking(fd));
	fcntl(fd, F_SETFL, 0);
	ck_assert(tell_is_blocking(fd));
	ck_assert_int_eq(told(fd, TELL_EVENT, 0), TELL);
	ck_assert_uint_eq(beneath_moves, 0);
}
END_TEST

START_TEST(what_stands_is_well)
{
	int fd = standing();

	ck_assert(tell_stands(fd));
	ck_assert(!tell_is_wrong(fd));
	ck_assert_int_eq(told(fd, TELL_EVENT, 0), TELL_NOT);
	ck_assert_int_eq(pending_kind_of(fd), PENDING_STOOD);
}
END_TEST

/* Several may find that out, one after the other. */
START_TEST(that_it_stands_is_counted_once)
{
	int fd = standing();

	ck_assert_int_eq(told(fd, TELL_EVENT, 0), TELL_NOT);
	ck_assert_int_eq(told(fd, TELL_EVENT, 0), TELL_NOT);
	ck_assert_uint_eq(beneath_reports, 1);
}
END_TEST

START_TEST(what_is_on_its_way_is_well)
{
	int fd = unanswered(0);

	ck_assert(tell_is_connecting(fd));
	ck_assert(!tell_stands(fd));
	ck_assert_int_eq(told(fd, TELL_EVENT, 0), TELL_NOT);
	ck_assert_int_eq(pending_kind_of(fd), PENDING_CONNECT);
	ck_assert_uint_eq(beneath_moves, 0);
}
END_TEST

START_TEST(what_was_reset_in_the_queue_is_moved)
{
	int fd = reset(standing());

	ck_assert_int_eq(told(fd, TELL_EVENT, 0), TELL_LATER);
	ck_assert_uint_eq(beneath_moves, 1);
}
END_TEST

static void *close_listener(void *none)
{
	close(listener);
	return none;
}

/*
 * By another processor, one after the other, and each is looked at as soon as
 * anything shows: a reset is an error before it is a state.
 */
START_TEST(what_is_just_being_reset_is_moved)
{
	int fd[QUEUE];
	pthread_t server;

	for (int round = 0; round < ROUNDS; round++) {
		set_up();
		ck_assert(!listen(listener, QUEUE));
		for (int i = 0; i < QUEUE; i++)
			fd[i] = standing();
		pthread_create(&server, NULL, close_listener, NULL);
		for (int i = 0; i < QUEUE; i++) {
			while (!tell_is_wrong(fd[i]))
				;
			ck_assert_int_eq(
				told(fd[i], TELL_EVENT, 0), TELL_LATER);
		}
		pthread_join(server, NULL);
		for (int i = 0; i < QUEUE; i++)
			close(fd[i]);
	}
}
END_TEST

START_TEST(what_has_carried_a_byte_is_not)
{
	int fd = standing();

	ck_assert_int_eq(send(fd, "x", 1, 0), 1);
	ck_assert_int_eq(told(reset(fd), TELL_EVENT, 0), TELL);
	ck_assert_uint_eq(beneath_moves, 0);
}
END_TEST

START_TEST(what_its_program_has_shut_is_not_moved)
{
	int fd = refused(), err = error_of(fd);

	shutdown(fd, SHUT_RDWR);
	ck_assert_int_eq(told(fd, TELL_EVENT, 0), TELL);
	ck_assert_uint_eq(beneath_moves, 0);
	ck_assert_int_eq(err, ECONNREFUSED);
}
END_TEST

/* After three seconds it is the kernel's patience that has run out. */
START_TEST(a_timeout_of_the_kernels_is_told)
{
	int fd = unanswered(0);

	beneath_set_ms(13000);
	ck_assert_int_eq(told(fd, TELL_ASKED, ETIMEDOUT), TELL);
	ck_assert_uint_eq(beneath_moves, 0);
}
END_TEST

/* Or that of the program itself, which is shorter. */
START_TEST(a_timeout_of_the_program_s_own_is_told)
{
	const unsigned user_ms = 100;
	int fd = unanswered(0);

	ck_assert(!setsockopt(
		fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_ms, sizeof(user_ms)));
	wait_for(fd, POLLOUT);
	beneath_set_ms(13000);
	ck_assert_int_eq(told(fd, TELL_EVENT, 0), TELL);
	ck_assert_uint_eq(beneath_moves, 0);
	ck_assert_int_eq(error_of(fd), ETIMEDOUT);
}
END_TEST

START_TEST(a_refusal_that_comes_before_is_not_one)
{
	const unsigned user_ms = 3001;
	int fd = refused();

	ck_assert(!setsockopt(
		fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_ms, sizeof(user_ms)));
	beneath_set_ms(13000);
	ck_assert_int_eq(told(fd, TELL_EVENT, 0), TELL_LATER);
}
END_TEST

START_TEST(a_quick_one_or_with_connect_timeout_is_moved)
{
	int quick = unanswered(0), timed = dial(60000);

	beneath_set_ms(12999);
	ck_assert_int_eq(told(quick, TELL_ASKED, ETIMEDOUT), TELL_LATER);
	beneath_set_ms(50000);
	ck_assert_int_eq(told(timed, TELL_ASKED, ETIMEDOUT), TELL_LATER);
	ck_assert_uint_eq(beneath_moves, 2);
}
END_TEST

START_TEST(who_takes_too_long_is_left)
{
	int fd = unanswered(100);
	struct pending p;

	ck_assert(pending_claim_late(fd, 10100, &p));
	tell_late(fd, &p);
	ck_assert_uint_eq(beneath_moves, 1);
	ck_assert_int_eq(beneath_moved_for, ETIMEDOUT);
	ck_assert_int_eq(pending_kind_of(fd), PENDING_CONNECT);
}
END_TEST

START_TEST(the_last_one_may_take_its_time)
{
	int fd = unanswered(100);
	struct pending p;

	beneath_next = PENDING_NOT;
	ck_assert(pending_claim_late(fd, 10100, &p));
	tell_late(fd, &p);
	ck_assert_int_eq(pending_kind_of(fd), PENDING_CONNECT);
	ck_assert(!pending_claim_late(fd, 99999, &p));
}
END_TEST

START_TEST(who_was_quick_enough_is_not_left)
{
	struct pending p;
	int fd = dial(100);

	wait_for(fd, POLLOUT);
	ck_assert(pending_claim_late(fd, 10100, &p));
	tell_late(fd, &p);
	ck_assert_uint_eq(beneath_moves, 0);
}
END_TEST

START_TEST(what_does_not_wait_cannot_be_refused_yet)
{
	static const int refusals[] = {
		ECONNREFUSED, ECONNRESET, ECONNABORTED, ETIMEDOUT};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	for (int i = 0; i < 4; i++)
		ck_assert(tell_is_of_an_earlier(fd, refusals[i]));
	/* These are said at once, by routes. */
	ck_assert(!tell_is_of_an_earlier(fd, EHOSTUNREACH));
	ck_assert(!tell_is_of_an_earlier(fd, ENETUNREACH));
	ck_assert(!tell_is_of_an_earlier(fd, EINPROGRESS));
	fcntl(fd, F_SETFL, 0);
	ck_assert(!tell_is_of_an_earlier(fd, ECONNREFUSED));
	fcntl(fd, F_SETFL, O_NONBLOCK);
	beneath_lock_in();
	ck_assert(!tell_is_of_an_earlier(fd, ECONNREFUSED));
}
END_TEST

START_TEST(what_is_not_tcp_is_the_kernels_to_tell)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	ck_assert(!tell_is_connecting(fd));
	ck_assert(!tell_stands(fd));
	ck_assert(!tell_is_wrong(-1));
	ck_assert(tell_is_blocking(-1));
}
END_TEST

Suite *tell_suite(void)
{
	Suite *suite = suite_create("tell");
	TCase *tc = tcase_create("tell");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_test(tc, a_refusal_is_told_later);
	tcase_add_test(tc, a_refusal_that_was_asked_for_is_told_later);
	tcase_add_test(tc, where_nobody_is_left_it_is_told);
	tcase_add_test(tc, and_once_it_was_asked_for_that_is_the_end);
	tcase_add_test(tc, what_was_told_is_not_moved);
	tcase_add_test(tc, a_socket_that_waits_is_not_moved);
	tcase_add_test(tc, what_stands_is_well);
	tcase_add_test(tc, that_it_stands_is_counted_once);
	tcase_add_test(tc, what_is_on_its_way_is_well);
	tcase_add_test(tc, what_was_reset_in_the_queue_is_moved);
	tcase_add_test(tc, what_is_just_being_reset_is_moved);
	tcase_add_test(tc, what_has_carried_a_byte_is_not);
	tcase_add_test(tc, what_its_program_has_shut_is_not_moved);
	tcase_add_test(tc, a_timeout_of_the_kernels_is_told);
	tcase_add_test(tc, a_timeout_of_the_program_s_own_is_told);
	tcase_add_test(tc, a_refusal_that_comes_before_is_not_one);
	tcase_add_test(tc, a_quick_one_or_with_connect_timeout_is_moved);
	tcase_add_test(tc, who_takes_too_long_is_left);
	tcase_add_test(tc, the_last_one_may_take_its_time);
	tcase_add_test(tc, who_was_quick_enough_is_not_left);
	tcase_add_test(tc, what_does_not_wait_cannot_be_refused_yet);
	tcase_add_test(tc, what_is_not_tcp_is_the_kernels_to_tell);
	suite_add_tcase(suite, tc);
	return suite;
}
