/*
 * connect(2): where a program meets the load balancer.
 *
 *	asked -> lookup -> pick -> rewrite -> real connect -> report
 *
 * Whatever goes wrong on our side, the host gets the connect() it asked for.
 */
#include "addr.h"
#include "patience.h"
#include "pending.h"
#include "real.h"
#include "report.h"
#include "route.h"
#include "sandbox.h"
#include "shim.h"

#include <errno.h>

static void remember(int fd, const struct route *route, int err)
{
	if (err == EINPROGRESS || err == EINTR || err == EALREADY)
		pending_note(fd, route);
	else
		pending_forget(fd);
}

/*
 * A refusal that connect() itself brings is met with the next backend, on the
 * same descriptor, be it blocking or not: the kernel has undone the failed
 * attempt, and the host has not been told anything yet.
 */
static int connect_route(int fd, const struct sockaddr *asked, socklen_t len,
	const struct attachment *a, struct route *route)
{
	struct sockaddr_storage to;
	struct tried tried;
	struct patience patience = {.limited = false};
	uint64_t since = sandbox_is_closed() ? 0 : real_coarse_ms();
	int rc, err, saved = errno;

	tried.count = 0; /* and nothing else: the addresses are 384 bytes */
	if (UNLIKELY(route->connect_timeout_ms))
		patience_begin(&patience, fd, route->connect_timeout_ms);
	do {
		const struct sockaddr *there = (const void *)&to;

		addr_rewrite(asked, len, &route->to, &to);
		if (LIKELY(!route->again))
			report_pick(a, route);
		rc = UNLIKELY(patience.limited)
			? patience_connect(&patience, fd, there, len)
			: real.connect(fd, there, len);
		err = rc ? errno : 0;
		report_try(a, route, fd, tried.count + 1, err);
	} while (err && route_worth_another(err, route, since) &&
		route_next(a, &tried, route));
	if (UNLIKELY(patience.limited))
		patience_end(&patience, fd);
	remember(fd, route, err);
	errno = rc ? err : saved;
	return rc;
}

/*
 * No is ours to say only where the kernel would have listened: a length that
 * no family takes brings out EBADF and ENOTSOCK, and does nothing else.
 */
static int refuse(int fd, const struct sockaddr *asked, int err)
{
	int rc = real.connect(fd, asked, 1);

	if (rc && errno == EINVAL)
		errno = err;
	return rc;
}

__attribute__((noinline)) static int connect_virtual(int fd,
	const struct sockaddr *asked, socklen_t len, const struct attachment *a)
{
	struct addr vip;
	struct route route;

	addr_read(asked, len, &vip);
	switch (route_find(fd, &vip, &a, &route)) {
	case FOUND_BACKEND:
		return connect_route(fd, asked, len, a, &route);
	case FOUND_DENIED:
		report_refused(a, &route, FOUND_DENIED);
		return refuse(fd, asked, EACCES);
	case FOUND_STRANGE:
		report_refused(a, &route, FOUND_STRANGE);
		return refuse(fd, asked, EACCES);
	case FOUND_EMPTY:
		report_refused(a, &route, FOUND_EMPTY);
		return refuse(fd, asked, route.no_backend);
	default:
		return real.connect(fd, asked, len);
	}
}

/*
 * Two jumps: a system call empties the processor's memory of return addresses,
 * and every frame below it costs a misprediction on the way back.
 */
EXPORT int connect(int fd, const struct sockaddr *asked, socklen_t len)
{
	const struct attachment *a = route_concerned(fd, asked, len);

	return a ? connect_virtual(fd, asked, len, a)
		 : real.connect(fd, asked, len);
}

/* A number that is given out again is not the socket it was. */
__attribute__((noinline)) static int socket_anew(
	int family, int type, int protocol)
{
	int fd = real.socket(family, type, protocol);

	pending_forget(fd);
	return fd;
}

/* The first sign that a program will need us; sandboxes come later. */
EXPORT int socket(int family, int type, int protocol)
{
	if (family == AF_INET || family == AF_INET6)
		attach_current();
	return atomic_load_explicit(&pending_any, memory_order_relaxed)
		? socket_anew(family, type, protocol)
		: real.socket(family, type, protocol);
}
