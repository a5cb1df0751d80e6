/*
 * load [rate=N] [seconds=N] [count=N] ADDRESS PORT: a blocking client, and
 * what it saw. One request is connect, a line of 64 bytes, the answer's line,
 * close. Prints how many answers each server gave, then what failed: connects,
 * and connections that were reset after they were made.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { NAMES = 64, NAME = 64 };

static struct {
	char name[NAME];
	long answers;
} server[NAMES];

static long connects_failed, resets, errnos[256];

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void count_answer(const char *name)
{
	for (int i = 0; i < NAMES; i++) {
		if (!server[i].answers)
			strcpy(server[i].name, name);
		if (!strcmp(server[i].name, name)) {
			server[i].answers++;
			return;
		}
	}
}

/* False if the connection ended before a whole line had come. */
static int read_line(int fd, char *line)
{
	size_t used = 0;

	while (used < NAME - 1) {
		ssize_t n = recv(fd, line + used, NAME - 1 - used, 0);

		if (n <= 0)
			return 0;
		used += (size_t)n;
		if (line[used - 1] == '\n') {
			line[used - 1] = '\0';
			return 1;
		}
	}
	return 0;
}

static void request(const struct sockaddr *to, socklen_t len)
{
	char line[NAME] = "................................"
			  "..............................\n";
	int fd = socket(to->sa_family, SOCK_STREAM, 0);

	if (connect(fd, to, len)) {
		connects_failed++;
		errnos[errno & 255]++;
	} else if (send(fd, line, sizeof(line), MSG_NOSIGNAL) < 0 ||
		!read_line(fd, line)) {
		resets++;
	} else {
		count_answer(line);
	}
	close(fd);
}

static void wait_until(double when)
{
	double left = when - now();
	struct timespec t = {
		(time_t)left, (long)((left - (double)(long)left) * 1e9)};

	if (left > 0)
		nanosleep(&t, NULL);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void print(long requests)
{
	int n = 0;

	while (n < NAMES && server[n].answers)
		n++;
	qsort(server, (size_t)n, sizeof(server[0]), by_name);
	for (int i = 0; i < n; i++)
		printf("%s %ld\n", server[i].name, server[i].answers);
	printf("requests %ld\nfailed connects %ld\nreset after connect %ld\n",
		requests, connects_failed, resets);
	for (int i = 0; i < 256; i++)
		if (errnos[i])
			printf("connect: %s %ld\n", strerror(i), errnos[i]);
}

static long option(int argc, char **argv, const char *name, long otherwise)
{
	size_t length = strlen(name);

	for (int i = 1; i < argc; i++)
		if (!strncmp(argv[i], name, length) && argv[i][length] == '=')
			return atol(argv[i] + length + 1);
	return otherwise;
}

static volatile sig_atomic_t stopped;

static void on_term(int sig)
{
	(void)sig;
	stopped = 1;
}

int main(int argc, char **argv)
{
	long rate = option(argc, argv, "rate", 0);
	long count = option(argc, argv, "count", 1L << 40);
	double until = now() + (double)option(argc, argv, "seconds", 3600);
	double begun = now();
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	struct sigaction act = {.sa_handler = on_term, .sa_flags = SA_RESTART};
	long done = 0;

	if (argc < 3)
		return 2;
	in.sin_port = in6.sin6_port = htons((uint16_t)atoi(argv[argc - 1]));
	sigaction(SIGTERM, &act, NULL);
	for (; done < count && !stopped && now() < until; done++) {
		if (rate)
			wait_until(begun + (double)done / (double)rate);
		if (inet_pton(AF_INET, argv[argc - 2], &in.sin_addr) == 1)
			request((struct sockaddr *)&in, sizeof(in));
		else if (inet_pton(AF_INET6, argv[argc - 2], &in6.sin6_addr) ==
			1)
			request((struct sockaddr *)&in6, sizeof(in6));
	}
	print(done);
	return 0;
}
