/*
 * trips THREADS MS CORE ADDRESS PORT [COUNT]: how many round trips a second
 * blocking clients make: connect, 64 bytes there and back, close. COUNT
 * addresses in a row are used in turn. CORE -1 lets the threads wander.
 */
#include "tests/bench/measure.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

enum { THREADS = 64, WARM_MS = 50, BYTES = 64 };

static struct sockaddr_in first = {.sin_family = AF_INET};
static uint32_t count = 1;
static int64_t begin_ns, end_ns; /* what is counted lies between them */

/* Ended by a reset: no connection lingers, and no port is used up. */
static void make_trip(uint32_t n)
{
	struct sockaddr_in to = first;
	struct linger reset = {1, 0};
	char text[BYTES] = "hello";
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	to.sin_addr.s_addr = htonl(ntohl(first.sin_addr.s_addr) + n % count);
	if (connect(fd, (void *)&to, sizeof(to)))
		fail("connect");
	if (send(fd, text, BYTES, MSG_NOSIGNAL) != BYTES ||
		recv(fd, text, BYTES, MSG_WAITALL) != BYTES)
		fail("echo");
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
}

static void *run(void *arg)
{
	long *done = arg;
	uint32_t n = 0;

	while (now() < begin_ns)
		make_trip(n++);
	for (; now() < end_ns; ++*done)
		make_trip(n++);
	return NULL;
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
	static struct {
		pthread_t id;
		long done;
		char line[64]; /* no two counters in one cache line */
	} thread[THREADS];
	int threads = argc > 5 ? atoi(argv[1]) : 0;
	long ms, done = 0;

	if (threads < 1 || threads > THREADS) {
		fputs("usage: trips THREADS MS CORE ADDRESS PORT [COUNT]\n",
			stderr);
		return 2;
	}
	ms = atol(argv[2]);
	if (atoi(argv[3]) >= 0)
		stay_on(atoi(argv[3]));
	inet_pton(AF_INET, argv[4], &first.sin_addr);
	first.sin_port = htons((uint16_t)atoi(argv[5]));
	count = argc > 6 ? (uint32_t)atoi(argv[6]) : 1;
	begin_ns = now() + WARM_MS * 1000000LL;
	end_ns = begin_ns + ms * 1000000LL;
	for (int i = 0; i < threads; i++)
		pthread_create(&thread[i].id, NULL, run, &thread[i].done);
	for (int i = 0; i < threads; i++) {
		pthread_join(thread[i].id, NULL);
		done += thread[i].done;
	}
	printf("%.1f\n", (double)done * 1000 / (double)ms);
	return 0;
}
