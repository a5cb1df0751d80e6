/*
 * woken WORDS THREADS ADDRESS PORT RELEASE ASIDE: so many threads wait for one
 * connection that is under way; then the command RELEASE lets it succeed or
 * fail. Prints what each was told, in order of words, not of threads, and what
 * became of the connection. WORDS, with commas between: epoll, epoll_pwait,
 * epoll_pwait2, poll, ppoll, select or pselect; and of epoll et, oneshot, own
 * (each thread its own), early (added before connect()), and what data is: fd,
 * zero, or another descriptor (else any number). Two more connections are on
 * their way to ASIDE at the same port, and with "twin" in an epoll of their own,
 * under the same data.
 */
#include "tests/e2e/underway.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>

enum { THREADS = 64, WAITS = 3, FIRST_MS = 800, NEXT_MS = 60 };

static const char *words;
static int fd, shared, other[2];
static uint64_t data = 0xfedcba9876543210;
static pthread_barrier_t begun;
static struct told {
	int wait[WAITS];
	int error;
} told[THREADS];

static bool has(const char *word)
{
	size_t n = strlen(word);

	for (const char *p = words; p; p = strchr(p, ',')) {
		p += *p == ',';
		if (!strncmp(p, word, n) && (!p[n] || p[n] == ','))
			return true;
	}
	return false;
}

static int new_epoll(void)
{
	struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.u64 = data};
	int epoll = epoll_create1(0);

	if (has("et"))
		e.events |= EPOLLET;
	if (has("oneshot"))
		e.events |= EPOLLONESHOT;
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e))
		perror("epoll_ctl");
	return epoll;
}

static int wait_epoll(int epoll, int ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};
	struct epoll_event e[4] = {{.events = 0}};
	int n;

	if (has("epoll_pwait"))
		n = epoll_pwait(epoll, e, 4, ms, NULL);
	else if (has("epoll_pwait2"))
		n = epoll_pwait2(epoll, e, 4, &t, NULL);
	else
		n = epoll_wait(epoll, e, 4, ms);
	if (n > 0 && e[0].data.u64 != data)
		printf("data is not what it was\n");
	if (n < 1)
		return n;
	return n > 1 ? -1 : (int)e[0].events;
}

static int wait_select(int ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};
	struct timeval tv = {ms / 1000, ms % 1000 * 1000};
	fd_set in, out, odd;
	int n;

	FD_ZERO(&in);
	FD_SET(fd, &in);
	out = odd = in;
	n = has("select") ? select(fd + 1, &in, &out, &odd, &tv)
			  : pselect(fd + 1, &in, &out, &odd, &t, NULL);
	if (n < 0)
		return -1;
	return FD_ISSET(fd, &in) + 2 * FD_ISSET(fd, &out) +
		4 * FD_ISSET(fd, &odd);
}

static int wait_once(int epoll, int ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};
	struct pollfd p = {fd, POLLIN | POLLOUT, 0};

	if (epoll >= 0)
		return wait_epoll(epoll, ms);
	if (has("select") || has("pselect"))
		return wait_select(ms);
	if ((has("poll") ? poll(&p, 1, ms) : ppoll(&p, 1, &t, NULL)) < 0)
		return -1;
	return p.revents;
}

static void *waiter(void *arg)
{
	struct told *t = arg;
	int epoll = shared;
	socklen_t len = sizeof(t->error);

	if (has("own"))
		epoll = new_epoll();
	pthread_barrier_wait(&begun);
	for (int i = 0; i < WAITS; i++)
		t->wait[i] = wait_once(epoll, i ? NEXT_MS : FIRST_MS);
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &t->error, &len);
	return NULL;
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct told));
}

/*
 * Edges of a failure may be told once or twice, for the kernel wakes for the
 * error and again for the state; and who is told after somebody else has asked
 * for the error hears of the end alone.
 */
static void print(int threads)
{
	int errors = 0, events = 0;

	qsort(told, (size_t)threads, sizeof(told[0]), by_bytes);
	for (int i = 0; i < threads; i++) {
		errors += told[i].error == ECONNREFUSED;
		for (int k = 0; k < WAITS; k++)
			events += told[i].wait[k] != 0;
	}
	if (errors && (has("et") || has("oneshot")))
		printf("%s told\n", events ? "some were" : "nobody was");
	for (int i = 0; i < threads; i++) {
		unsigned hidden = errors ? POLLERR : 0;

		if (errors && (has("et") || has("oneshot")))
			break;
		for (int k = 0; k < WAITS; k++)
			printf("%x ", (unsigned)told[i].wait[k] & ~hidden);
		printf("\n");
	}
	printf("ECONNREFUSED to %d\n", errors);
}

/* A line there and back. */
static void talk(void)
{
	char line[64];
	struct pollfd p = {fd, POLLIN, 0};

	if (send(fd, "x\n", 2, MSG_NOSIGNAL) != 2) {
		printf("send: %s\n", strerrorname_np(errno));
		return;
	}
	poll(&p, 1, 5000);
	printf("answered %d\n", recv(fd, line, sizeof(line), 0) > 0);
}

static void choose_data(void)
{
	if (has("fd"))
		data = (uint64_t)fd;
	if (has("zero"))
		data = 0;
	if (has("another"))
		data = (uint64_t)other[0];
}

static void register_others(void)
{
	struct epoll_event e = {.events = EPOLLIN, .data.u64 = data};
	int epoll = epoll_create1(0);

	for (int i = 0; i < 2; i++)
		epoll_ctl(epoll, EPOLL_CTL_ADD, other[i], &e);
}

int main(int argc, char **argv)
{
	pthread_t thread[THREADS];
	struct address aside;
	sigset_t child;
	int threads = argc > 2 ? atoi(argv[2]) : 0;

	if (argc != 7 || threads < 1 || threads > THREADS)
		return 2;
	unsetenv("LD_PRELOAD"); /* not for RELEASE, whose end is no event */
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	pthread_sigmask(SIG_BLOCK, &child, NULL);
	words = argv[1];
	to = address_of(argv[3], argv[4]);
	aside = address_of(argv[6], argv[4]);
	for (int i = 0; i < 2; i++) {
		other[i] = new_socket();
		connect(other[i], &aside.sa, aside.len);
	}
	fd = new_socket();
	choose_data();
	if (has("twin"))
		register_others();
	shared = -1;
	if (!strncmp(words, "epoll", 5) && !has("own") && has("early")) {
		shared = new_epoll();
		wait_epoll(shared, 0);
	}
	if (!connect(fd, &to.sa, to.len) || errno != EINPROGRESS)
		perror("connect");
	if (!strncmp(words, "epoll", 5) && !has("own") && !has("early"))
		shared = new_epoll();
	pthread_barrier_init(&begun, NULL, (unsigned)threads + 1);
	for (int i = 0; i < threads; i++)
		pthread_create(&thread[i], NULL, waiter, told + i);
	pthread_barrier_wait(&begun);
	pause_us(30000);
	if (system(argv[5]))
		perror(argv[5]);
	for (int i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	print(threads);
	talk();
	return 0;
}
