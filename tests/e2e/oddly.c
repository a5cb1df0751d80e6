/*
 * oddly WAY ADDRESS PORT: a connect() that does not block, waited for in a way
 * that programs have and seldom use; prints what the program is told.
 *
 *	nested-epoll, nested-poll, nested-select: for an epoll that has it
 *	first-epoll, last-epoll: of two that have it, with a pointer each
 *	same-data: by its edges, while another in another epoll has its data
 *	refused-ctl: its registration was asked for once more, in vain
 *	at-once: by select() that does not wait, when all has happened
 *	one-set: by select() with one set for two
 *	hung-up: together with a pipe whose other end is closed
 */
#include "tests/e2e/underway.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

enum { PATIENCE_MS = 5000, TURNS = 50 };

static const char *way;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int join(int epoll, int op, int fd, unsigned events, void *data)
{
	struct epoll_event e = {.events = events, .data.ptr = data};

	return epoll_ctl(epoll, op, fd, &e);
}

static bool is_way(const char *name)
{
	return !strcmp(way, name);
}

static int select_one(int fd, fd_set *in, fd_set *out, int ms)
{
	struct timeval left = {ms / 1000, ms % 1000 * 1000};

	return select(fd + 1, in, out, NULL, &left);
}

/* Something is there to be had in `inner`, says the kernel. */
static int wait_outside(int inner, int outer)
{
	struct pollfd p = {inner, POLLIN, 0};
	struct epoll_event e;
	fd_set in;

	FD_ZERO(&in);
	FD_SET(inner, &in);
	if (is_way("nested-poll"))
		return poll(&p, 1, PATIENCE_MS);
	if (is_way("nested-select"))
		return select_one(inner, &in, NULL, PATIENCE_MS);
	return epoll_wait(outer, &e, 1, PATIENCE_MS);
}

/* A program that is called for nothing waits again. */
static void nested(int fd)
{
	int inner = epoll_create1(0), outer = epoll_create1(0), n = 0;
	struct epoll_event e = {.events = 0};

	join(outer, EPOLL_CTL_ADD, inner, EPOLLIN, &way);
	join(inner, EPOLL_CTL_ADD, fd, EPOLLOUT, &way);
	for (int i = 0; !n && i < TURNS; i++) {
		if (wait_outside(inner, outer) != 1)
			break;
		n = epoll_wait(inner, &e, 1, 0);
	}
	printf("%d told %x\n", n, e.events);
}

static void two_epolls(int fd)
{
	static char mine[2];
	struct epoll_event e = {.events = 0};
	int epoll[2], n;

	for (int i = 0; i < 2; i++) {
		epoll[i] = epoll_create1(0);
		join(epoll[i], EPOLL_CTL_ADD, fd, EPOLLOUT, &mine[i]);
	}
	n = epoll_wait(epoll[is_way("last-epoll")], &e, 1, PATIENCE_MS);
	printf("%d told %x\n", n, e.events);
}

/* Of two that have failed, the one with the higher number is waited for. */
static void same_data(int fd)
{
	struct epoll_event e = {.events = 0};
	int high = new_socket(), epoll[2], n;

	if (!connect(high, &to.sa, to.len) || errno != EINPROGRESS)
		fail("connect");
	wait_for_end(fd);
	wait_for_end(high);
	for (int i = 0; i < 2; i++) {
		epoll[i] = epoll_create1(0);
		join(epoll[i], EPOLL_CTL_ADD, i ? high : fd, EPOLLOUT | EPOLLET,
			&way);
	}
	n = epoll_wait(epoll[1], &e, 1, PATIENCE_MS);
	printf("%d told %x\n", n, e.events);
}

static void refused_ctl(int fd)
{
	static char mine, other;
	struct epoll_event e = {.events = 0};
	int epoll = epoll_create1(0), n;

	join(epoll, EPOLL_CTL_ADD, fd, EPOLLOUT, &mine);
	if (!join(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, &other))
		printf("registered twice\n");
	n = epoll_wait(epoll, &e, 1, PATIENCE_MS);
	printf("%d told %x\n", n, e.events);
}

static void at_once(int fd)
{
	fd_set out;
	int n = 0;

	for (int i = 0; !n && i < 2; i++) {
		pause_us(100000);
		FD_ZERO(&out);
		FD_SET(fd, &out);
		n = select_one(fd, NULL, &out, 0);
		printf("%d told %d\n", n, FD_ISSET(fd, &out));
	}
}

static void one_set(int fd)
{
	fd_set both;
	int n;

	FD_ZERO(&both);
	FD_SET(fd, &both);
	n = select_one(fd, &both, &both, PATIENCE_MS);
	printf("%d told %d\n", n, FD_ISSET(fd, &both));
}

static void hung_up(int fd)
{
	struct pollfd p[] = {
		{fd, POLLOUT, 0}, {-1, POLLOUT, 0}, {0, POLLIN, 0}};
	struct epoll_event e[2] = {{.events = 0}};
	int pipes[2], epoll = epoll_create1(0), n;

	if (pipe(pipes))
		fail("pipe");
	close(pipes[1]);
	p[2].fd = pipes[0];
	n = poll(p, 3, PATIENCE_MS);
	printf("%d told %x %x %x\n", n, p[0].revents & (POLLERR | POLLHUP),
		p[1].revents, p[2].revents);
	join(epoll, EPOLL_CTL_ADD, pipes[0], EPOLLIN, &way);
	join(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, &way);
	n = epoll_wait(epoll, e, 2, PATIENCE_MS);
	printf("%d told %x\n", n, e[0].events);
}

int main(int argc, char **argv)
{
	struct address peer = {.len = sizeof(peer.in6)};
	struct pollfd p = {.events = POLLOUT};
	socklen_t len = sizeof(int);
	int fd, err = 0;

	if (argc != 4)
		return 2;
	way = argv[1];
	to = address_of(argv[2], argv[3]);
	fd = p.fd = new_socket();
	if (!connect(fd, &to.sa, to.len) || errno != EINPROGRESS)
		fail("connect");
	if (strstr(way, "-epoll") && !strstr(way, "nested"))
		two_epolls(fd);
	else if (is_way("same-data"))
		same_data(fd);
	else if (is_way("refused-ctl"))
		refused_ctl(fd);
	else if (is_way("at-once"))
		at_once(fd);
	else if (is_way("one-set"))
		one_set(fd);
	else if (is_way("hung-up"))
		hung_up(fd);
	else
		nested(fd);
	poll(&p, 1, PATIENCE_MS);
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	printf("error %d, connected %d\n", err,
		!getpeername(fd, &peer.sa, &peer.len));
	return 0;
}
