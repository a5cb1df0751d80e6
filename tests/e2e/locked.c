/*
 * locked prctl|seccomp SECONDS ADDRESS PORT: a program that locks itself in
 * and then connects ten times a second. From the moment it has its filter, any
 * system call but its own few kills it. Prints what each request was answered.
 */
#include "tests/e2e/lock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const int allowed[] = {SYS_connect, SYS_sendto, SYS_recvfrom, SYS_write,
	SYS_close, SYS_clock_nanosleep, SYS_exit_group};

static void lock_in(const char *how)
{
	struct lock lock =
		lock_of(allowed, sizeof(allowed) / sizeof(allowed[0]));
	struct sock_fprog program = {lock.length, lock.code};
	int rc;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		exit(3);
	if (!strcmp(how, "prctl"))
		rc = prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
	else
		rc = (int)syscall(
			SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
	if (rc)
		exit(4);
}

static void say(const char *text, size_t length)
{
	if (write(1, text, length) < 0)
		_exit(5);
}

static void ask(const struct sockaddr_in *to)
{
	char line[64];
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	ssize_t n;

	if (connect(fd, (const struct sockaddr *)to, sizeof(*to))) {
		say(errno == EACCES ? "denied\n" : "failed\n", 7);
	} else if (send(fd, "x\n", 2, 0) == 2 &&
		(n = recv(fd, line, sizeof(line), 0)) > 0) {
		say(line, (size_t)n);
	}
	close(fd);
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	const struct timespec pause = {0, 100 * 1000 * 1000};

	if (argc != 5 || inet_pton(AF_INET, argv[3], &to.sin_addr) != 1)
		return 2;
	to.sin_port = htons((uint16_t)atoi(argv[4]));
	lock_in(argv[1]);
	for (int i = 10 * atoi(argv[2]); i > 0; i--) {
		ask(&to);
		clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	}
	_exit(0);
}
