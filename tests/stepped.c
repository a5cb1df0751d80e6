#include "stepped.h"

#include <check.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t stepped_start(void (*act)(void *), void *with)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		act(with);
		_exit(0);
	}
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSTOPPED(status));
	return pid;
}

bool stepped_continue(pid_t pid)
{
	int status;

	ck_assert_int_eq(ptrace(PTRACE_CONT, pid, NULL, NULL), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFSTOPPED(status);
}

bool stepped_step(pid_t pid)
{
	int status;

	ck_assert_int_eq(ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFSTOPPED(status);
}

void stepped_finish(pid_t pid)
{
	int status;

	do {
		ptrace(PTRACE_CONT, pid, NULL, NULL);
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	} while (WIFSTOPPED(status));
}
