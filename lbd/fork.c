/* How lbd forks: a child takes over none of its signals. */
#include "fork.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
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
