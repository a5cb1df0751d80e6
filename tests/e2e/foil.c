/*
 * foil start|mark ERROR[,ERROR...] PROGRAM ARGS...: runs a program again and
 * again, and each time has another of the system calls that the preloaded
 * library makes for itself fail, once or from there on, until a run has no more
 * of them. Calls of the program and of libc are left alone: the library's are
 * known by where they are made from. With `mark` it begins to count where the
 * program has stopped itself.
 *
 * The program ends with 0 where it got what it asked for, with 3 where it got
 * what it would have got without the library, with 4 where it did not come to
 * that, for lbd was late, and is to begin again; anything else is a complaint.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

enum { GOT = 0, WITHOUT = 3, LATE = 4, CANNOT = 77, SECONDS = 10 };

static const struct {
	const char *name;
	int number;
} errors[] = {
	{"ENOMEM", ENOMEM},
	{"EMFILE", EMFILE},
	{"EINTR", EINTR},
	{"EAGAIN", EAGAIN},
	{"EPERM", EPERM},
	{"EINVAL", EINVAL},
	{"ENOSYS", ENOSYS},
};

/* One run. */
struct run {
	pid_t pid;
	int error;
	long once, always; /* which call, from which on; 0: none */
	long calls;	   /* of the library, so far */
	bool counting, foiling;
	uint64_t from, to; /* where the library's code is */
	uint64_t last;	   /* the call that failed */
};

static void find_library(struct run *r)
{
	char path[40], line[512], rights[5];
	unsigned long from, to;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", r->pid);
	maps = fopen(path, "r");
	while (maps && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %4s", &from, &to, rights) == 3 &&
			rights[2] == 'x' && strstr(line, "/liblbshim.so")) {
			r->from = from;
			r->to = to;
		}
	if (maps)
		fclose(maps);
}

static bool is_of_library(struct run *r, uint64_t at)
{
	if (!r->to)
		find_library(r);
	return at >= r->from && at < r->to;
}

#ifdef __x86_64__
static void set_number(pid_t pid, long number)
{
	ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.orig_rax),
		number);
}

static void set_result(pid_t pid, long result)
{
	ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.rax), result);
}
#else
static void set_number(pid_t pid, long number)
{
	(void)pid;
	(void)number;
	exit(CANNOT);
}

static void set_result(pid_t pid, long result)
{
	set_number(pid, result);
}
#endif

/* What the program itself has asked for; and what never fails. */
static bool is_left_alone(uint64_t number)
{
	static const uint64_t alone[] = {SYS_getpeername, SYS_munmap,
		SYS_getpid, SYS_gettid, SYS_geteuid, SYS_getegid,
		SYS_rt_sigprocmask};

	for (size_t i = 0; i < sizeof(alone) / sizeof(*alone); i++)
		if (number == alone[i])
			return true;
	return false;
}

/* A close() that fails has closed all the same. */
static void on_call(struct run *r)
{
	struct ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, r->pid, sizeof(info), &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_EXIT && r->foiling) {
		set_result(r->pid, -r->error);
		r->foiling = false;
	}
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY || !r->counting ||
		is_left_alone(info.entry.nr) ||
		!is_of_library(r, info.instruction_pointer))
		return;
	r->calls++;
	r->foiling =
		r->calls == r->once || (r->always && r->calls >= r->always);
	if (!r->foiling)
		return;
	r->last = info.entry.nr;
	if (info.entry.nr != SYS_close)
		set_number(r->pid, -1);
}

static void begin(struct run *r, char **program)
{
	r->pid = fork();
	if (r->pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		setenv("LD_PRELOAD", getenv("FOILED"), 1);
		alarm(SECONDS);
		execv(*program, program);
		_exit(CANNOT);
	}
	waitpid(r->pid, NULL, 0);
	ptrace(PTRACE_SETOPTIONS, r->pid, NULL,
		PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
}

/* Its status, as waitpid() has it. */
static int go(struct run *r, char **program)
{
	long signal = 0;
	int status;

	begin(r, program);
	for (;;) {
		ptrace(PTRACE_SYSCALL, r->pid, NULL, signal);
		if (waitpid(r->pid, &status, 0) < 0 || !WIFSTOPPED(status))
			return status;
		signal = 0;
		if (WSTOPSIG(status) == (SIGTRAP | 0x80))
			on_call(r);
		else if (WSTOPSIG(status) == SIGSTOP)
			r->counting = true;
		else
			signal = WSTOPSIG(status);
	}
}

static struct {
	long calls, got, without, complaints;
} all;

static void judge(const struct run *r, const char *error, int status)
{
	if (r->calls > all.calls)
		all.calls = r->calls;
	if (WIFEXITED(status) && WEXITSTATUS(status) == GOT)
		all.got++;
	else if (WIFEXITED(status) && WEXITSTATUS(status) == WITHOUT)
		all.without++;
	else {
		all.complaints++;
		printf("^ %s %ld of %ld by %s, the last call %lu: status %x\n",
			r->once ? "once" : "always",
			r->once ? r->once : r->always, r->calls, error,
			(unsigned long)r->last, (unsigned)status);
	}
}

static bool is_late(int status)
{
	return WIFEXITED(status) && WEXITSTATUS(status) == LATE;
}

static void foil(
	const char *error, int number, bool always, bool mark, char **program)
{
	long n = 0, met;

	do {
		struct run r;
		int status, tries = 0;

		n++;
		do {
			r = (struct run){.error = number, .counting = !mark};
			*(always ? &r.always : &r.once) = n;
			status = go(&r, program);
		} while (is_late(status) && ++tries < 5);
		judge(&r, error, status);
		met = r.calls;
	} while (met >= n);
}

int main(int argc, char **argv)
{
	bool mark = argc > 1 && !strcmp(argv[1], "mark");

	setvbuf(stdout, NULL, _IONBF, 0);
	if (argc < 4 || !getenv("FOILED"))
		return 2;
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		if (!strstr(argv[2], errors[i].name))
			continue;
		foil(errors[i].name, errors[i].number, false, mark, argv + 3);
		foil(errors[i].name, errors[i].number, true, mark, argv + 3);
	}
	printf("%ld calls, %s, %s, %ld complaints\n", all.calls,
		all.got ? "some got it" : "none got it",
		all.without ? "some did without" : "none did without",
		all.complaints);
	return all.complaints > 0;
}
