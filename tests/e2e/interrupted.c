/*
 * interrupted HOW ADDRESS PORT: has the kernel send a signal whenever something
 * becomes of a connection that is under way, waits by HOW for bytes that never
 * come, and says what ended the wait: a signal that is ignored, one that the
 * wait's own mask blocks, where it has one, and one with a handler. Each has
 * arrived while the connection was sent on.
 */
#include "tests/e2e/underway.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>

enum { SHORT_MS = 200, LONG_MS = 5000 };

static const char *how;
static volatile sig_atomic_t ran;

static void on_change(int sig)
{
	(void)sig;
	ran++;
	errno = EDOM;
}

static bool is(const char *word)
{
	return !strcmp(how, word);
}

static int wait_by_epoll(int fd, int ms, const sigset_t *mask)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};
	struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
	int epoll = epoll_create1(0);

	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
	if (is("epoll_pwait"))
		return epoll_pwait(epoll, &e, 1, ms, mask);
	if (is("epoll_pwait2"))
		return epoll_pwait2(epoll, &e, 1, &t, mask);
	return epoll_wait(epoll, &e, 1, ms);
}

static int wait_for(int fd, int ms, const sigset_t *mask)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};
	struct timeval tv = {ms / 1000, ms % 1000 * 1000};
	struct pollfd p = {fd, POLLIN, 0};
	fd_set in;

	FD_ZERO(&in);
	FD_SET(fd, &in);
	if (is("select"))
		return select(fd + 1, &in, NULL, NULL, &tv);
	if (is("pselect"))
		return pselect(fd + 1, &in, NULL, NULL, &t, mask);
	if (!strncmp(how, "epoll", 5))
		return wait_by_epoll(fd, ms, mask);
	return is("ppoll") ? ppoll(&p, 1, &t, mask) : poll(&p, 1, ms);
}

static void wait_with(void (*handler)(int), int ms, const sigset_t *mask)
{
	struct sigaction act = {.sa_handler = handler, .sa_flags = SA_RESTART};
	int fd = new_socket(), n, err;
	sigset_t after;

	fcntl(fd, F_SETOWN, getpid());
	fcntl(fd, F_SETFL, O_NONBLOCK | O_ASYNC);
	sigaction(SIGIO, &act, NULL);
	if (!connect(fd, &to.sa, to.len) || errno != EINPROGRESS)
		perror("connect");
	ran = 0;
	n = wait_for(fd, ms, mask);
	err = errno;
	sigprocmask(SIG_SETMASK, NULL, &after);
	printf("%d %s, %s, %s\n", n, n < 0 ? strerrorname_np(err) : "-",
		ran ? "told" : "not told",
		sigismember(&after, SIGIO) ? "blocked" : "not blocked");
	close(fd);
}

int main(int argc, char **argv)
{
	sigset_t io;

	if (argc != 4)
		return 2;
	how = argv[1];
	to = address_of(argv[2], argv[3]);
	sigemptyset(&io);
	sigaddset(&io, SIGIO);
	wait_with(SIG_IGN, SHORT_MS, NULL);
	if (is("ppoll") || is("pselect") || strstr(how, "pwait"))
		wait_with(on_change, SHORT_MS, &io);
	wait_with(on_change, LONG_MS, NULL);
	return 0;
}
