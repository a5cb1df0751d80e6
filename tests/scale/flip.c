/*
 * flip ADMIN ADDRESS BACKEND-PATH BACKEND-ADDRESS TIMES: how long a change of a
 * backend takes to reach a caller. The backend is drained over lbd's control
 * API while this program, under the library, connects to the virtual ADDRESS
 * again and again (UDP: nothing is sent), and made ready again. Prints the
 * median and the longest time, in milliseconds, from the question that drains
 * it to the end of the last connect() that still went there; so it is more than
 * what passes once lbd knows.
 */
#include "tests/bench/measure.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

enum { TIMES = 1000, QUIET = 20000, REPLY = 4096 };

static struct sockaddr_in to = {.sin_family = AF_INET};
static in_addr_t watched;
static const char *admin, *backend;

static bool went_there(int fd)
{
	struct sockaddr_in peer = {.sin_family = AF_INET};
	socklen_t len = sizeof(peer);

	if (connect(fd, (void *)&to, sizeof(to)) ||
		syscall(SYS_getpeername, fd, &peer, &len))
		fail("connect");
	return peer.sin_addr.s_addr == watched;
}

static int ask(const char *what)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char text[512];
	int n = snprintf(text, sizeof(text),
		"POST /%s/%s HTTP/1.1\r\nHost: lbd\r\nContent-Length: "
		"0\r\nConnection: close\r\n\r\n",
		backend, what);

	strncpy(un.sun_path, admin, sizeof(un.sun_path) - 1);
	if (connect(fd, (void *)&un, sizeof(un)) || write(fd, text, n) != n)
		fail(admin);
	return fd;
}

static void hear(int fd)
{
	char text[REPLY];
	ssize_t n = read(fd, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	if (!strstr(text, " 200 ")) {
		fprintf(stderr, "lbd said: %s\n", text);
		exit(1);
	}
	close(fd);
}

static int64_t drain(int caller)
{
	int64_t begun = now(), last = begun;
	int fd = ask("drain");

	for (int quiet = 0; quiet < QUIET; quiet++)
		if (went_there(caller)) {
			last = now();
			quiet = 0;
		}
	hear(fd);
	return last - begun;
}

static void make_ready(int caller)
{
	hear(ask("ready"));
	while (!went_there(caller))
		;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	static int64_t taken[TIMES];
	int caller = socket(AF_INET, SOCK_DGRAM, 0);
	int times = argc == 6 ? atoi(argv[5]) : 0;

	if (times < 1 || times > TIMES) {
		fputs("usage: flip ADMIN ADDRESS BACKEND-PATH BACKEND-ADDRESS "
		      "TIMES\n",
			stderr);
		return 2;
	}
	admin = argv[1];
	inet_pton(AF_INET, argv[2], &to.sin_addr);
	to.sin_port = htons(80);
	backend = argv[3];
	inet_pton(AF_INET, argv[4], &watched);
	for (int i = 0; i < times; i++) {
		make_ready(caller);
		taken[i] = drain(caller);
	}
	make_ready(caller);
	qsort(taken, (size_t)times, sizeof(taken[0]), by_size);
	printf("%.2f %.2f\n", (double)taken[times / 2] / 1e6,
		(double)taken[times - 1] / 1e6);
	return 0;
}
