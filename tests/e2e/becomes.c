/*
 * becomes VERB[=VALUE]...: changes who it is, and says on one line each what
 * that does to its connections:
 *
 *	ask=N		what the service at 127.96.1.N:80 answers, or the error
 *	keep=N		the same, and the connection stays
 *	deep=N		the same as ask, from far down the stack
 *	hold		the next descriptor is a file
 *	say=TEXT	that
 *	find=ADDRESS	whether its own memory has that IPv4 address
 *	uid= euid= gid= egid= reuid=R,E resuid=R,E,S resgid=R,E,S
 *	groups=G,... init=G	the calls of that name
 *	raw=UID		the system call, by no function of libc
 *	chroot=DIR nnp seccomp stop	(until SIGCONT)
 *	fork		the rest is a child's
 *	vfork=UID	a child on its way to exec() becomes UID
 *	threads=UID	several connect to N = 1 while one becomes UID for good
 */
#include "tests/e2e/lock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MANY = 16, THREADS = 4, MORE = 200 };

static int maps, mem;

/* Into `said`, at most 32 bytes. */
static void ask(const char *number, char *said, bool keep)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(80)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	ssize_t n = 0;

	to.sin_addr.s_addr = htonl(0x7f600100U + (unsigned)atoi(number));
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to))) {
		strcpy(said, errno == EACCES ? "EACCES" : "failed");
	} else {
		if (send(fd, "x\n", 2, 0) == 2)
			n = recv(fd, said, 31, 0);
		while (n > 0 && said[n - 1] == '\n')
			n--;
		said[n > 0 ? n : 0] = '\0';
	}
	if (!keep)
		close(fd);
}

__attribute__((noinline)) static void ask_deep(const char *number, char *said)
{
	volatile char above[1 << 14];

	above[0] = 0;
	ask(number, said, false);
	(void)above[0];
}

/* Inside out, so that what is looked for is not found here. */
static bool has(const char *at, size_t size, const unsigned char not_it[4])
{
	for (size_t i = 0; i + 4 <= size; i++) {
		const unsigned char *p = (const unsigned char *)at + i;
		bool net = true, host = true;

		for (int k = 0; k < 4; k++) {
			net &= (p[k] ^ not_it[k]) == 0xff;
			host &= (p[k] ^ not_it[3 - k]) == 0xff;
		}
		if (net || host)
			return true;
	}
	return false;
}

static bool memory_has(const char *address)
{
	static char list[1 << 16];
	static char page[1 << 16];
	unsigned char not_it[4];
	unsigned long from, to;
	unsigned part[4];
	ssize_t n, all = 0;

	sscanf(address, "%u.%u.%u.%u", &part[0], &part[1], &part[2], &part[3]);
	for (int i = 0; i < 4; i++) {
		not_it[i] = (unsigned char)~part[i];
		part[i] = 0;
	}
	lseek(maps, 0, SEEK_SET);
	while ((n = read(maps, list + all, sizeof(list) - 1 - (size_t)all)) > 0)
		all += n;
	list[all] = '\0';
	for (char *l = strtok(list, "\n"); l; l = strtok(NULL, "\n")) {
		if (sscanf(l, "%lx-%lx r", &from, &to) != 2 ||
			!strstr(l, " r") || strstr(l, "[v"))
			continue;
		for (; from < to; from += sizeof(page) - 4) {
			size_t size = sizeof(page) < to - from ? sizeof(page)
							       : to - from;

			if (from <= (unsigned long)page + sizeof(page) &&
				from + size >= (unsigned long)page)
				continue;
			n = pread(mem, page, size, (off_t)from);
			if (n > 0 && has(page, (size_t)n, not_it))
				return true;
			if (size < sizeof(page))
				break;
		}
	}
	return false;
}

static void lock_in(void)
{
	static const int allowed[] = {SYS_connect, SYS_sendto, SYS_recvfrom,
		SYS_write, SYS_close, SYS_exit_group, SYS_setresuid};
	struct lock lock =
		lock_of(allowed, sizeof(allowed) / sizeof(allowed[0]));
	struct sock_fprog program = {lock.length, lock.code};

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program))
		_exit(4);
}

static int vfork_as(uid_t user)
{
	int status;
	pid_t child = vfork();

	if (!child)
		_exit(setuid(user) ? 1 : 0);
	return waitpid(child, &status, 0) == child && !status ? 0 : -1;
}

static _Atomic bool dropped, enough;
static _Atomic int served, served_late;

static void *connects(void *arg)
{
	char said[32];

	while (!enough) {
		bool late = dropped;

		ask("1", said, false);
		if (strcmp(said, "EACCES"))
			*(late ? &served_late : &served) += 1;
	}
	return arg;
}

static int drop_among_threads(uid_t user)
{
	pthread_t thread[THREADS];
	char said[32];
	int rc;

	for (int i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, connects, NULL);
	while (served < MORE)
		usleep(1000);
	rc = setresuid(user, user, user);
	dropped = true;
	for (int i = 0; i < MORE; i++)
		ask("1", said, false);
	enough = true;
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	printf("late %d\n", served_late);
	return rc;
}

/* While the program is still root: later it is not let in. */
static void open_memory(void)
{
	maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
}

static void fork_on(void)
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child)
		exit(waitpid(child, &status, 0) != child || status);
	open_memory();
}

static unsigned numbers(const char *text, unsigned id[MANY])
{
	unsigned n = 0;

	while (*text && n < MANY) {
		char *end;

		id[n++] = (unsigned)strtoul(text, &end, 10);
		text = *end ? end + 1 : end;
	}
	return n;
}

static int become(const char *verb, const char *value)
{
	unsigned id[MANY] = {0}, n = numbers(value, id);

	if (!strcmp(verb, "uid"))
		return setuid(id[0]);
	if (!strcmp(verb, "euid"))
		return seteuid(id[0]);
	if (!strcmp(verb, "gid"))
		return setgid(id[0]);
	if (!strcmp(verb, "egid"))
		return setegid(id[0]);
	if (!strcmp(verb, "reuid"))
		return setreuid(id[0], id[1]);
	if (!strcmp(verb, "regid"))
		return setregid(id[0], id[1]);
	if (!strcmp(verb, "resuid"))
		return setresuid(id[0], id[1], id[2]);
	if (!strcmp(verb, "resgid"))
		return setresgid(id[0], id[1], id[2]);
	if (!strcmp(verb, "groups"))
		return setgroups(n, id);
	if (!strcmp(verb, "init"))
		return initgroups("nobody", id[0]);
	if (!strcmp(verb, "raw"))
		return (int)syscall(SYS_setuid, id[0]);
	return -2;
}

static int act(const char *verb, const char *value)
{
	char said[32];

	if (!strcmp(verb, "hold"))
		return open("/dev/null", O_RDONLY | O_CLOEXEC) < 0;
	if (!strcmp(verb, "ask") || !strcmp(verb, "keep")) {
		ask(value, said, !strcmp(verb, "keep"));
		return printf("%s\n", said) < 0;
	}
	if (!strcmp(verb, "deep")) {
		ask_deep(value, said);
		return printf("%s\n", said) < 0;
	}
	if (!strcmp(verb, "say"))
		return printf("%s\n", value) < 0;
	if (!strcmp(verb, "find"))
		return printf("%s\n", memory_has(value) ? "seen" : "gone") < 0;
	if (!strcmp(verb, "chroot"))
		return chroot(value) || chdir("/");
	if (!strcmp(verb, "nnp"))
		return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (!strcmp(verb, "seccomp"))
		return lock_in(), 0;
	if (!strcmp(verb, "stop"))
		return raise(SIGSTOP);
	if (!strcmp(verb, "fork"))
		return fork_on(), 0;
	if (!strcmp(verb, "vfork"))
		return vfork_as((uid_t)atoi(value));
	if (!strcmp(verb, "threads"))
		return drop_among_threads((uid_t)atoi(value));
	return become(verb, value);
}

int main(int argc, char **argv)
{
	static char line[1 << 12];

	setvbuf(stdout, line, _IOLBF, sizeof(line));
	open_memory();
	for (int i = 1; i < argc; i++) {
		char verb[16] = "";
		const char *value = strchr(argv[i], '=');
		size_t n = value ? (size_t)(value - argv[i]) : strlen(argv[i]);

		memcpy(verb, argv[i], n < 15 ? n : 15);
		if (act(verb, value ? value + 1 : "")) {
			perror(argv[i]);
			return 1;
		}
	}
	fflush(stdout);
	_exit(0);
}
