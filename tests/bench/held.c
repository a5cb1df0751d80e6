/*
 * held serve PORT ADDRESS | held open COUNT ADDRESS PORT: how many connections
 * can be open at once. A connection counts once the server has sent a byte on
 * it, so one that only waits in front of a proxy does not. Processes may have
 * fewer descriptors than that: either side is as many of them as it takes, and
 * keeps what it has until all are done.
 *
 * open prints how many there were in the end, and what stopped it, if anything.
 */
#include "tests/bench/measure.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SERVED = 80000, SPARE = 50, MOST = 1000, PATIENCE_S = 15 };

static struct shared {
	atomic_int open, error, ended;
} * shared;

static struct sockaddr_in at = {.sin_family = AF_INET};

/* What one process can have of descriptors for connections. */
static int room(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_max > 100000 ? 100000 : (int)limit.rlim_max - SPARE;
}

static int processes(int count)
{
	int n = (count + room() - 1) / room();

	if (n > MOST)
		fail("too few descriptors");
	return n;
}

static void stay_with_parent(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
}

/* All of them take from one listener; who is full takes no more. */
static void take(int listener)
{
	for (int left = room(), fd; left > 0; left--) {
		fd = accept(listener, NULL, NULL);
		if (fd >= 0)
			send(fd, "!", 1, MSG_NOSIGNAL);
	}
}

static void end(const pid_t *pid, int n)
{
	for (int i = 0; i < n; i++)
		kill(pid[i], SIGKILL);
	for (int i = 0; i < n; i++)
		waitpid(pid[i], NULL, 0);
}

/* Until SIGTERM; when this has ended the address is free again. */
static void serve(void)
{
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0), n, sig;
	pid_t pid[MOST], parent = getpid();
	sigset_t term;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (void *)&at, sizeof(at)) || listen(fd, 4096))
		fail("listen");
	n = processes(SERVED);
	for (int i = 0; i < n; i++) {
		pid[i] = fork();
		if (!pid[i]) {
			stay_with_parent(parent);
			take(fd);
			for (;;)
				pause();
		}
	}
	sigwait(&term, &sig);
	end(pid, n);
}

/* 0, or why there is no further one. */
static int open_one(void)
{
	struct timeval patience = {PATIENCE_S, 0};
	struct linger reset = {1, 0};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char text;

	if (fd < 0)
		return errno;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (void *)&at, sizeof(at)))
		return errno;
	switch (recv(fd, &text, 1, 0)) {
	case 1:
		return 0;
	case 0:
		return ECONNRESET;
	default:
		return errno == EAGAIN ? ETIMEDOUT : errno;
	}
}

/* Those that opened keep them until the parent has counted. */
static void open_share(int count, pid_t parent)
{
	int none = 0, error = 0;

	stay_with_parent(parent);
	for (; count > 0 && !atomic_load(&shared->error); count--) {
		error = open_one();
		if (error)
			break;
		atomic_fetch_add(&shared->open, 1);
	}
	if (error)
		atomic_compare_exchange_strong(&shared->error, &none, error);
	atomic_fetch_add(&shared->ended, 1);
	for (;;)
		pause();
}

static void open_all(int count)
{
	int n = processes(count), error;
	pid_t pid[MOST];

	for (int i = 0; i < n; i++) {
		pid[i] = fork();
		if (!pid[i])
			open_share((count + i) / n, getppid());
	}
	while (atomic_load(&shared->ended) < n)
		usleep(10000);
	error = atomic_load(&shared->error);
	printf("%d %s\n", atomic_load(&shared->open),
		error ? strerror(error) : "");
	fflush(stdout);
	end(pid, n);
}

int main(int argc, char **argv)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (argc == 4 && !strcmp(argv[1], "serve") &&
		inet_pton(AF_INET, argv[3], &at.sin_addr) == 1) {
		at.sin_port = htons((uint16_t)atoi(argv[2]));
		serve();
		return 0;
	}
	if (argc == 5 && !strcmp(argv[1], "open") && atoi(argv[2]) > 0 &&
		inet_pton(AF_INET, argv[3], &at.sin_addr) == 1) {
		at.sin_port = htons((uint16_t)atoi(argv[4]));
		open_all(atoi(argv[2]));
		return 0;
	}
	fputs("usage: held serve PORT ADDRESS | open COUNT ADDRESS PORT\n",
		stderr);
	return 2;
}
