/*
 * queued WAY WAITS ADDRESS PORT BACKEND BACKENDPORT: is a backend itself, that
 * takes nothing from its queue. Connects to ADDRESS, waits in one WAY until it
 * is told that the connection stands, and closes the backend, which resets it.
 * Where WAITS is 2 it waits once more before it asks what became of it, as curl
 * does; where it is 0, it only asks. By the WAY "again" it polls, and asks by a
 * second connect(). Prints what it was told each time, and by
 * whom it is answered at last.
 */
#include "tests/e2e/underway.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

enum { PATIENCE_MS = 10000, SENT = 2 };

static const char *way;
static int epoll;

int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t size);
int __ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
	const sigset_t *mask, size_t size);

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static bool is(const char *word)
{
	return !strcmp(way, word);
}

/* What an event says: an error shows as one, however it was waited for. */
static const char *wait_poll(int fd)
{
	const struct timespec t = {.tv_sec = PATIENCE_MS / 1000};
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	int n;

	if (is("ppoll"))
		n = ppoll(&p, 1, &t, NULL);
	else if (is("poll_chk"))
		n = __poll_chk(&p, 1, PATIENCE_MS, sizeof(p));
	else if (is("ppoll_chk"))
		n = __ppoll_chk(&p, 1, &t, NULL, sizeof(p));
	else
		n = poll(&p, 1, PATIENCE_MS);
	if (n != 1)
		return "nothing";
	return p.revents == POLLOUT ? "ready" : "wrong";
}

static const char *wait_select(int fd)
{
	struct timeval tv = {.tv_sec = PATIENCE_MS / 1000};
	struct timespec t = {.tv_sec = PATIENCE_MS / 1000};
	fd_set in, out;
	int n;

	FD_ZERO(&in);
	FD_SET(fd, &in);
	out = in;
	n = is("select") ? select(fd + 1, &in, &out, NULL, &tv)
			 : pselect(fd + 1, &in, &out, NULL, &t, NULL);
	if (n < 1)
		return "nothing";
	return FD_ISSET(fd, &in) ? "wrong" : "ready";
}

static const char *wait_epoll(int fd)
{
	const struct timespec t = {.tv_sec = PATIENCE_MS / 1000};
	struct epoll_event e = {.events = EPOLLOUT, .data.fd = fd};
	int n;

	if (!epoll) {
		epoll = epoll_create1(0);
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e))
			fail("epoll_ctl");
	}
	if (is("epoll_pwait"))
		n = epoll_pwait(epoll, &e, 1, PATIENCE_MS, NULL);
	else if (is("epoll_pwait2"))
		n = epoll_pwait2(epoll, &e, 1, &t, NULL);
	else
		n = epoll_wait(epoll, &e, 1, PATIENCE_MS);
	if (n != 1)
		return "nothing";
	return e.events == EPOLLOUT ? "ready" : "wrong";
}

static const char *wait_once(int fd)
{
	if (!strncmp(way, "epoll", 5))
		return wait_epoll(fd);
	return strstr(way, "select") ? wait_select(fd) : wait_poll(fd);
}

static int listen_at(const struct address *a)
{
	int one = 1, fd = socket(a->sa.sa_family, SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, &a->sa, a->len) || listen(fd, 9))
		fail("listen");
	return fd;
}

/* After SO_ERROR has said that it stands, it may still be on its way there. */
static void print_answer(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	char line[64] = "";

	poll(&p, 1, PATIENCE_MS);
	if (send(fd, "x\n", SENT, MSG_NOSIGNAL) != SENT) {
		printf("send: %s\n", strerrorname_np(errno));
		return;
	}
	p.events = POLLIN;
	poll(&p, 1, PATIENCE_MS);
	if (recv(fd, line, sizeof(line) - 1, 0) < 1)
		strcpy(line, "nothing\n");
	printf("answered %s", line);
}

static void ask_again(int fd)
{
	int err = connect(fd, &to.sa, to.len) ? errno : 0;

	printf("again %s, ", err ? strerrorname_np(err) : "0");
}

int main(int argc, char **argv)
{
	struct address self;
	int listener, fd, waits, err = 0;
	socklen_t len = sizeof(err);

	if (argc != 7)
		return 2;
	way = argv[1];
	waits = atoi(argv[2]);
	to = address_of(argv[3], argv[4]);
	self = address_of(argv[5], argv[6]);
	listener = listen_at(&self);
	fd = new_socket();
	if (!connect(fd, &to.sa, to.len) || errno != EINPROGRESS)
		fail("connect");
	if (waits > 0)
		printf("%s, ", wait_once(fd));
	wait_for_end(fd);
	close(listener);
	while (tcp_state(fd) == TCP_ESTABLISHED)
		pause_us(1000);
	if (is("again"))
		ask_again(fd);
	else if (waits > 1)
		printf("%s, ", wait_once(fd));
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	printf("error %s, ", err ? strerrorname_np(err) : "0");
	print_answer(fd);
	return 0;
}
