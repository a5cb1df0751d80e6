/*
 * foiled attach|drop|retry|wait BACKEND: a program that looks at everything
 * that it could notice of a library which does not get what it needs. It ends
 * with 0 where virtual addresses were what lbd says, with 3 where they were what
 * they are without the library, with 4 where lbd was late before anything was to
 * fail, and else with 1 and a word about it.
 *
 * 127.96.1.1:80 leads to BACKEND, 127.96.1.2:80 is denied; 127.96.1.3:80 is of
 * root, 127.96.1.4:80 of user 1234. The first backend of 127.96.1.5:80 refuses,
 * that of 127.96.1.6:80 is silent.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { GOT = 0, WRONG = 1, WITHOUT = 3, LATE = 4, ODD_ERRNO = 4321 };

static const char *backend;

static void complain(const char *what, int error)
{
	printf("%s: %s\n", what, strerror(error));
	fflush(stdout);
	_exit(WRONG);
}

static struct sockaddr_in address(const char *host, int port)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
	};

	inet_pton(AF_INET, host, &a.sin_addr);
	return a;
}

static uint64_t open_files(void)
{
	uint64_t files = 0;

	for (int fd = 0; fd < 64; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			files |= 1ULL << fd;
	return files;
}

/* What lbd gave it, as far as it is mapped. */
static int regions(void)
{
	char line[512];
	int n = 0;
	FILE *maps = fopen("/proc/self/maps", "r");

	while (fgets(line, sizeof(line), maps))
		n += strstr(line, "lbd-region") != NULL;
	fclose(maps);
	return n;
}

static void talk(int fd, const char *to)
{
	char answer[16] = "";

	if (send(fd, "x\n", 2, MSG_NOSIGNAL) != 2)
		complain(to, errno);
	if (recv(fd, answer, sizeof(answer) - 1, 0) <= 0)
		complain(to, errno);
	if (strcmp(answer, "b1\n"))
		complain(answer, 0);
}

/* The errno of connect(); after 0 it was BACKEND that answered. */
static int ask(const char *host, int port)
{
	struct sockaddr_in to = address(host, port), is = {0};
	socklen_t len = sizeof(is);
	int fd = socket(AF_INET, SOCK_STREAM, 0), error;
	struct timeval limit = {1, 0};

	if (fd < 0)
		complain("socket", errno);
	errno = ODD_ERRNO;
	error = connect(fd, (void *)&to, sizeof(to)) ? errno : 0;
	if (!error && errno != ODD_ERRNO)
		complain("errno after a success", errno);
	len = sizeof(limit);
	if (getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, &len) ||
		fcntl(fd, F_GETFL) & O_NONBLOCK)
		complain("options", errno);
	if (!error) {
		len = sizeof(is);
		if (getpeername(fd, (void *)&is, &len) ||
			(is.sin_addr.s_addr != to.sin_addr.s_addr &&
				is.sin_addr.s_addr !=
					address(backend, 0).sin_addr.s_addr))
			complain("getpeername", errno);
		talk(fd, host);
	}
	close(fd);
	return error;
}

/* All of the table, or nothing of it. */
static int attach(void)
{
	uint64_t files = open_files();
	bool table;
	int error;

	if ((error = ask(backend, 8000)))
		complain("a plain connect", error);
	error = ask("127.96.1.1", 80);
	if (error && error != ECONNREFUSED)
		complain("a virtual one", error);
	table = !error;
	error = ask("127.96.1.2", 80);
	if (error != (table ? EACCES : ECONNREFUSED))
		complain("a denied one", error);
	if ((error = ask(backend, 8000)))
		complain("a plain connect after it", error);
	if ((ask("127.96.1.1", 80) == 0) != table)
		complain("it changed its mind", 0);
	if (open_files() != files)
		complain("other descriptors than before", 0);
	if (regions() != 0 && !table)
		complain("the table, and no use of it", 0);
	return table ? GOT : WITHOUT;
}

/* What root may do is over, whatever becomes of what user 1234 may. */
static int drop(void)
{
	uint64_t files = open_files();
	int error;

	if (ask("127.96.1.3", 80))
		return LATE;
	raise(SIGSTOP);
	if (setgroups(0, NULL) || setresgid(1234, 1234, 1234) ||
		setresuid(1234, 1234, 1234))
		complain("cannot drop root", errno);
	if (ask("127.96.1.3", 80) != EACCES)
		complain("still of root", 0);
	if ((error = ask("127.96.1.1", 80)))
		complain("open to all", error);
	if ((error = ask(backend, 8000)))
		complain("a plain connect", error);
	error = ask("127.96.1.4", 80);
	if (error && error != EACCES)
		complain("of user 1234", error);
	if (ask("127.96.1.3", 80) != EACCES)
		complain("of root again", 0);
	if (open_files() != files)
		complain("other descriptors than before", 0);
	return error ? WITHOUT : GOT;
}

static int retry(void)
{
	uint64_t files = open_files();
	int error;

	if (ask("127.96.1.1", 80))
		return LATE;
	raise(SIGSTOP);
	error = ask("127.96.1.5", 80);
	if (error && error != ECONNREFUSED)
		complain("where the first refuses", error);
	if (ask("127.96.1.1", 80))
		complain("another", errno);
	if (open_files() != files)
		complain("other descriptors than before", 0);
	return error ? WITHOUT : GOT;
}

/* What a wait tells must be so. */
static int wait_for(int fd, bool by_epoll)
{
	struct epoll_event event = {.events = EPOLLOUT, .data.fd = fd};
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	int n, epoll;

	if (!by_epoll)
		return poll(&p, 1, 200);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		complain("epoll_ctl", errno);
	n = epoll_wait(epoll, &event, 1, 200);
	close(epoll);
	return n;
}

static int wait_as(bool by_epoll)
{
	struct sockaddr_in to = address("127.96.1.6", 80);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), n, error = 0;
	socklen_t len = sizeof(error);

	if (connect(fd, (void *)&to, sizeof(to)) == 0 || errno != EINPROGRESS)
		complain("it does not block", errno);
	n = wait_for(fd, by_epoll);
	if (n < 0)
		complain("a wait", errno);
	if (n == 0) {
		close(fd);
		return WITHOUT;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len))
		complain("SO_ERROR", errno);
	if (!error) {
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
		talk(fd, "said to be connected");
	}
	close(fd);
	return error ? WITHOUT : GOT;
}

static int wait_both(void)
{
	uint64_t files = open_files();
	int polled, epolled;

	if (ask("127.96.1.1", 80))
		return LATE;
	raise(SIGSTOP);
	polled = wait_as(false);
	epolled = wait_as(true);
	if (ask("127.96.1.1", 80))
		complain("another", errno);
	if (open_files() != files)
		complain("other descriptors than before", 0);
	return polled == GOT && epolled == GOT ? GOT : WITHOUT;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	backend = argv[2];
	if (!strcmp(argv[1], "attach"))
		return attach();
	if (!strcmp(argv[1], "drop"))
		return drop();
	if (!strcmp(argv[1], "retry"))
		return retry();
	if (!strcmp(argv[1], "wait"))
		return wait_both();
	return 2;
}
