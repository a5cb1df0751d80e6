/*
 * MSG_FASTOPEN: connect() and the first bytes in one call. Balanced like
 * connect(); once the kernel has taken a byte, the connection stays where it is,
 * for the host will not send that byte again.
 */
#include "addr.h"
#include "patience.h"
#include "pending.h"
#include "real.h"
#include "remember.h"
#include "report.h"
#include "route.h"
#include "sandbox.h"
#include "shim.h"
#include "spare.h"
#include "tell.h"
#include "traces.h"
#include "withdraw.h"

#include <errno.h>
#include <sys/socket.h>

/* A message to an address, by whichever call it came. */
struct opening {
	int fd, flags;
	struct msghdr message;
};

/* One try, for as long as connect-timeout allows. */
static ssize_t dial(const struct opening *o, const struct patience *patience,
	const struct route *route)
{
	struct msghdr message = o->message;
	struct sockaddr_storage to;
	uint64_t until;
	ssize_t rc;

	addr_rewrite(message.msg_name, message.msg_namelen, &route->to, &to);
	message.msg_name = &to;
	until = patience_start(patience, o->fd);
	do
		rc = real.sendmsg(o->fd, &message, o->flags);
	while (rc < 0 && patience_goes_on(patience, o->fd, until));
	return rc;
}

static ssize_t open_route(const struct opening *o, const struct attachment *a,
	struct route *route)
{
	struct patience patience = {.limited = false};
	uint64_t since = route_began();
	int err, saved = errno;
	struct tried tried;
	bool is_earlier;
	ssize_t rc;

	tried.count = 0;
	if (!(o->flags & MSG_DONTWAIT))
		patience_begin(&patience, o->fd, route->connect_timeout_ms);
	do {
		report_pick(a, route);
		rc = dial(o, &patience, route);
		err = rc < 0 ? errno : 0;
		is_earlier = err && !tried.count &&
			tell_is_of_an_earlier(o->fd, err);
		report_try(a, route, o->fd, tried.count + 1,
			is_earlier ? EALREADY : err);
	} while (err && !is_earlier && route_worth_another(err, route, since) &&
		route_next(&a, &tried, route) &&
		(sandbox_is_closed() || withdraw_clean(o->fd)));
	patience_end(&patience, o->fd);
	remember(o->fd, o->message.msg_name, route, &tried, err,
		patience.maxseg);
	errno = err ? err : saved;
	return rc;
}

/* It was begun before, and the kernel knows better how far it is. */
static ssize_t open_again(const struct opening *o, struct route *route)
{
	struct patience none = {.limited = false};
	ssize_t rc;
	int err;

	if (spare_repeated(o->fd, route->again)) {
		errno = EALREADY;
		return -1;
	}
	rc = dial(o, &none, route);
	err = rc < 0 ? errno : 0;
	if (!err || err == EISCONN) {
		spare_stands(o->fd);
	} else if (report_is_refusal(err)) {
		if (err != ECONNABORTED && spare_refusal(o->fd, err))
			err = EALREADY;
		else
			pending_forget(o->fd);
	}
	if (err)
		errno = err;
	return rc;
}

/* The answer of a service that is not to be had. */
static ssize_t refuse(const struct opening *o, const struct attachment *a,
	const struct route *route, enum found found)
{
	report_refused(a, route, found);
	return route_refuse(o->fd, o->message.msg_name,
		found == FOUND_EMPTY ? route->no_backend : EACCES);
}

__attribute__((noinline)) static ssize_t open_found(
	const struct opening *o, const struct attachment *a)
{
	struct route route;
	struct addr vip;
	enum found found;

	addr_read(o->message.msg_name, o->message.msg_namelen, &vip);
	found = route_find(o->fd, &vip, &a, &route);
	switch (found) {
	case FOUND_BACKEND:
		return route.again ? open_again(o, &route)
				   : open_route(o, a, &route);
	case FOUND_DENIED:
	case FOUND_STRANGE:
	case FOUND_EMPTY:
		return refuse(o, a, &route, found);
	default:
		return real.sendmsg(o->fd, &o->message, o->flags);
	}
}

/* Whoever was sent there by rules may be somebody else before long. */
static ssize_t open_virtual(const struct opening *o, const struct attachment *a)
{
	ssize_t rc = open_found(o, a);

	traces_clear_move();
	return rc;
}

__attribute__((noinline)) static ssize_t open_with(int fd, const void *bytes,
	size_t n, int flags, const struct sockaddr *to, socklen_t len)
{
	const struct attachment *a = route_concerned(fd, to, len);
	struct iovec part = {(void *)(uintptr_t)bytes, n};
	struct opening o = {
		.fd = fd,
		.flags = flags,
		.message =
			{
				.msg_name = (void *)(uintptr_t)to,
				.msg_namelen = len,
				.msg_iov = &part,
				.msg_iovlen = 1,
			},
	};

	return a ? open_virtual(&o, a)
		 : real.sendto(fd, bytes, n, flags, to, len);
}

EXPORT ssize_t sendto(int fd, const void *bytes, size_t n, int flags,
	const struct sockaddr *to, socklen_t len)
{
	return UNLIKELY(flags & MSG_FASTOPEN)
		? open_with(fd, bytes, n, flags, to, len)
		: real.sendto(fd, bytes, n, flags, to, len);
}

__attribute__((noinline)) static ssize_t open_with_message(
	int fd, const struct msghdr *m, int flags)
{
	struct opening o = {.fd = fd, .flags = flags};
	const struct attachment *a = NULL;

	if (addr_is_plausible(m)) {
		o.message = *m;
		a = route_concerned(fd, m->msg_name, m->msg_namelen);
	}
	return a ? open_virtual(&o, a) : real.sendmsg(fd, m, flags);
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	return UNLIKELY(flags & MSG_FASTOPEN) ? open_with_message(fd, m, flags)
					      : real.sendmsg(fd, m, flags);
}

/* The first message opens; one that follows finds the socket connected. */
__attribute__((noinline)) static int open_with_messages(
	int fd, struct mmsghdr *m, unsigned n, int flags)
{
	ssize_t rc;

	if (!n || !addr_is_plausible(m))
		return real.sendmmsg(fd, m, n, flags);
	rc = open_with_message(fd, &m->msg_hdr, flags);
	if (rc < 0)
		return -1;
	m->msg_len = (unsigned)rc;
	return 1;
}

EXPORT int sendmmsg(int fd, struct mmsghdr *m, unsigned n, int flags)
{
	return UNLIKELY(flags & MSG_FASTOPEN)
		? open_with_messages(fd, m, n, flags)
		: real.sendmmsg(fd, m, n, flags);
}
