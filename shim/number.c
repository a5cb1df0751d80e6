/*
 * Calls that give a descriptor's number out: it is not the socket any more that
 * it was, and what is known of that is forgotten. close() tells nothing new:
 * most closing is done where nobody can see it.
 */
#include "attach.h"
#include "note.h"
#include "pending.h"
#include "real.h"
#include "shim.h"

#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

static bool is_anything_known(void)
{
	return UNLIKELY(
		atomic_load_explicit(&pending_any, memory_order_relaxed));
}

static int anew(int fd)
{
	pending_forget(fd);
	note_forget(fd);
	return fd;
}

__attribute__((noinline)) static int socket_anew(
	int family, int type, int protocol)
{
	return anew(real.socket(family, type, protocol));
}

/* The first sign that a program will need us; sandboxes come later. */
EXPORT int socket(int family, int type, int protocol)
{
	if (family == AF_INET || family == AF_INET6)
		attach_current();
	return is_anything_known() ? socket_anew(family, type, protocol)
				   : real.socket(family, type, protocol);
}

EXPORT int dup(int fd)
{
	return is_anything_known() ? anew(real.dup(fd)) : real.dup(fd);
}

/* Onto itself, a descriptor stays what it is. */
EXPORT int dup2(int from, int to)
{
	if (is_anything_known() && from != to)
		return anew(real.dup2(from, to));
	return real.dup2(from, to);
}

EXPORT int dup3(int from, int to, int flags)
{
	return is_anything_known() ? anew(real.dup3(from, to, flags))
				   : real.dup3(from, to, flags);
}

/* One argument more, a number or a pointer, goes on as it came. */
static int control(
	int (*real_call)(int, int, ...), int fd, int cmd, va_list args)
{
	void *arg = va_arg(args, void *);

	if ((cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC) && is_anything_known())
		return anew(real_call(fd, cmd, arg));
	return real_call(fd, cmd, arg);
}

EXPORT int fcntl(int fd, int cmd, ...)
{
	va_list args;
	int rc;

	va_start(args, cmd);
	rc = control(real.fcntl, fd, cmd, args);
	va_end(args);
	return rc;
}

EXPORT int fcntl64(int fd, int cmd, ...)
{
	va_list args;
	int rc;

	va_start(args, cmd);
	rc = control(real.fcntl64, fd, cmd, args);
	va_end(args);
	return rc;
}

/* What came with a message: the kernel has just written it. */
static void forget_received(const struct msghdr *m)
{
	const char *at = m->msg_control;
	size_t left = m->msg_controllen;
	struct cmsghdr head;

	while (left >= sizeof(head)) {
		__builtin_memcpy(&head, at, sizeof(head));
		if (head.cmsg_len < sizeof(head) || head.cmsg_len > left)
			return;
		for (size_t i = CMSG_LEN(0); head.cmsg_level == SOL_SOCKET &&
			head.cmsg_type == SCM_RIGHTS &&
			i + sizeof(int) <= head.cmsg_len;
			i += sizeof(int)) {
			int fd;

			__builtin_memcpy(&fd, at + i, sizeof(fd));
			anew(fd);
		}
		if (CMSG_ALIGN(head.cmsg_len) > left)
			return;
		at += CMSG_ALIGN(head.cmsg_len);
		left -= CMSG_ALIGN(head.cmsg_len);
	}
}

__attribute__((noinline)) static ssize_t recvmsg_anew(
	int fd, struct msghdr *m, int flags)
{
	ssize_t rc = real.recvmsg(fd, m, flags);

	if (rc >= 0 && m->msg_controllen)
		forget_received(m);
	return rc;
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *m, int flags)
{
	return is_anything_known() ? recvmsg_anew(fd, m, flags)
				   : real.recvmsg(fd, m, flags);
}

__attribute__((noinline)) static int recvmmsg_anew(int fd, struct mmsghdr *m,
	unsigned n, int flags, struct timespec *timeout)
{
	int rc = real.recvmmsg(fd, m, n, flags, timeout);

	for (int i = 0; i < rc; i++)
		if (m[i].msg_hdr.msg_controllen)
			forget_received(&m[i].msg_hdr);
	return rc;
}

EXPORT int recvmmsg(int fd, struct mmsghdr *m, unsigned n, int flags,
	struct timespec *timeout)
{
	return is_anything_known() ? recvmmsg_anew(fd, m, n, flags, timeout)
				   : real.recvmmsg(fd, m, n, flags, timeout);
}
