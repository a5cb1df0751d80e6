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

/* One connect(), and all that is tried before the host hears of it. */
struct attempt {
	int fd;
	const struct sockaddr *asked;
	socklen_t len;
	const struct attachment *a;
	struct sockaddr_storage to;
	struct tried tried;
};

/* Apart, or the way there would have to save more. */
__attribute__((noinline)) static void keep(const struct attempt *at,
	const struct route *route, int err, unsigned maxseg)
{
	remember(at->fd, at->asked, route, &at->tried, err, maxseg);
}

/*
 * A refusal that connect() itself brings is met with the next backend, on the
 * same descriptor, be it blocking or not: the kernel has undone the failed
 * attempt, and the host has not been told anything yet. In line, for a frame
 * more below the system call is a misprediction more on the way back.
 */
__attribute__((always_inline)) static inline int connect_route(
	struct attempt *at, struct route *route)
{
	struct patience patience = {.limited = false};
	uint64_t since = route_began();
	bool is_earlier;
	int rc, err, saved = errno;

	if (UNLIKELY(route->connect_timeout_ms))
		patience_begin(&patience, at->fd, route->connect_timeout_ms);
	do {
		const struct sockaddr *there = (const void *)&at->to;

		addr_rewrite(at->asked, at->len, &route->to, &at->to);
		report_pick(at->a, route);
		rc = UNLIKELY(patience.limited)
			? patience_connect(&patience, at->fd, there, at->len)
			: real.connect(at->fd, there, at->len);
		err = rc ? errno : 0;
		is_earlier = UNLIKELY(err) && !at->tried.count &&
			tell_is_of_an_earlier(at->fd, err);
		report_try(at->a, route, at->fd, at->tried.count + 1,
			is_earlier ? EALREADY : err);
	} while (err && !is_earlier && route_worth_another(err, route, since) &&
		route_next(&at->a, &at->tried, route) &&
		(sandbox_is_closed() || withdraw_clean(at->fd)));
	if (UNLIKELY(patience.limited))
		patience_end(&patience, at->fd);
	keep(at, route, err, patience.maxseg);
	errno = rc ? err : saved;
	return rc;
}

__attribute__((noinline)) static int connect_rest(
	struct attempt *at, struct route *route)
{
	return connect_route(at, route);
}

/* A repeated connect() has failed, and the kernel has undone the first. */
static int refused_again(struct attempt *at, struct route *route, int err)
{
	if (tell_is_blocking(at->fd)) {
		pending_forget(at->fd);
		report_try(at->a, route, at->fd, 1, err);
		if (route_next(&at->a, &at->tried, route))
			return connect_rest(at, route);
	} else if (spare_refusal(at->fd, err)) {
		err = EALREADY;
	} else {
		pending_forget(at->fd);
	}
	errno = err;
	return -1;
}

/*
 * The host repeats a connect() that is under way, as some do to learn what has
 * become of it: it goes where the first one went.
 */
static int connect_again(struct attempt *at, struct route *route)
{
	int rc, err;

	if (spare_repeated(at->fd, route->again)) {
		errno = EALREADY;
		return -1;
	}
	addr_rewrite(at->asked, at->len, &route->to, &at->to);
	rc = real.connect(at->fd, (const void *)&at->to, at->len);
	err = rc ? errno : 0;
	if (!err || err == EISCONN)
		spare_stands(at->fd);
	if (!err || err == EISCONN || err == EALREADY || err == EINPROGRESS ||
		err == EINTR)
		return rc;
	if (route->again == PENDING_CONNECT && report_is_refusal(err) &&
		err != ECONNABORTED) /* which says that it was told */
		return refused_again(at, route, err);
	if (spare_asked(at->fd, err) == err)
		pending_forget(at->fd);
	errno = err;
	return rc;
}

/* Whoever was sent there by rules may be somebody else before long. */
static void leave_no_trace(struct attempt *at, struct route *route)
{
	traces_clear();
	traces_clear_own(&at->to, sizeof(struct sockaddr_in6));
	traces_clear_own(&route->to, sizeof(route->to));
	if (at->tried.count)
		traces_clear_own(&at->tried, sizeof(at->tried));
}

__attribute__((noinline)) HOT static int connect_virtual(int fd,
	const struct sockaddr *asked, socklen_t len, const struct attachment *a)
{
	struct attempt at;
	struct addr vip;
	struct route route;
	int rc;

	at.fd = fd;
	at.asked = asked;
	at.len = len;
	at.tried.count = 0; /* and nothing else: the marks need none */
	addr_read(asked, len, &vip);
	switch (route_find(fd, &vip, &a, &route)) {
	case FOUND_BACKEND:
		at.a = a;
		rc = UNLIKELY(route.again) ? connect_again(&at, &route)
					   : connect_route(&at, &route);
		if (UNLIKELY(route.guarded))
			leave_no_trace(&at, &route);
		return rc;
	case FOUND_DENIED:
		report_refused(a, &route, FOUND_DENIED);
		return route_refuse(fd, asked, EACCES);
	case FOUND_STRANGE:
		report_refused(a, &route, FOUND_STRANGE);
		return route_refuse(fd, asked, EACCES);
	case FOUND_EMPTY:
		report_refused(a, &route, FOUND_EMPTY);
		return route_refuse(fd, asked, route.no_backend);
	default:
		pending_forget(fd);
		return real.connect(fd, asked, len);
	}
}

/*
 * Two jumps: a system call empties the processor's memory of return addresses,
 * and every frame below it costs a misprediction on the way back.
 */
EXPORT HOT int connect(int fd, const struct sockaddr *asked, socklen_t len)
{
	const struct attachment *a = route_concerned(fd, asked, len);

	return a ? connect_virtual(fd, asked, len, a)
		 : real.connect(fd, asked, len);
}

/*
 * A connect() whose socket is shut down is over, whatever would have come of it;
 * one that stands goes on to be known.
 */
__attribute__((noinline)) static int shut(int fd, int how)
{
	if (pending_kind_of(fd) == PENDING_STOOD)
		spare_stands(fd);
	else if (pending_kind_of(fd) != PENDING_PEER)
		pending_forget(fd);
	return real.shutdown(fd, how);
}

EXPORT int shutdown(int fd, int how)
{
	return atomic_load_explicit(&pending_any, memory_order_relaxed)
		? shut(fd, how)
		: real.shutdown(fd, how);
}
