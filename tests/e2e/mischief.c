/*
 * mischief fork|forks|signals|cancel|cancel-async HOW ADDRESS PORT: connects
 * again and again without blocking, and waits by HOW, while it forks, is
 * interrupted every 50 us by a handler that connects, too, or while the thread
 * that does so is cancelled. Prints how many connections failed that should
 * have been made.
 */
#include "tests/e2e/underway.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/wait.h>

enum {
	LONG_MS = 5000,
	ROUNDS = 400,
	INTERRUPTED = 5000,
	PENDING = 200,
	FORKS = 60,
	THREADS = 4
};

static const char *how;
static _Atomic int failed, done, current = -1;

static int wait_by_select(int fd, int ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};
	struct timeval tv = {ms / 1000, ms % 1000 * 1000};
	fd_set out;

	if (fd >= FD_SETSIZE)
		return 0;
	FD_ZERO(&out);
	FD_SET(fd, &out);
	return !strcmp(how, "select")
		? select(fd + 1, NULL, &out, NULL, &tv)
		: pselect(fd + 1, NULL, &out, NULL, &t, NULL);
}

static int wait_by_epoll(int fd, int ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};
	struct epoll_event e = {.events = EPOLLOUT, .data.fd = fd};
	int epoll = epoll_create1(0), n, state;

	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
	if (!strcmp(how, "epoll_pwait"))
		n = epoll_pwait(epoll, &e, 1, ms, NULL);
	else if (!strcmp(how, "epoll_pwait2"))
		n = epoll_pwait2(epoll, &e, 1, &t, NULL);
	else
		n = epoll_wait(epoll, &e, 1, ms);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	close(epoll);
	pthread_setcancelstate(state, NULL);
	return n;
}

static int wait_for(int fd, int ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};
	struct pollfd p = {fd, POLLOUT, 0};

	if (!strncmp(how, "epoll", 5))
		return wait_by_epoll(fd, ms);
	if (strstr(how, "select"))
		return wait_by_select(fd, ms);
	return strcmp(how, "ppoll") ? poll(&p, 1, ms) : ppoll(&p, 1, &t, NULL);
}

/* Whether the connection that was begun is made in the end. */
static bool is_made(int fd)
{
	int err = 0, n;
	socklen_t len = sizeof(err);

	do
		n = wait_for(fd, LONG_MS);
	while (n < 0 && errno == EINTR);
	return n == 1 && !getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) &&
		!err && tcp_state(fd) == TCP_ESTABLISHED;
}

static int begin(void)
{
	int fd = new_socket();

	if (fd >= 0 && connect(fd, &to.sa, to.len) && errno != EINPROGRESS)
		perror("connect");
	return fd;
}

static void once(void)
{
	int fd = begin();

	if (!is_made(fd))
		failed++;
	done++;
	close(fd);
}

static void wait_for_child(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child || status) {
		printf("child: %x\n", (unsigned)status);
		failed++;
	}
}

/* Parent and child go on, each with connections of its own. */
static void fork_while_pending(void)
{
	int fd[PENDING];
	pid_t child;

	for (int i = 0; i < PENDING; i++)
		fd[i] = begin();
	child = fork();
	if (!child) {
		for (int i = 0; i < PENDING; i++)
			once();
		_exit(failed > 0);
	}
	for (int i = 0; i < PENDING; i++) {
		failed += !is_made(fd[i]);
		done++;
	}
	wait_for_child(child);
	for (int i = 0; i < PENDING; i++)
		close(fd[i]);
}

static _Atomic bool enough;

static void *connects(void *arg)
{
	while (!enough)
		once();
	return arg;
}

/* One forks while others are in the middle of theirs. */
static void fork_among_threads(void)
{
	pthread_t thread[THREADS];

	for (int i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, connects, NULL);
	for (int i = 0; i < FORKS; i++) {
		pid_t child = fork();

		if (!child) {
			failed = 0;
			for (int k = 0; k < 3; k++)
				once();
			_exit(failed > 0);
		}
		wait_for_child(child);
	}
	enough = true;
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
}

/* Now and then a connection of its own; else a look at what was interrupted. */
static void on_alarm(int sig)
{
	static int n;
	int saved = errno;
	struct pollfd p = {current, POLLOUT, 0};

	(void)sig;
	if (++n % 16 == 0)
		close(begin());
	else if (p.fd >= 0)
		poll(&p, 1, 0);
	errno = saved;
}

static void interrupted(void)
{
	struct sigaction act = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
	struct itimerval often = {{0, 50}, {0, 50}}, never = {{0, 0}, {0, 0}};

	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; i < INTERRUPTED; i++) {
		int fd = begin();

		current = fd;
		if (!is_made(fd))
			failed++;
		done++;
		current = -1;
		close(fd);
	}
	setitimer(ITIMER_REAL, &never, NULL);
}

static _Atomic int type;

/* Connects its socket, and takes it back, for as long as it lives. */
static void *is_cancelled(void *arg)
{
	struct sockaddr none = {.sa_family = AF_UNSPEC};

	pthread_setcanceltype(type, NULL);
	for (;;) {
		if (connect(current, &to.sa, to.len))
			wait_for(current, LONG_MS);
		connect(current, &none, sizeof(none));
	}
	return arg;
}

/* Whoever is left has the descriptor, and its number goes on being used. */
static void cancelled(int cancel_type)
{
	pthread_t thread;

	type = cancel_type;
	for (int i = 0; i < ROUNDS; i++) {
		int fd = new_socket();

		current = fd;
		pthread_create(&thread, NULL, is_cancelled, NULL);
		pause_us(50 + i * 37 % 700);
		pthread_cancel(thread);
		pthread_join(thread, NULL);
		if (wait_for(fd, LONG_MS) == 0) {
			printf("left waiting for ever in state %d\n",
				tcp_state(fd));
			failed++;
		}
		close(fd);
		once();
	}
}

int main(int argc, char **argv)
{
	if (argc != 5)
		return 2;
	how = argv[2];
	to = address_of(argv[3], argv[4]);
	if (!strcmp(argv[1], "fork"))
		fork_while_pending();
	else if (!strcmp(argv[1], "forks"))
		fork_among_threads();
	else if (!strcmp(argv[1], "signals"))
		interrupted();
	else
		cancelled(strcmp(argv[1], "cancel")
				? PTHREAD_CANCEL_ASYNCHRONOUS
				: PTHREAD_CANCEL_DEFERRED);
	printf("failed %d\n", failed);
	return done ? 0 : 1;
}
