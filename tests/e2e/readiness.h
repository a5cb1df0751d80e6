/* Whether a socket is ready, asked in every way that does not wait. */
#ifndef E2E_READINESS_H
#define E2E_READINESS_H

#include "tests/e2e/underway.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

/* An answer: a result, or an errno below 0. */
static int of(long rc)
{
	return rc < 0 ? -errno : (int)rc;
}

/* Where there is no event, what lies in its place says nothing. */
static int of_event(long n, const struct epoll_event *e)
{
	return n > 0 ? (int)e->events : of(n);
}

static int ask_poll(int fd)
{
	struct pollfd p = {fd, POLLIN | POLLOUT | POLLPRI | POLLRDHUP, 0};

	return poll(&p, 1, 0) < 0 ? -errno : p.revents;
}

static int ask_ppoll(int fd)
{
	struct pollfd p = {fd, POLLIN | POLLOUT | POLLPRI | POLLRDHUP, 0};
	struct timespec none = {0, 0};

	return ppoll(&p, 1, &none, NULL) < 0 ? -errno : p.revents;
}

static int ask_select(int fd)
{
	struct timeval none = {0, 0};
	fd_set in, out, odd;

	FD_ZERO(&in);
	FD_SET(fd, &in);
	out = odd = in;
	if (select(fd + 1, &in, &out, &odd, &none) < 0)
		return -errno;
	return FD_ISSET(fd, &in) + 2 * FD_ISSET(fd, &out) +
		4 * FD_ISSET(fd, &odd);
}

static int ask_pselect(int fd)
{
	struct timespec none = {0, 0};
	fd_set out;

	FD_ZERO(&out);
	FD_SET(fd, &out);
	return of(pselect(fd + 1, NULL, &out, NULL, &none, NULL));
}

static int new_epoll(int fd)
{
	struct epoll_event e = {
		.events = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP,
		.data.fd = fd};
	int epoll = epoll_create1(0);

	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
	return epoll;
}

static int ask_epoll(int fd)
{
	struct epoll_event e = {.events = 0};
	int epoll = new_epoll(fd), n = epoll_wait(epoll, &e, 1, 0);

	close(epoll);
	return of_event(n, &e);
}

static int ask_epoll_pwait(int fd)
{
	struct epoll_event e = {.events = 0};
	int epoll = new_epoll(fd), n = epoll_pwait(epoll, &e, 1, 0, NULL);

	close(epoll);
	return of_event(n, &e);
}

static int ask_epoll_pwait2(int fd)
{
	struct timespec none = {0, 0};
	struct epoll_event e = {.events = 0};
	int epoll = new_epoll(fd), n = epoll_pwait2(epoll, &e, 1, &none, NULL);

	close(epoll);
	return of_event(n, &e);
}

#endif
