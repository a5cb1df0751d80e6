/*
 * What the calls are before the constructor has run, in a program that has no
 * dlsym(), or below a libc that has no such call: the kernel's own.
 */
#include "raw.h"
#include "real.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>

enum { SIGSET_SIZE = 8 }; /* the kernel's */

static int raw_result(long rc)
{
	if (rc < 0) {
		errno = (int)-rc;
		return -1;
	}
	return (int)rc;
}

static int raw_connect(int fd, const struct sockaddr *to, socklen_t len)
{
	return raw_result(raw3(SYS_connect, fd, (long)to, len));
}

static int raw_socket(int family, int type, int protocol)
{
	return raw_result(raw3(SYS_socket, family, type, protocol));
}

static int raw_clock_gettime(clockid_t clock, struct timespec *at)
{
	return raw_result(raw3(SYS_clock_gettime, clock, (long)at, 0));
}

static int raw_chroot(const char *path)
{
	return raw_result(raw3(SYS_chroot, (long)path, 0, 0));
}

static int raw_prctl(int option, ...)
{
	long arg[4];
	va_list args;

	va_start(args, option);
	for (int i = 0; i < 4; i++)
		arg[i] = va_arg(args, long);
	va_end(args);
	return raw_result(
		raw5(SYS_prctl, option, arg[0], arg[1], arg[2], arg[3]));
}

static long raw_syscall(long number, ...)
{
	long arg[6], rc;
	va_list args;

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		arg[i] = va_arg(args, long);
	va_end(args);
	rc = raw6(number, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
	if (rc < 0 && rc > -4096) {
		errno = (int)-rc;
		return -1;
	}
	return rc;
}

static int raw_shutdown(int fd, int how)
{
	return raw_result(raw3(SYS_shutdown, fd, how, 0));
}

static int raw_getpeername(int fd, struct sockaddr *name, socklen_t *len)
{
	return raw_result(raw3(SYS_getpeername, fd, (long)name, (long)len));
}

static int raw_getsockopt(
	int fd, int level, int name, void *value, socklen_t *len)
{
	return raw_result(
		raw5(SYS_getsockopt, fd, level, name, (long)value, (long)len));
}

static ssize_t raw_sendto(int fd, const void *bytes, size_t n, int flags,
	const struct sockaddr *to, socklen_t len)
{
	return raw_result(raw6(
		SYS_sendto, fd, (long)bytes, (long)n, flags, (long)to, len));
}

static ssize_t raw_sendmsg(int fd, const struct msghdr *m, int flags)
{
	return raw_result(raw3(SYS_sendmsg, fd, (long)m, flags));
}

static int raw_sendmmsg(int fd, struct mmsghdr *m, unsigned n, int flags)
{
	return raw_result(raw5(SYS_sendmmsg, fd, (long)m, n, flags, 0));
}

static struct timespec *timespec_of_ms(int ms, struct timespec *out)
{
	out->tv_sec = ms / 1000;
	out->tv_nsec = ms % 1000 * 1000000;
	return ms < 0 ? NULL : out;
}

static int raw_ppoll(struct pollfd *fds, nfds_t n,
	const struct timespec *timeout, const sigset_t *mask)
{
	struct timespec left = timeout ? *timeout : (struct timespec){0};

	return raw_result(raw5(SYS_ppoll, (long)fds, (long)n,
		timeout ? (long)&left : 0, (long)mask, SIGSET_SIZE));
}

static int raw_poll(struct pollfd *fds, nfds_t n, int ms)
{
	struct timespec timeout;

	return raw_ppoll(fds, n, timespec_of_ms(ms, &timeout), NULL);
}

static int raw_poll_chk(struct pollfd *fds, nfds_t n, int ms, size_t size)
{
	(void)size;
	return raw_poll(fds, n, ms);
}

static int raw_ppoll_chk(struct pollfd *fds, nfds_t n,
	const struct timespec *timeout, const sigset_t *mask, size_t size)
{
	(void)size;
	return raw_ppoll(fds, n, timeout, mask);
}

static int pselect_raw(int n, fd_set *r, fd_set *w, fd_set *e,
	struct timespec *timeout, const sigset_t *mask)
{
	const struct {
		const sigset_t *mask;
		size_t size;
	} arg = {mask, SIGSET_SIZE};

	return raw_result(raw6(SYS_pselect6, n, (long)r, (long)w, (long)e,
		(long)timeout, (long)&arg));
}

static int raw_pselect(int n, fd_set *r, fd_set *w, fd_set *e,
	const struct timespec *timeout, const sigset_t *mask)
{
	struct timespec left = timeout ? *timeout : (struct timespec){0};

	return pselect_raw(n, r, w, e, timeout ? &left : NULL, mask);
}

static int raw_select(
	int n, fd_set *r, fd_set *w, fd_set *e, struct timeval *timeout)
{
	struct timespec left = {0};
	int rc;

	if (!timeout)
		return pselect_raw(n, r, w, e, NULL, NULL);
	left.tv_sec = timeout->tv_sec;
	left.tv_nsec = timeout->tv_usec * 1000;
	rc = pselect_raw(n, r, w, e, &left, NULL);
	timeout->tv_sec = left.tv_sec;
	timeout->tv_usec = left.tv_nsec / 1000;
	return rc;
}

static int raw_epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
	return raw_result(raw5(SYS_epoll_ctl, epfd, op, fd, (long)event, 0));
}

static int raw_epoll_pwait(int epfd, struct epoll_event *event, int most,
	int ms, const sigset_t *mask)
{
	return raw_result(raw6(SYS_epoll_pwait, epfd, (long)event, most, ms,
		(long)mask, SIGSET_SIZE));
}

static int raw_epoll_wait(int epfd, struct epoll_event *event, int most, int ms)
{
	return raw_epoll_pwait(epfd, event, most, ms, NULL);
}

static int raw_epoll_pwait2(int epfd, struct epoll_event *event, int most,
	const struct timespec *timeout, const sigset_t *mask)
{
	return raw_result(raw6(SYS_epoll_pwait2, epfd, (long)event, most,
		(long)timeout, (long)mask, SIGSET_SIZE));
}

static int raw_dup(int fd)
{
	return raw_result(raw3(SYS_dup, fd, 0, 0));
}

static int raw_dup3(int from, int to, int flags)
{
	return raw_result(raw3(SYS_dup3, from, to, flags));
}

static int raw_dup2(int from, int to)
{
	if (from != to)
		return raw_dup3(from, to, 0);
	return raw_result(raw3(SYS_fcntl, from, F_GETFD, 0)) < 0 ? -1 : to;
}

static int raw_fcntl(int fd, int cmd, ...)
{
	va_list args;
	long arg;

	va_start(args, cmd);
	arg = va_arg(args, long);
	va_end(args);
	return raw_result(raw3(SYS_fcntl, fd, cmd, arg));
}

static ssize_t raw_recvmsg(int fd, struct msghdr *m, int flags)
{
	return raw_result(raw3(SYS_recvmsg, fd, (long)m, flags));
}

static int raw_recvmmsg(int fd, struct mmsghdr *m, unsigned n, int flags,
	struct timespec *timeout)
{
	return raw_result(
		raw5(SYS_recvmmsg, fd, (long)m, n, flags, (long)timeout));
}

struct real real = {
	.connect = raw_connect,
	.shutdown = raw_shutdown,
	.getpeername = raw_getpeername,
	.getsockopt = raw_getsockopt,
	.sendto = raw_sendto,
	.sendmsg = raw_sendmsg,
	.sendmmsg = raw_sendmmsg,
	.poll = raw_poll,
	.ppoll = raw_ppoll,
	.poll_chk = raw_poll_chk,
	.ppoll_chk = raw_ppoll_chk,
	.select = raw_select,
	.pselect = raw_pselect,
	.epoll_ctl = raw_epoll_ctl,
	.epoll_wait = raw_epoll_wait,
	.epoll_pwait = raw_epoll_pwait,
	.epoll_pwait2 = raw_epoll_pwait2,
	.socket = raw_socket,
	.dup = raw_dup,
	.dup2 = raw_dup2,
	.dup3 = raw_dup3,
	.fcntl = raw_fcntl,
	.fcntl64 = raw_fcntl,
	.recvmsg = raw_recvmsg,
	.recvmmsg = raw_recvmmsg,
	.clock_gettime = raw_clock_gettime,
	.chroot = raw_chroot,
	.prctl = raw_prctl,
};

long (*real_syscall)(long, ...) = raw_syscall;
