/*
 * listener PORT WATCHED: a server at all addresses of this host, IPv4 and IPv6,
 * that hangs up on whoever has connected to PORT. Of those who come to WATCHED
 * it notes when, by the address that they come to: lbd's probes of one backend
 * each. On SIGUSR1 it prints how many came since the last time and the longest
 * pause between two at one address, in milliseconds.
 */
#include "tests/bench/measure.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 4096, PORTS = 2, ADDRESSES = 256 };

static struct {
	long count;
	int64_t last[ADDRESSES]; /* by their last byte; 0: nobody came */
	int64_t longest;
} came;

static volatile sig_atomic_t asked;

static void on_question(int sig)
{
	(void)sig;
	asked = 1;
}

static int listen_at(const char *port)
{
	struct sockaddr_in6 in = {.sin6_family = AF_INET6};
	int off = 0, on = 1;
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);

	in.sin6_port = htons((uint16_t)atoi(port));
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (void *)&in, sizeof(in)) || listen(fd, BACKLOG))
		fail(port);
	return fd;
}

static void note_pause(int64_t since, int64_t until)
{
	if (since && until - since > came.longest)
		came.longest = until - since;
}

/* A pause that goes on counts up to now. */
static void print(void)
{
	int64_t t = now();

	asked = 0;
	for (int i = 0; i < ADDRESSES; i++)
		note_pause(came.last[i], t);
	printf("%ld %.1f\n", came.count, (double)came.longest / 1e6);
	fflush(stdout);
	came.count = 0;
	came.longest = 0;
}

static void note(int fd)
{
	struct sockaddr_in6 at = {0};
	socklen_t len = sizeof(at);
	int64_t t = now(), *last;

	getsockname(fd, (void *)&at, &len);
	last = &came.last[at.sin6_addr.s6_addr[15]];
	note_pause(*last, t);
	*last = t;
	came.count++;
}

/* Ended by a reset: nobody's port lingers. */
static void hang_up(int listener, int watched)
{
	struct linger reset = {1, 0};
	int fd;

	while ((fd = accept4(listener, NULL, NULL, 0)) >= 0) {
		if (watched)
			note(fd);
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(fd);
	}
}

int main(int argc, char **argv)
{
	struct pollfd at[PORTS];

	if (argc != 1 + PORTS) {
		fputs("usage: listener PORT WATCHED\n", stderr);
		return 2;
	}
	signal(SIGUSR1, on_question);
	for (int i = 0; i < PORTS; i++)
		at[i] = (struct pollfd){listen_at(argv[1 + i]), POLLIN, 0};
	for (;;) {
		if (poll(at, PORTS, -1) < 0 && errno != EINTR)
			fail("poll");
		for (int i = 0; i < PORTS; i++)
			hang_up(at[i].fd, i == 1);
		if (asked)
			print();
	}
}
