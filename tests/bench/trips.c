/*
 * trips once|kept THREADS MS CORE ADDRESS PORT [COUNT]: how many round trips a
 * second blocking clients make. once: connect, 64 bytes there and back, close.
 * kept: 64 bytes there and back on a connection that stays. Each is to one of
 * COUNT addresses in a row, drawn anew for each connection. CORE -1 lets the
 * threads wander. Then how many there were, those before the clock started
 * included, and the seconds of processor time that this program used.
 */
#include "tests/bench/measure.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { THREADS = 64, WARM_MS = 50, BYTES = 64 };

static struct sockaddr_in first = {.sin_family = AF_INET};
static uint32_t count = 1;
static bool kept;
static int64_t begin_ns, end_ns; /* what is counted lies between them */

struct client {
	pthread_t id;
	uint32_t draw;
	long early, done;
	char line[64]; /* no two counters in one cache line */
};

static int open_one(struct client *c)
{
	struct sockaddr_in to = first;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	uint32_t n;

	c->draw = c->draw * 1664525 + 1013904223;
	n = (c->draw >> 8) % count;
	to.sin_addr.s_addr = htonl(ntohl(first.sin_addr.s_addr) + n);
	if (connect(fd, (void *)&to, sizeof(to)))
		fail("connect");
	return fd;
}

static void exchange(int fd)
{
	char text[BYTES] = "hello";

	if (send(fd, text, BYTES, MSG_NOSIGNAL) != BYTES ||
		recv(fd, text, BYTES, MSG_WAITALL) != BYTES)
		fail("echo");
}

/* Ended by a reset: no connection lingers, and no port is used up. */
static void close_one(int fd)
{
	struct linger reset = {1, 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
}

static void make_trip(struct client *c, int fd)
{
	if (kept) {
		exchange(fd);
		return;
	}
	fd = open_one(c);
	exchange(fd);
	close_one(fd);
}

static void *run(void *arg)
{
	struct client *c = arg;
	int fd = kept ? open_one(c) : -1;

	for (; now() < begin_ns; c->early++)
		make_trip(c, fd);
	for (; now() < end_ns; c->done++)
		make_trip(c, fd);
	if (kept)
		close_one(fd);
	return NULL;
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void stay_on(int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

int main(int argc, char **argv)
{
	static struct client client[THREADS];
	int threads = argc > 6 ? atoi(argv[2]) : 0;
	long ms, early = 0, done = 0;
	struct rusage used;

	if (threads < 1 || threads > THREADS) {
		fputs("usage: trips once|kept THREADS MS CORE ADDRESS PORT "
		      "[COUNT]\n",
			stderr);
		return 2;
	}
	kept = !strcmp(argv[1], "kept");
	ms = atol(argv[3]);
	if (atoi(argv[4]) >= 0)
		stay_on(atoi(argv[4]));
	inet_pton(AF_INET, argv[5], &first.sin_addr);
	first.sin_port = htons((uint16_t)atoi(argv[6]));
	count = argc > 7 ? (uint32_t)atoi(argv[7]) : 1;
	begin_ns = now() + WARM_MS * 1000000LL;
	end_ns = begin_ns + ms * 1000000LL;
	for (int i = 0; i < threads; i++) {
		client[i].draw = (uint32_t)i * 2654435761U;
		pthread_create(&client[i].id, NULL, run, &client[i]);
	}
	for (int i = 0; i < threads; i++) {
		pthread_join(client[i].id, NULL);
		early += client[i].early;
		done += client[i].done;
	}
	getrusage(RUSAGE_SELF, &used);
	printf("%.1f %ld %.4f\n", (double)done * 1000 / (double)ms,
		early + done, seconds(used.ru_utime) + seconds(used.ru_stime));
	return 0;
}
