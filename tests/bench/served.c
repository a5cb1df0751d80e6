/*
 * served ADDRESS PORT NAME [US [SLOTS]]: a server that takes time. A request
 * is 64 bytes that begin with a number; the answer is the same number and
 * NAME. SLOTS requests are worked on at a time, US microseconds each on
 * average (exponentially distributed), the others wait in line. On SIGTERM it
 * prints how many connections it took and how many requests it answered, and
 * ends; on SIGUSR1 it prints, and goes on.
 */
#include "tests/bench/measure.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BYTES = 64, FDS = 8192, SLOTS = 256, EVENTS = 64 };

struct request {
	int fd;
	int64_t due_ns; /* once it is worked on */
	char text[BYTES];
};

static struct request line[FDS], slot[SLOTS]; /* line: a ring */
static unsigned line_first, line_length, slots_used, slots = 1;
static size_t got[FDS]; /* bytes, by descriptor */
static char text[FDS][BYTES];
static const char *name;
static double mean_us;
static int epoll, listener;
static long taken, answered;
static volatile sig_atomic_t ended, asked;

static void on_term(int sig)
{
	(void)sig;
	ended = 1;
}

static void on_question(int sig)
{
	(void)sig;
	asked = 1;
}

static void print(void)
{
	printf("%s %ld %ld\n", name, taken, answered);
	fflush(stdout);
	asked = 0;
}

static void listen_at(const char *ip, const char *port)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct epoll_event e = {.events = EPOLLIN};
	int one = 1;

	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	in.sin_port = htons((uint16_t)atoi(port));
	inet_pton(AF_INET, ip, &in.sin_addr);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (void *)&in, sizeof(in)) || listen(listener, 4096)) {
		perror(ip);
		exit(1);
	}
	e.data.fd = listener;
	epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &e);
}

static void answer(const struct request *r)
{
	char out[BYTES];
	int n = snprintf(out, BYTES, "%ld %s", atol(r->text), name);

	memset(out + n, ' ', (size_t)(BYTES - n));
	out[BYTES - 1] = '\n';
	if (send(r->fd, out, BYTES, MSG_NOSIGNAL) == BYTES)
		answered++;
	close(r->fd);
}

/* Slots that are free go to those who wait, in the order they came. */
static void begin_work(void)
{
	while (line_length && slots_used < slots) {
		struct request *r = &slot[slots_used++];
		double chance = (1 + (double)random()) / (1 + (double)RAND_MAX);

		*r = line[line_first++ % FDS];
		line_length--;
		r->due_ns = now() + (int64_t)(-log(chance) * mean_us * 1000);
	}
}

static void end_work(void)
{
	int64_t t = now();

	for (unsigned i = slots_used; i-- > 0;)
		if (slot[i].due_ns <= t) {
			answer(&slot[i]);
			slot[i] = slot[--slots_used];
		}
}

static void enqueue(int fd)
{
	struct request *r = &line[(line_first + line_length++) % FDS];

	epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL);
	r->fd = fd;
	memcpy(r->text, text[fd], BYTES);
	r->text[BYTES - 1] = '\0';
}

static void read_request(int fd)
{
	ssize_t n = recv(fd, text[fd] + got[fd], BYTES - got[fd], MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		close(fd);
		return;
	}
	got[fd] += (size_t)n;
	if (got[fd] == BYTES)
		enqueue(fd);
}

static void take_new(void)
{
	int fd;

	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};

		if (fd >= FDS) {
			close(fd);
			continue;
		}
		taken++;
		got[fd] = 0;
		epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
	}
}

/* NULL: nothing is being worked on. */
static const struct timespec *until_next(struct timespec *left)
{
	int64_t first = INT64_MAX, t = now();

	for (unsigned i = 0; i < slots_used; i++)
		if (slot[i].due_ns < first)
			first = slot[i].due_ns;
	if (!slots_used)
		return NULL;
	first = first > t ? first - t : 0;
	*left = (struct timespec){first / 1000000000, first % 1000000000};
	return left;
}

static void serve(void)
{
	struct epoll_event e[EVENTS];
	struct timespec left;
	int n = epoll_pwait2(epoll, e, EVENTS, until_next(&left), NULL);

	for (int i = 0; i < n; i++)
		if (e[i].data.fd == listener)
			take_new();
		else
			read_request(e[i].data.fd);
	end_work();
	begin_work();
}

int main(int argc, char **argv)
{
	struct sigaction term = {.sa_handler = on_term};
	struct sigaction question = {.sa_handler = on_question};

	if (argc < 4) {
		fputs("usage: served ADDRESS PORT NAME [US [SLOTS]]\n", stderr);
		return 2;
	}
	name = argv[3];
	mean_us = argc > 4 ? atof(argv[4]) : 0;
	if (argc > 5 && atoi(argv[5]) > 0 && atoi(argv[5]) <= SLOTS)
		slots = (unsigned)atoi(argv[5]);
	sigaction(SIGTERM, &term, NULL);
	sigaction(SIGUSR1, &question, NULL);
	srandom((unsigned)getpid());
	epoll = epoll_create1(0);
	listen_at(argv[1], argv[2]);
	while (!ended) {
		serve();
		if (asked)
			print();
	}
	print();
	return 0;
}
