/*
 * failed -> recall the service -> next backend -> withdraw -> connect -> note
 *
 * Raw system calls only: those of libc may end a cancelled thread in the middle.
 * An error is taken from the kernel only when there is another backend to go to.
 */
#include "move.h"
#include "attach.h"
#include "raw.h"
#include "real.h"
#include "report.h"
#include "route.h"
#include "withdraw.h"

#include <errno.h>

int move_take_error(int fd)
{
	int err = 0;
	socklen_t len = sizeof(err);

	raw5(SYS_getsockopt, fd, SOL_SOCKET, SO_ERROR, (long)&err, (long)&len);
	return err;
}

/* The service again, as it is now; false if it has left, or we may not. */
static bool recall(const struct attachment *a, const struct pending *p,
	struct route *route)
{
	enum found found = route_service(a, &p->vip, 0, route);

	if (found == FOUND_SHARED)
		found = route_service(a, &p->vip, IPPROTO_TCP, route);
	route->to = p->to;
	route->line = p->line;
	route->ordinal = p->ordinal;
	route->retries = p->retries;
	route->again = PENDING_NOT;
	route->adrift =
		atomic_load_explicit(&attach_adrift, memory_order_relaxed);
	return found == FOUND_SERVICE;
}

static void point_to(struct pending *p, const struct route *route)
{
	p->to = route->to;
	p->line = route->line;
	p->ordinal = route->ordinal;
	p->is_timed = route->connect_timeout_ms;
	if (p->is_timed)
		p->deadline =
			(uint32_t)real_precise_ms() + route->connect_timeout_ms;
}

static int dial(int fd, const struct pending *p, const struct addr *to)
{
	struct sockaddr_storage form = {0}, there;
	bool v6 = p->is_v6;

	form.ss_family = v6 ? AF_INET6 : AF_INET;
	addr_rewrite((const struct sockaddr *)&form,
		v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in),
		to, &there);
	return (int)-raw3(SYS_connect, fd, (long)&there,
		v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
}

/*
 * Dials until one is under way. If the rest fail at once, the one that did not
 * is dialled again: so the kernel has an error to tell, and not we.
 */
static enum pending_kind dial_next(int fd, struct pending *p,
	const struct attachment *a, struct route *route)
{
	struct pending last = *p;
	int err;

	do {
		if (!pending_holds(p))
			return PENDING_NOT;
		report_pick(a, route);
		err = dial(fd, p, &route->to);
		report_try(a, route, fd, p->before.count + 1, err);
		point_to(p, route);
		if (!err)
			return PENDING_PEER; /* it waits for a first byte */
		if (err == EINPROGRESS)
			return PENDING_CONNECT;
	} while (route_next(&a, &p->before, route));
	*p = last;
	p->is_timed = false;
	return dial(fd, p, &p->to) == EINPROGRESS ? PENDING_CONNECT
						  : PENDING_SPENT;
}

enum pending_kind move_on(int fd, struct pending *p, int err)
{
	const struct attachment *a = attach_latest();
	unsigned tries = p->before.count;
	struct route failed, next;

	if (!a || !recall(a, p, &failed))
		return PENDING_NOT;
	next = failed;
	if (!route_next(&a, &p->before, &next)) {
		p->before.count = tries;
		return PENDING_NOT;
	}
	p->owed = err;
	if (!pending_holds(p))
		return PENDING_NOT;
	if (!withdraw(fd, p->maxseg))
		return PENDING_SPENT;
	if (!err)
		p->owed = move_take_error(fd);
	report_try(a, &failed, fd, tries + 1, p->owed);
	return dial_next(fd, p, a, &next);
}

void move_report(int fd, const struct pending *p, int err)
{
	const struct attachment *a = attach_latest();
	struct route route;

	if (a && recall(a, p, &route))
		report_try(a, &route, fd, p->before.count + 1, err);
}
