/*
 * crowd COUNT ADDRESS PORT: that many processes, which connect (UDP, nothing
 * is sent) whenever a line comes on standard input. Each time it prints how
 * many the least and the most used backend got, how many backends there were,
 * and how many processes went elsewhere than the time before.
 */
#include "tests/bench/measure.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CALLERS = 20000, AT_ONCE = 50, PATIENCE_MS = 60000 };

static struct shared {
	atomic_int done;
	in_addr_t went[CALLERS];
} * shared;

static struct sockaddr_in to = {.sin_family = AF_INET};

/* The kernel's own word for where it went, whatever a library says. */
static in_addr_t connect_once(void)
{
	struct sockaddr_in peer = {.sin_family = AF_INET};
	socklen_t len = sizeof(peer);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (connect(fd, (void *)&to, sizeof(to)))
		fail("connect");
	if (syscall(SYS_getpeername, fd, &peer, &len))
		fail("getpeername");
	close(fd);
	return peer.sin_addr.s_addr;
}

/* Each signal is a round. */
static void live(int i, const sigset_t *round)
{
	int sig;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		sigwait(round, &sig);
		shared->went[i] = connect_once();
		atomic_fetch_add(&shared->done, 1);
	}
}

static void wait_for(int done)
{
	for (int ms = 0; atomic_load(&shared->done) < done; ms++) {
		if (ms == PATIENCE_MS)
			fail("not everybody connected");
		usleep(1000);
	}
}

/* A few at a time: the machine has other things to do. */
static void ask(const pid_t *pid, int count)
{
	atomic_store(&shared->done, 0);
	for (int i = 0; i < count; i++) {
		kill(pid[i], SIGUSR1);
		wait_for(i - AT_ONCE);
	}
	wait_for(count);
}

static int by_address(const void *a, const void *b)
{
	in_addr_t x = *(const in_addr_t *)a, y = *(const in_addr_t *)b;

	return (x > y) - (x < y);
}

static void print(const in_addr_t *before, int count)
{
	static in_addr_t sorted[CALLERS];
	int moved = 0, backends = 0, least = count, most = 0;

	for (int i = 0; i < count; i++) {
		sorted[i] = shared->went[i];
		moved += shared->went[i] != before[i];
	}
	qsort(sorted, (size_t)count, sizeof(sorted[0]), by_address);
	for (int i = 0, first = 0; i < count; i++) {
		if (i + 1 < count && sorted[i + 1] == sorted[first])
			continue;
		if (i + 1 - first < least)
			least = i + 1 - first;
		if (i + 1 - first > most)
			most = i + 1 - first;
		first = i + 1;
		backends++;
	}
	printf("%d %d %d %d\n", least, most, backends, moved);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static in_addr_t before[CALLERS];
	static pid_t pid[CALLERS];
	int count = argc == 4 ? atoi(argv[1]) : 0;
	sigset_t round;

	if (count < 1 || count > CALLERS) {
		fputs("usage: crowd COUNT ADDRESS PORT\n", stderr);
		return 2;
	}
	inet_pton(AF_INET, argv[2], &to.sin_addr);
	to.sin_port = htons((uint16_t)atoi(argv[3]));
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	sigemptyset(&round);
	sigaddset(&round, SIGUSR1);
	sigprocmask(SIG_BLOCK, &round, NULL);
	connect_once(); /* once for all: a table that children inherit */
	for (int i = 0; i < count; i++)
		if (!(pid[i] = fork()))
			live(i, &round);
	while (getchar() != EOF) {
		for (int i = 0; i < count; i++)
			before[i] = shared->went[i];
		ask(pid, count);
		print(before, count);
	}
	for (int i = 0; i < count; i++) {
		kill(pid[i], SIGKILL);
		waitpid(pid[i], NULL, 0);
	}
	return 0;
}
