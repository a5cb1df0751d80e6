/* From what a program asked for to where it is sent. */
#ifndef SHIM_ROUTE_H
#define SHIM_ROUTE_H

#include "lookup.h"

/* A timeout that took the kernel longer than that is the host's to know. */
enum { ROUTE_QUICK_MS = 3000 };

/*
 * The table to look into for a connect() of `fd` to `asked`; NULL where it is
 * none of our business.
 */
const struct attachment *route_concerned(
	int fd, const struct sockaddr *asked, socklen_t len);

/*
 * The whole way from an address to a backend: BACKEND fills `route`, DENIED,
 * STRANGE and EMPTY what report_refused() needs, anything else is the kernel's
 * business. May attach again: `a` is then the newer attachment.
 */
enum found route_find(int fd, const struct addr *vip,
	const struct attachment **a, struct route *route);

/*
 * As lookup_service(); but STRANGE where the service has rules, and the table
 * does not say what they are to whoever the process is by now.
 */
enum found route_service(const struct attachment *a, const struct addr *vip,
	int protocol, struct route *route);

/* When a connect() began that is beginning now, by real_coarse_ms(): as of the
 * last look at lbd; 0 = nobody may look. */
uint64_t route_began(void);

/* May a failure with `err` be met with another backend, `since` when? */
bool route_worth_another(int err, const struct route *route, uint64_t since);

/*
 * The next one, after route->to has failed; false if that was the last. `a` is
 * the newer attachment where the table has been let go of.
 */
bool route_next(
	const struct attachment **a, struct tried *tried, struct route *route);

/*
 * No is ours to say only where the kernel would have listened: -1, and errno is
 * `err`, or what is wrong with `fd`.
 */
int route_refuse(int fd, const struct sockaddr *asked, int err);

#endif
