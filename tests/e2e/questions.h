/*
 * All that can be asked of a socket, each for one number: a result, or an errno
 * below 0. Of sockets of underway.h, whose connections go to `to`.
 */
#ifndef E2E_QUESTIONS_H
#define E2E_QUESTIONS_H

#include "tests/e2e/readiness.h"

#include <sys/ioctl.h>
#include <sys/uio.h>

static struct address other; /* neither virtual nor listening */

static int ask_send(int fd)
{
	return of(send(fd, "x", 1, MSG_NOSIGNAL));
}

static int ask_write(int fd)
{
	return of(write(fd, "x", 1));
}

static int ask_writev(int fd)
{
	struct iovec part = {(void *)"x", 1};

	return of(writev(fd, &part, 1));
}

static int ask_sendmsg(int fd)
{
	struct iovec part = {(void *)"x", 1};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	return of(sendmsg(fd, &message, MSG_NOSIGNAL));
}

static int ask_sendto(int fd)
{
	return of(sendto(fd, "x", 1, MSG_NOSIGNAL, &to.sa, to.len));
}

static int ask_fastopen(int fd)
{
	return of(sendto(
		fd, "x", 1, MSG_NOSIGNAL | MSG_FASTOPEN, &to.sa, to.len));
}

static int ask_recv(int fd)
{
	char byte;

	return of(recv(fd, &byte, 1, 0));
}

static int ask_read(int fd)
{
	char byte;

	return of(read(fd, &byte, 1));
}

static int ask_peek(int fd)
{
	char byte;

	return of(recv(fd, &byte, 1, MSG_PEEK));
}

static int ask_recvmsg(int fd)
{
	char byte, control[64];
	struct iovec part = {&byte, 1};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control)};

	return of(recvmsg(fd, &message, 0));
}

static int ask_errors(int fd)
{
	char byte, control[64];
	struct iovec part = {&byte, 1};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control)};

	return of(recvmsg(fd, &message, MSG_ERRQUEUE));
}

static int ask_shut_rd(int fd)
{
	return of(shutdown(fd, SHUT_RD));
}

static int ask_shut_wr(int fd)
{
	return of(shutdown(fd, SHUT_WR));
}

static int ask_shut_both(int fd)
{
	return of(shutdown(fd, SHUT_RDWR));
}

static int ask_peer(int fd)
{
	struct address a = {.len = sizeof(a.in6)};

	return of(getpeername(fd, &a.sa, &a.len));
}

/* Whether there is an address, and a port. */
static int ask_self(int fd)
{
	struct address a = {.len = sizeof(a.in6)};
	char ip[INET6_ADDRSTRLEN];
	bool v4;

	if (getsockname(fd, &a.sa, &a.len))
		return -errno;
	v4 = a.sa.sa_family == AF_INET;
	inet_ntop(a.sa.sa_family,
		v4 ? (void *)&a.in.sin_addr : (void *)&a.in6.sin6_addr, ip,
		sizeof(ip));
	return 2 * !!strcmp(ip, v4 ? "0.0.0.0" : "::") + !!a.in.sin_port;
}

static int ask_error(int fd)
{
	int err = 0;
	socklen_t len = sizeof(err);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) ? -errno : err;
}

static int ask_again(int fd)
{
	return of(connect(fd, &to.sa, to.len));
}

static int ask_other(int fd)
{
	return of(connect(fd, &other.sa, other.len));
}

static int ask_none(int fd)
{
	struct sockaddr none = {.sa_family = AF_UNSPEC};

	return of(connect(fd, &none, sizeof(none)));
}

static int ask_bind(int fd)
{
	struct address any = to;

	memset(&any.sa.sa_data, 0, any.len - sizeof(any.sa.sa_family));
	return of(bind(fd, &any.sa, any.len));
}

static int ask_listen(int fd)
{
	return of(listen(fd, 1));
}

static int ask_accept(int fd)
{
	return of(accept(fd, NULL, NULL));
}

static int ask_inq(int fd)
{
	int n = 0;

	return ioctl(fd, FIONREAD, &n) ? -errno : n;
}

static int ask_outq(int fd)
{
	int n = 0;

	return ioctl(fd, TIOCOUTQ, &n) ? -errno : n;
}

static int ask_state(int fd)
{
	return tcp_state(fd);
}

static int ask_dup(int fd)
{
	int copy = dup(fd), answer = ask_error(copy);

	close(copy);
	return answer;
}

static const struct question {
	const char *name;
	int (*ask)(int fd);
	int not_yet; /* what it answers while the connection is under way */
} questions[] = {
	{"poll", ask_poll, 0},
	{"ppoll", ask_ppoll, 0},
	{"select", ask_select, 0},
	{"pselect", ask_pselect, 0},
	{"epoll", ask_epoll, 0},
	{"epoll_pwait", ask_epoll_pwait, 0},
	{"epoll_pwait2", ask_epoll_pwait2, 0},
	{"error", ask_error, 0},
	{"error-of-dup", ask_dup, 0},
	{"again", ask_again, -EALREADY},
	{"other", ask_other, -EALREADY},
	{"recv", ask_recv, -EAGAIN},
	{"read", ask_read, -EAGAIN},
	{"peek", ask_peek, -EAGAIN},
	{"recvmsg", ask_recvmsg, -EAGAIN},
	{"send", ask_send, -EAGAIN},
	{"write", ask_write, -EAGAIN},
	{"writev", ask_writev, -EAGAIN},
	{"sendmsg", ask_sendmsg, -EAGAIN},
	{"sendto", ask_sendto, -EAGAIN},
	{"fastopen", ask_fastopen, -EALREADY},
	{"errors", ask_errors, 1},
	{"shut-rd", ask_shut_rd, 1},
	{"shut-wr", ask_shut_wr, 1},
	{"shut-both", ask_shut_both, 1},
	{"peer", ask_peer, 1},
	{"self", ask_self, 1},
	{"none", ask_none, 1},
	{"bind", ask_bind, 1},
	{"listen", ask_listen, 1},
	{"accept", ask_accept, 1},
	{"inq", ask_inq, 1},
	{"outq", ask_outq, 1},
	{"state", ask_state, TCP_SYN_SENT},
};
enum { QUESTIONS = sizeof(questions) / sizeof(questions[0]) };

static const struct question *question_of(const char *name)
{
	for (int i = 0; i < QUESTIONS; i++)
		if (!strcmp(questions[i].name, name))
			return &questions[i];
	fprintf(stderr, "no such question: %s\n", name);
	exit(2);
}

static void print(const struct question *q, int answer)
{
	if (answer < 0)
		printf(" %s=%s", q->name, strerrorname_np(-answer));
	else if (q->ask == ask_error || q->ask == ask_dup)
		printf(" %s=%s", q->name,
			answer ? strerrorname_np(answer) : "0");
	else
		printf(" %s=%x", q->name, (unsigned)answer);
}

#endif
