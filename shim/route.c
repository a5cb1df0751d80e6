/*
 * Asked address -> attachment -> service -> backend, and on to the next one
 * where that fails. Attaches at need; makes no call that the program asked for.
 */
#include "route.h"
#include "attach.h"
#include "pending.h"
#include "raw.h"
#include "real.h"
#include "report.h"
#include "sandbox.h"
#include "shim.h"

#include <errno.h>

/*
 * The table to look into; NULL where it is none of our business. Apart from
 * connect(), so that nothing of it is on the stack at the real call.
 *
 * An address that is in no virtual network costs no look at the clock: whether
 * lbd still lives was seen to when the program made the socket.
 */
HOT const struct attachment *route_concerned(
	int fd, const struct sockaddr *asked, socklen_t len)
{
	const struct attachment *a = attach_latest();
	struct addr vip;

	if (!addr_read(asked, len, &vip) || !vip.port) {
		pending_forget(fd);
		return NULL;
	}
	if (LIKELY(a && !lookup_may_be_virtual(a, &vip))) {
		pending_forget(fd);
		return NULL;
	}
	a = attach_current();
	return a && lookup_may_be_virtual(a, &vip) ? a : NULL;
}

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

/* Whose rights the table shows may not be who the process is by now. In line,
 * for it is on the way of every connect(). */
__attribute__((always_inline)) inline enum found route_service(
	const struct attachment *a, const struct addr *vip, int protocol,
	struct route *route)
{
	enum found found = lookup_service(a, vip, protocol, route);

	return (found == FOUND_SERVICE || found == FOUND_DENIED) &&
			route->guarded && attach_is_stale(a)
		? FOUND_STRANGE
		: found;
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

/* The service of an address, in the table of now; true if that will do. */
static inline bool find_now(int fd, const struct addr *vip,
	const struct attachment *a, struct route *route, enum found *found)
{
	*found = route_service(a, vip, 0, route);
	if (UNLIKELY(*found == FOUND_SHARED))
		*found = route_service(a, vip, protocol_of(fd), route);
	return *found == FOUND_SERVICE ? !lookup_superseded(a, route)
				       : *found != FOUND_STRANGE;
}

/*
 * The same after a new attach, where its list is new or has moved. Where that
 * fails, an old table is better than none, if it is not closed.
 */
__attribute__((noinline)) static enum found find_after_attach(int fd,
	const struct addr *vip, const struct attachment **a,
	struct route *route, enum found found)
{
	for (int tries = 0; tries < TABLE_READ_TRIES; tries++) {
		const struct attachment *known = *a;

		*a = attach_again(known);
		if (find_now(fd, vip, *a, route, &found))
			return found;
		if (*a == known)
			break;
	}
	if (found == FOUND_STRANGE)
		return strange(*a, route);
	return lookup_revoked(*a, route) ? FOUND_STRANGE : found;
}

static inline enum found find_service(int fd, const struct addr *vip,
	const struct attachment **a, struct route *route)
{
	enum found found;

	return LIKELY(find_now(fd, vip, *a, route, &found))
		? found
		: find_after_attach(fd, vip, a, route, found);
}

/* The whole way from an address to a backend. */
HOT enum found route_find(int fd, const struct addr *vip,
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
	if (*a)
		report_unread(*a);
	return FOUND_NOTHING;
}

HOT uint64_t route_began(void)
{
	if (sandbox_is_closed())
		return 0;
	return atomic_load_explicit(&attach_looked_ms, memory_order_relaxed);
}

/* Another backend may spare the host this failure. */
bool route_worth_another(int err, const struct route *route, uint64_t since)
{
	if (err == ETIMEDOUT && !route->connect_timeout_ms)
		return since && real_coarse_ms() < since + ROUTE_QUICK_MS;
	return report_is_refusal(err) || err == EADDRNOTAVAIL;
}

/*
 * The service again, in the table as it is now: another thread may have attached
 * anew, and let go of the one that was read from.
 */
static bool find_again(const struct attachment **a, struct route *route)
{
	struct addr vip = route->vip;
	enum found found;

	*a = attach_latest();
	if (!*a)
		return false;
	found = route_service(*a, &vip, 0, route);
	if (found == FOUND_SHARED)
		found = route_service(*a, &vip, IPPROTO_TCP, route);
	return found == FOUND_SERVICE;
}

bool route_next(
	const struct attachment **a, struct tried *tried, struct route *route)
{
	enum found found = FOUND_CHANGED;

	if (tried->count == TRIED_MAX)
		return false;
	tried_add(tried, &route->to);
	route->again = PENDING_NOT;
	if (tried->count > route->retries)
		return false;
	for (int i = 0; found == FOUND_CHANGED && i < TABLE_READ_TRIES; i++) {
		if (i && !find_again(a, route))
			return false;
		report_redraw(*a, route);
		found = lookup_backend(
			*a, report_draw(*a, route), tried, route);
	}
	if (found != FOUND_BACKEND)
		return false;
	report_failover(*a, route);
	return true;
}

/* A length that no family takes brings out EBADF and ENOTSOCK, and does nothing
 * else. */
int route_refuse(int fd, const struct sockaddr *asked, int err)
{
	int rc = real.connect(fd, asked, 1);

	if (rc && errno == EINVAL)
		errno = err;
	return rc;
}
