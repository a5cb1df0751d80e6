/*
 * attaches WORKERS MS: how many processes a second open their first internet
 * socket, and end. Each is forked for that by one of WORKERS processes that
 * have none themselves; with the library each attaches anew. Then how many
 * there were.
 */
#include "tests/bench/measure.h"

#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static atomic_long *done;

static void start_one(void)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(socket(AF_INET, SOCK_STREAM, 0) < 0);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		fail("a process with a socket");
	atomic_fetch_add(done, 1);
}

int main(int argc, char **argv)
{
	int workers = argc == 3 ? atoi(argv[1]) : 0, status;
	int64_t begun = now(), end;

	if (workers < 1) {
		fputs("usage: attaches WORKERS MS\n", stderr);
		return 2;
	}
	end = begun + atol(argv[2]) * 1000000LL;
	done = mmap(NULL, sizeof(*done), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < workers; i++) {
		if (fork())
			continue;
		while (now() < end)
			start_one();
		return 0;
	}
	while (wait(&status) > 0)
		if (status)
			return 1;
	printf("%.1f %ld\n", (double)*done * 1e9 / (double)(now() - begun),
		*done);
	return 0;
}
