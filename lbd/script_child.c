/*
 * A script's child: it becomes the program with nothing of lbd left but the
 * user: no descriptor, signal, limit or variable. It dies with lbd. Only calls
 * that a signal handler may make stand between fork() and execve().
 */
#include "script_child.h"
#include "fork.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* lbd takes all the descriptors it may have; select() breaks beyond 1,024. */
static void reset_limits(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files))
		return;
	if (files.rlim_cur > 1024)
		files.rlim_cur = 1024;
	setrlimit(RLIMIT_NOFILE, &files);
}

static int arrange_files(int said)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
		dup2(null, STDOUT_FILENO) < 0 || dup2(said, STDERR_FILENO) < 0)
		return -1;
	return chdir("/");
}

static _Noreturn void give_up(int trouble)
{
	int err = errno;

	if (write(trouble, &err, sizeof(err)) < 0)
		_exit(126);
	_exit(127);
}

static _Noreturn void become(
	pid_t lbd, char *const argv[], char *const env[], int said, int trouble)
{
	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != lbd) /* it died before that call */
		_exit(EXIT_FAILURE);
	if (arrange_files(said))
		give_up(trouble);
	fork_keep_only(trouble);
	reset_limits();
	fork_plain_signals();
	execve(argv[0], argv, env);
	give_up(FORK_KEPT);
}

static void close_pair(const int fd[2])
{
	close(fd[0]);
	close(fd[1]);
}

static int open_pair(int fd[2])
{
	if (pipe2(fd, O_CLOEXEC))
		return -1;
	fcntl(fd[0], F_SETFL, O_NONBLOCK); /* the other end is the script's */
	return 0;
}

pid_t script_fork(
	char *const argv[], char *const env[], struct script_pipes *pipes)
{
	int said[2], trouble[2], err;
	pid_t pid, lbd = getpid();

	if (open_pair(said))
		return -1;
	if (open_pair(trouble)) {
		err = errno;
		close_pair(said);
		errno = err;
		return -1;
	}
	pid = fork_quietly();
	if (!pid)
		become(lbd, argv, env, said[1], trouble[1]);
	err = errno;
	close(said[1]);
	close(trouble[1]);
	if (pid < 0)
		close(said[0]), close(trouble[0]);
	pipes->said = said[0];
	pipes->trouble = trouble[0];
	errno = err;
	return pid;
}
