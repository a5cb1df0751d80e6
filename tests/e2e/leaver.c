/*
 * leaver HOW ADDRESS PORT: far down its stack makes a connection, learns by HOW
 * that it stands, and closes it; then becomes user 1234 for good. Stops itself
 * before that and after, so that its memory can be searched.
 *
 *	poll select epoll	by waiting so
 *	error again		by asking for SO_ERROR, or by connect(), until it is
 *	fastopen		made by sendto() that waits
 *	fastopen-again		by one that does not, until it is
 */
#include "tests/e2e/underway.h"

#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>

enum { PATIENCE_MS = 5000, DEPTH = 1 << 14 };

static const char *how;

static bool is_how(const char *name)
{
	return !strcmp(how, name);
}

static bool waits(int fd)
{
	struct epoll_event e = {.events = EPOLLOUT, .data.ptr = &how};
	struct timeval left = {PATIENCE_MS / 1000, 0};
	struct pollfd p = {fd, POLLOUT, 0};
	int epoll;
	fd_set out;

	if (is_how("poll"))
		return poll(&p, 1, PATIENCE_MS) == 1;
	if (is_how("epoll")) {
		epoll = epoll_create1(0);
		epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
		return epoll_wait(epoll, &e, 1, PATIENCE_MS) == 1;
	}
	FD_ZERO(&out);
	FD_SET(fd, &out);
	return select(fd + 1, NULL, &out, NULL, &left) == 1;
}

static bool asks(int fd)
{
	socklen_t len = sizeof(int);
	int err = 0;

	if (is_how("again"))
		return !connect(fd, &to.sa, to.len) || errno == EISCONN;
	if (is_how("fastopen-again"))
		return sendto(fd, "x", 1, MSG_FASTOPEN, &to.sa, to.len) == 1 ||
			errno == EISCONN;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	return tcp_state(fd) == TCP_ESTABLISHED;
}

static bool connects(void)
{
	bool fast = strstr(how, "fastopen"), stands = false;
	int fd = is_how("fastopen") ? socket(AF_INET, SOCK_STREAM, 0)
				    : new_socket();

	if (fast)
		stands = sendto(fd, "x", 1, MSG_FASTOPEN, &to.sa, to.len) == 1;
	else
		connect(fd, &to.sa, to.len);
	if (strstr("poll select epoll", how))
		stands = waits(fd);
	for (int i = 0; !stands && i < PATIENCE_MS; i++) {
		pause_us(1000);
		stands = asks(fd);
	}
	stands &= tcp_state(fd) == TCP_ESTABLISHED;
	close(fd);
	return stands;
}

__attribute__((noinline)) static bool connects_deep(void)
{
	volatile char above[DEPTH];

	above[0] = 0;
	return connects() && !above[0];
}

int main(int argc, char **argv)
{
	bool stands;

	if (argc != 4)
		return 2;
	how = argv[1];
	to = address_of(argv[2], argv[3]);
	stands = connects_deep();
	printf("%s\n", stands ? "stood" : "failed");
	fflush(stdout);
	raise(SIGSTOP);
	printf("%s\n", setuid(1234) ? "stays" : "left");
	fflush(stdout);
	raise(SIGSTOP);
	return 0;
}
