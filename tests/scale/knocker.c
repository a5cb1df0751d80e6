/*
 * knocker SOCKET: a caller that attaches to lbd again and again, five
 * milliseconds after each answer, takes all it is given and maps nothing. On
 * SIGTERM it prints how often it did, how many lists it was given, and the
 * median and the longest time that took, in milliseconds. It fails where lbd
 * hangs up on it.
 */
#include "shim/wire.h"
#include "tests/bench/measure.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { TIMES = 1 << 20, PAUSE_US = 5000 };

static int64_t taken[TIMES];
static volatile sig_atomic_t ended;

static void on_term(int sig)
{
	(void)sig;
	ended = 1;
}

static void close_all(struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c;
		c = CMSG_NXTHDR(msg, c)) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		int fd;

		for (size_t i = 0; i < n; i++) {
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
			close(fd);
		}
	}
}

/* One reply; returns how many of its lists are permitted. */
static unsigned take(int fd, struct attach_reply *reply)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int) * ATTACH_FDS)];
	} control;
	struct iovec iov = {reply, sizeof(*reply)};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	unsigned permitted = 0;

	if (recvmsg(fd, &msg, MSG_CMSG_CLOEXEC) != sizeof(*reply))
		fail("no answer");
	close_all(&msg);
	for (unsigned i = 0; i < reply->count; i++)
		permitted += reply->list[i].permitted;
	return permitted;
}

static unsigned attach(const struct sockaddr_un *at)
{
	struct attach_request request = {
		.magic = ATTACH_MAGIC,
		.major = 1,
		.minor = 1 | ATTACH_MORE,
	};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct attach_reply reply = {0};
	unsigned permitted = 0;

	if (connect(fd, (const void *)at, sizeof(*at)) ||
		send(fd, &request, sizeof(request), MSG_NOSIGNAL) < 0)
		fail(at->sun_path);
	do
		permitted += take(fd, &reply);
	while (reply.first + reply.count < reply.lists);
	close(fd);
	return permitted;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	unsigned lists = 0;
	size_t n = 0;

	if (argc != 2 || strlen(argv[1]) >= sizeof(at.sun_path)) {
		fputs("usage: knocker SOCKET\n", stderr);
		return 2;
	}
	strcpy(at.sun_path, argv[1]);
	signal(SIGTERM, on_term);
	for (; !ended && n < TIMES; n++) {
		int64_t begun = now();

		lists = attach(&at);
		taken[n] = now() - begun;
		usleep(PAUSE_US);
	}
	qsort(taken, n, sizeof(taken[0]), by_size);
	printf("%zu %u %.2f %.1f\n", n, lists, (double)taken[n / 2] / 1e6,
		(double)taken[n - 1] / 1e6);
	return 0;
}
