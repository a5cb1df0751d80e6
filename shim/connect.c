/*
 * connect(2): where a program meets the load balancer.
 *
 *	asked -> lookup -> pick -> rewrite -> real connect -> report
 *
 * Whatever goes wrong on our side, the host gets the connect() it asked for.
 */
#include "addr.h"
#include "attach.h"
#include "lookup.h"
#include "patience.h"
#include "pending.h"
#include "raw.h"
#include "real.h"
#include "report.h"
#include "sandbox.h"
#include "shim.h"

#include <errno.h>
#include <netinet/in.h>

/* A timeout that took the kernel longer than that is the host's to know. */
enum { QUICK_MS = 3000 };

static int protocol_of(int fd)
{
	int protocol = -1; /* no socket: no entry fits, the kernel judges */
	socklen_t len = sizeof(protocol);

	if (sandbox_is_closed())
		return IPPROTO_TCP;
	raw5(SYS_getsockopt, fd, SOL_SOCKET, SO_PROTOCOL, (long)&protocol,
		(long)&len);
	return protocol;
}

/*
 * No lbd to ask about a list: closed if it has rules; else the service is
 * where it was, if it was anywhere.
 */
static enum found strange(const struct attachment *a, struct route *route)
{
	if (route->guarded)
		return FOUND_STRANGE;
	return lookup_elsewhere(a, route) ? FOUND_SERVICE : FOUND_NOTHING;
}

/*
 * The service of an address, after a new attach where its list is new or has
 * moved. Where that fails, an old table is better than none.
 */
static enum found find_service(int fd, const struct addr *vip,
	const struct attachment **a, struct route *route)
{
	int protocol = 0;

	for (int again = 0;; again++) {
		enum found found = lookup_service(*a, vip, protocol, route);

		if (found == FOUND_SHARED) {
			protocol = protocol_of(fd);
			found = lookup_service(*a, vip, protocol, route);
		}
		if (found == FOUND_SERVICE ? !lookup_superseded(*a, route)
					   : found != FOUND_STRANGE)
			return found;
		if (again)
			return found == FOUND_STRANGE ? strange(*a, route)
						      : found;
		*a = attach_again(*a);
	}
}

/* The whole way from an address to a backend. */
static enum found find_route(int fd, const struct addr *vip,
	const struct attachment **a, struct route *route)
{
	static const struct tried none;
	enum found found;

	route->adrift =
		atomic_load_explicit(&attach_adrift, memory_order_relaxed);
	for (int tries = 0; *a && tries < TABLE_READ_TRIES; tries++) {
		found = find_service(fd, vip, a, route);
		if (found == FOUND_SERVICE) {
			route->again = pending_find(fd, route);
			if (route->again)
				return FOUND_BACKEND;
			found = lookup_backend(
				*a, report_draw(*a, route), &none, route);
			if (found == FOUND_CHANGED)
				report_redraw(*a, route);
		}
		if (found != FOUND_CHANGED)
			return found;
		*a = attach_current(); /* another thread's may be newer */
	}
	return FOUND_NOTHING;
}

static bool next_backend(
	const struct attachment *a, struct tried *tried, struct route *route)
{
	if (tried->count == sizeof(tried->addr) / sizeof(tried->addr[0]))
		return false;
	tried->addr[tried->count++] = route->to;
	route->again = false;
	if (tried->count > route->retries)
		return false;
	report_redraw(a, route);
	return lookup_backend(a, report_draw(a, route), tried, route) ==
		FOUND_BACKEND;
}

/* Another backend may spare the host this failure. */
static bool worth_another(int err, const struct route *route, uint64_t since)
{
	if (err == ETIMEDOUT && !route->connect_timeout_ms)
		return since && real_coarse_ms() < since + QUICK_MS;
	return report_is_refusal(err) || err == EADDRNOTAVAIL;
}

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
	} while (err && worth_another(err, route, since) &&
		next_backend(a, &tried, route));
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

/*
 * The table to look into; NULL where it is none of our business. Apart from
 * connect(), so that nothing of it is on the stack at the real call.
 *
 * An address that is in no virtual network costs no look at the clock: whether
 * lbd still lives was seen to when the program made the socket.
 */
__attribute__((noinline)) static const struct attachment *concerned(
	int fd, const struct sockaddr *asked, socklen_t len)
{
	const struct attachment *a = attach_latest();
	struct addr vip;

	if (!addr_read(asked, len, &vip) || !vip.port) {
		pending_forget(fd);
		return NULL;
	}
	if (LIKELY(a && !lookup_may_be_virtual(a, &vip)))
		return NULL;
	a = attach_current();
	return a && lookup_may_be_virtual(a, &vip) ? a : NULL;
}

__attribute__((noinline)) static int connect_virtual(int fd,
	const struct sockaddr *asked, socklen_t len, const struct attachment *a)
{
	struct addr vip;
	struct route route;

	addr_read(asked, len, &vip);
	switch (find_route(fd, &vip, &a, &route)) {
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
	const struct attachment *a = concerned(fd, asked, len);

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
