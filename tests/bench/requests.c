/*
 * requests RATE SECONDS ADDRESS PORT: clients that do not wait for each other.
 * RATE requests a second begin when their time has come, whatever became of
 * those before; how long one took is counted from then. A request is connect,
 * 64 bytes, 64 bytes of answer (see served), close, in a thread that blocks.
 * Prints p50 and p99 in ms, the errors, then what each server answered.
 */
#include "tests/bench/measure.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BYTES = 64, THREADS = 400, SERVERS = 16 };

static struct sockaddr_in to = {.sin_family = AF_INET};
static long rate, count;
static int64_t begun;
static atomic_long next, errors;
static double *took_ms; /* by request; negative: an error */
static struct {
	char name[BYTES];
	long answers;
} server[SERVERS];
static pthread_mutex_t servers = PTHREAD_MUTEX_INITIALIZER;

static void wait_until(int64_t when)
{
	struct timespec t = {when / 1000000000, when % 1000000000};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static void count_answer(const char *text)
{
	char name[BYTES] = "";
	int i = 0;

	if (sscanf(text, "%*d %63s", name) != 1)
		return;
	pthread_mutex_lock(&servers);
	while (i < SERVERS - 1 && server[i].answers &&
		strcmp(server[i].name, name))
		i++;
	memcpy(server[i].name, name, BYTES);
	server[i].answers++;
	pthread_mutex_unlock(&servers);
}

/* 0, or -1: not answered. */
static int ask(long id)
{
	char text[BYTES] = "";
	int rc = -1, fd = socket(AF_INET, SOCK_STREAM, 0);

	snprintf(text, BYTES, "%ld", id);
	if (!connect(fd, (void *)&to, sizeof(to)) &&
		send(fd, text, BYTES, MSG_NOSIGNAL) == BYTES &&
		recv(fd, text, BYTES, MSG_WAITALL) == BYTES) {
		text[BYTES - 1] = '\0';
		count_answer(text);
		rc = 0;
	}
	close(fd);
	return rc;
}

static void *work(void *arg)
{
	long id;

	while ((id = atomic_fetch_add(&next, 1)) < count) {
		int64_t due = begun + id * 1000000000LL / rate;

		wait_until(due);
		if (ask(id)) {
			atomic_fetch_add(&errors, 1);
			took_ms[id] = -1;
		} else {
			took_ms[id] = (double)(now() - due) / 1e6;
		}
	}
	return arg;
}

static int by_time(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print(void)
{
	long failed = errors, answered = count - failed;
	const double *answer = took_ms + failed; /* sorted: errors are first */

	qsort(took_ms, (size_t)count, sizeof(*took_ms), by_time);
	printf("%.1f %.1f %ld", answered ? answer[answered / 2] : 0,
		answered ? answer[answered * 99 / 100] : 0, failed);
	for (int i = 0; i < SERVERS && server[i].answers; i++)
		printf(" %s %ld", server[i].name, server[i].answers);
	printf("\n");
}

int main(int argc, char **argv)
{
	static pthread_t thread[THREADS];

	if (argc != 5 || atol(argv[1]) < 1) {
		fputs("usage: requests RATE SECONDS ADDRESS PORT\n", stderr);
		return 2;
	}
	rate = atol(argv[1]);
	count = rate * atol(argv[2]);
	inet_pton(AF_INET, argv[3], &to.sin_addr);
	to.sin_port = htons((uint16_t)atoi(argv[4]));
	took_ms = calloc((size_t)count + 1, sizeof(*took_ms));
	if (!took_ms)
		return 1;
	begun = now() + 100000000; /* all threads are there by then */
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&thread[i], NULL, work, NULL))
			return 1;
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	print();
	return 0;
}
