/* How lbd forks: a child takes over none of its signals, and no descriptor. */
#include "fork.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What lbd ignores or handles would stay ignored, or hit lbd's own pipes. */
void fork_plain_signals(void)
{
	struct sigaction plain = {.sa_handler = SIG_DFL};
	sigset_t none;
	int i;

	for (i = 1; i < NSIG; i++)
		sigaction(i, &plain, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

pid_t fork_quietly(void)
{
	sigset_t all, before;
	pid_t pid;
	int err;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (!pid)
		return 0;
	err = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = err;
	return pid;
}

/* Before Linux 5.9 there is no close_range(). */
void fork_keep_only(int fd)
{
	if (fd != FORK_KEPT)
		dup3(fd, FORK_KEPT, O_CLOEXEC);
	if (syscall(SYS_close_range, FORK_KEPT + 1, ~0U, 0))
		for (int i = FORK_KEPT + 1; i < 65536; i++)
			close(i);
}
