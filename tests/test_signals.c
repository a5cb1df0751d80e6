/* Signals and children, where the loop hears of them. */
#include "lbd/children.h"
#include "lbd/loop_signals.h"
#include "suites.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct ev_loop *loop;
static unsigned heard, ended;
static int fd;	     /* that signals come by */
static bool is_full; /* the kernel watches no more */

static void on_heard(void *data)
{
	(void)data;
	heard++;
}

static void begin(void)
{
	loop = ev_loop_new(0);
	fd = dup(STDERR_FILENO); /* the next number */
	close(fd);
	ck_assert(!loop_signals_of());
	ck_assert(loop_signals_open(loop));
	ck_assert_ptr_eq(loop_signals_of(), loop);
	heard = ended = 0;
}

static void end(void)
{
	loop_signals_close();
	ck_assert(!loop_signals_of());
	ck_assert_int_eq(fcntl(fd, F_GETFD), -1);
	ev_loop_destroy(loop);
}

START_TEST(many_of_a_signal_are_one)
{
	begin();
	loop_signals_on(SIGHUP, on_heard, NULL);
	for (int i = 0; i < 3; i++)
		raise(SIGHUP);
	ck_assert_uint_eq(heard, 0);
	ev_run(loop, EVRUN_NOWAIT);
	ck_assert_uint_eq(heard, 1);
	ev_run(loop, EVRUN_NOWAIT);
	ck_assert_uint_eq(heard, 1);
	raise(SIGHUP);
	ev_run(loop, EVRUN_NOWAIT);
	ck_assert_uint_eq(heard, 2);
	end();
}
END_TEST

START_TEST(a_signal_that_nobody_hears_of_does_nothing)
{
	begin();
	loop_signals_on(SIGHUP, on_heard, NULL);
	loop_signals_on(SIGTERM, on_heard, NULL);
	loop_signals_on(SIGHUP, NULL, NULL);
	raise(SIGHUP);
	raise(SIGTERM);
	ev_run(loop, EVRUN_NOWAIT);
	ck_assert_uint_eq(heard, 1);
	end();
	raise(SIGTERM);
}
END_TEST

/* libev's, too. */
int epoll_ctl(int epoll, int what, int at, struct epoll_event *e)
{
	if (is_full && what == EPOLL_CTL_ADD) {
		errno = ENOSPC;
		return -1;
	}
	return (int)syscall(SYS_epoll_ctl, epoll, what, at, e);
}

START_TEST(signals_are_heard_of_again_where_the_kernel_had_no_room)
{
	begin();
	loop_signals_on(SIGHUP, on_heard, NULL);
	is_full = true;
	ev_run(loop, EVRUN_NOWAIT);
	is_full = false;
	raise(SIGHUP);
	ev_run(loop, EVRUN_NOWAIT);
	ck_assert_uint_eq(heard, 0);
	ev_run(loop, EVRUN_ONCE);
	ck_assert_uint_eq(heard, 1);
	raise(SIGHUP);
	ev_run(loop, EVRUN_NOWAIT);
	ck_assert_uint_eq(heard, 2);
	end();
}
END_TEST

static void on_ended(struct child *child)
{
	ck_assert_int_eq(WEXITSTATUS(child->status), *(int *)child->data);
	ended++;
}

/* It has ended, and nobody has reaped it yet. */
static void begin_child(struct child *child, int *status)
{
	siginfo_t info;

	*child = (struct child){
		.pid = fork(), .ended = on_ended, .data = status};
	if (!child->pid)
		_exit(*status);
	ck_assert_int_eq(
		waitid(P_PID, child->pid, &info, WEXITED | WNOWAIT), 0);
	children_watch(child);
}

START_TEST(one_signal_stands_for_many_children)
{
	struct child child[3];
	int status[3] = {0, 3, 200};

	signal(SIGCHLD, SIG_DFL);
	begin();
	children_open();
	ck_assert(children_end_in(loop));
	ck_assert(!children_end_in(NULL));
	for (int i = 0; i < 3; i++)
		begin_child(&child[i], &status[i]);
	ev_run(loop, EVRUN_NOWAIT);
	ck_assert_uint_eq(ended, 3);
	end();
}
END_TEST

START_TEST(a_forgotten_child_is_reaped)
{
	struct child child[2];
	int status[2] = {1, 2};

	begin();
	children_open();
	for (int i = 0; i < 2; i++)
		begin_child(&child[i], &status[i]);
	children_forget(&child[0]);
	children_forget(&child[0]);
	ev_run(loop, EVRUN_NOWAIT);
	ck_assert_uint_eq(ended, 1);
	ck_assert_int_eq(waitpid(child[0].pid, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
	end();
}
END_TEST

/* Who ignores that signal has no children to wait for. */
START_TEST(children_are_waited_for_where_their_end_was_ignored)
{
	struct child child = {.ended = on_ended};
	int status = 7;

	signal(SIGCHLD, SIG_IGN);
	begin();
	children_open();
	begin_child(&child, &status);
	ev_run(loop, EVRUN_NOWAIT);
	ck_assert_uint_eq(ended, 1);
	end();
}
END_TEST

static void on_time(struct ev_loop *l, ev_timer *w, int revents)
{
	(void)l;
	(void)w;
	(void)revents;
	ck_assert_uint_eq(ended, 1);
	heard++;
}

START_TEST(a_child_that_has_ended_in_time_has_ended_in_time)
{
	struct child child;
	int status = 0;
	ev_timer time;

	begin();
	children_open();
	ev_timer_init(&time, on_time, 0, 0);
	begin_child(&child, &status);
	ev_timer_start(loop, &time);
	ev_run(loop, EVRUN_ONCE);
	ck_assert_uint_eq(heard, 1);
	end();
}
END_TEST

Suite *signals_suite(void)
{
	Suite *s = suite_create("signals");
	TCase *t = tcase_create("signals");

	tcase_add_test(t, many_of_a_signal_are_one);
	tcase_add_test(t, a_signal_that_nobody_hears_of_does_nothing);
	tcase_add_test(
		t, signals_are_heard_of_again_where_the_kernel_had_no_room);
	tcase_add_test(t, one_signal_stands_for_many_children);
	tcase_add_test(t, a_forgotten_child_is_reaped);
	tcase_add_test(t, children_are_waited_for_where_their_end_was_ignored);
	tcase_add_test(t, a_child_that_has_ended_in_time_has_ended_in_time);
	suite_add_tcase(s, t);
	return s;
}
