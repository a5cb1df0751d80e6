/* Conversations with callers, over socketpairs. */
#include "lbd/talks.h"
#include "suites.h"

#include <sys/socket.h>
#include <unistd.h>

static struct ev_loop *loop;
static struct talks *talks;
static int served, ended;

/* A descriptor for every byte that was sent. */
static enum served give(void *data, int fd, size_t *held)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {
		.head = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS},
	};
	struct iovec iov = {&served, sizeof(served)};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	char request;

	(void)data;
	if (recv(fd, &request, 1, MSG_DONTWAIT) != 1)
		return SERVED_NOT_YET;
	*(int *)(void *)CMSG_DATA(&control.head) = STDERR_FILENO;
	ck_assert_int_eq(sendmsg(fd, &msg, 0), sizeof(served));
	served++;
	*held = 1;
	return SERVED;
}

static void count_end(void *data)
{
	(void)data;
	ended++;
}

static void begin(int pair[2])
{
	served = ended = 0;
	loop = ev_loop_new(EVFLAG_AUTO);
	talks = talks_open(loop, give, count_end, NULL);
	ck_assert_ptr_nonnull(talks);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
}

static void turn(void)
{
	for (int i = 0; i < 3; i++)
		ev_run(loop, EVRUN_NOWAIT);
}

static void end(void)
{
	talks_close(talks);
	ev_loop_destroy(loop);
}

static void read_answer(int fd)
{
	char answer[64];

	ck_assert_int_eq(recv(fd, answer, sizeof(answer), 0), sizeof(served));
}

START_TEST(whoever_has_read_is_let_go)
{
	int pair[2];
	char byte;

	begin(pair);
	talks_begin(talks, pair[1], 1);
	turn();
	ck_assert_int_eq(served, 0);
	ck_assert_int_eq(send(pair[0], "?", 1, 0), 1);
	turn();
	ck_assert_int_eq(served, 1);
	ck_assert_int_eq(ended, 0);
	read_answer(pair[0]);
	turn();
	ck_assert_int_eq(recv(pair[0], &byte, 1, MSG_DONTWAIT), 0);
	ck_assert_int_eq(ended, 1);
	close(pair[0]);
	end();
}
END_TEST

/* Until it has become another program, a child has all of lbd's open. */
START_TEST(what_a_child_still_has_open_is_over_all_the_same)
{
	int pair[2], of_child;

	begin(pair);
	of_child = dup(pair[1]);
	talks_begin(talks, pair[1], 1);
	ck_assert_int_eq(send(pair[0], "?", 1, 0), 1);
	turn();
	read_answer(pair[0]);
	turn();
	close(pair[0]); /* an event, were it still looked at */
	turn();
	close(of_child);
	turn();
	end();
}
END_TEST

Suite *talks_suite(void)
{
	Suite *s = suite_create("talks");
	TCase *c = tcase_create("talks");

	tcase_add_test(c, whoever_has_read_is_let_go);
	tcase_add_test(c, what_a_child_still_has_open_is_over_all_the_same);
	suite_add_tcase(s, c);
	return s;
}
