/* What libev asks the kernel for, and cannot do without. */
#include "lbd/reserve.h"
#include "suites.h"

#include <errno.h>
#include <ev.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

static unsigned refusals; /* of an epoll, that are still to come */

/* libev's, too. */
int epoll_create1(int flags)
{
	if (refusals) {
		refusals--;
		errno = EMFILE;
		return -1;
	}
	return (int)syscall(SYS_epoll_create1, flags);
}

static void on_time(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	++*(unsigned *)w->data;
}

/* A loop that has to take a new epoll, as when what a child has open was closed. */
static unsigned turn_with_new_epoll(unsigned refused)
{
	struct ev_loop *loop;
	unsigned turns = 0;
	ev_timer once;

	reserve_for_loop();
	loop = ev_loop_new(EVBACKEND_EPOLL);
	ev_timer_init(&once, on_time, 0, 0);
	once.data = &turns;
	ev_timer_start(loop, &once);
	ev_loop_fork(loop);
	refusals = refused;
	ev_run(loop, EVRUN_ONCE);
	ev_loop_destroy(loop);
	return turns;
}

START_TEST(a_new_epoll_is_asked_for_until_it_is_to_be_had)
{
	ck_assert_uint_eq(turn_with_new_epoll(3), 1);
	ck_assert_uint_eq(refusals, 0);
}
END_TEST

/* In good order, with a word in the log, and by no signal. */
START_TEST(without_a_new_epoll_lbd_ends)
{
	turn_with_new_epoll(1000);
	ck_abort_msg("it goes on");
}
END_TEST

Suite *reserve_suite(void)
{
	Suite *s = suite_create("reserve");
	TCase *t = tcase_create("reserve");

	tcase_add_test(t, a_new_epoll_is_asked_for_until_it_is_to_be_had);
	tcase_add_exit_test(t, without_a_new_epoll_lbd_ends, 1);
	suite_add_tcase(s, t);
	return s;
}
