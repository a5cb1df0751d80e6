/*
 * poll(2), ppoll(2): descriptors whose connection fails under way are sent on,
 * and have nothing to report until the next one has answered.
 */
#include "pending.h"
#include "real.h"
#include "shim.h"
#include "spare.h"
#include "wait.h"

#include <poll.h>
#include <signal.h>

/* How many of `n` ready descriptors are left, when some were sent on. */
static int spare_failed(struct pollfd *fds, nfds_t all, int n, uint64_t *ran)
{
	for (nfds_t i = 0, seen = 0; i < all && seen < (nfds_t)n; i++) {
		if (!fds[i].revents)
			continue;
		seen++;
		if (!(fds[i].revents & (POLLERR | POLLHUP))) {
			if (fds[i].revents & POLLOUT)
				spare_stood(fds[i].fd);
		} else if (spare_is_spared(spare_event(
				   fds[i].fd, fds[i].revents & POLLERR, ran))) {
			fds[i].revents = 0;
			seen--;
			n--;
		}
	}
	return n;
}

/* One of the two calls, in the form that takes most. */
struct call {
	struct pollfd *fds;
	nfds_t n;
	const sigset_t *mask; /* NULL: as it is */
	bool is_fine;	      /* nanoseconds: ppoll */
};

static int turn(const struct call *c, struct wait *w)
{
	struct timespec left;

	return c->is_fine ? real.ppoll(c->fds, c->n,
				    wait_turn_timespec(w, &left), c->mask)
			  : real.poll(c->fds, c->n, wait_turn_ms(w));
}

/* `rc` is what a first turn has brought, that nobody knew would be one. */
static int go_on(const struct call *c, struct wait *w, int rc)
{
	for (;;) {
		if (rc > 0)
			rc = spare_failed(c->fds, c->n, rc, &w->ran);
		if (rc || wait_is_over(w))
			return rc;
		if (wait_is_interrupted(w))
			return -1;
		rc = turn(c, w);
	}
}

static int in_turns(const struct call *c, uint64_t ns)
{
	struct wait w;

	wait_begin(&w, ns, c->mask);
	return go_on(c, &w, turn(c, &w));
}

/*
 * Nothing was under way, but one that the host was told stands may have been
 * reset since, or begun by another thread while this one was waiting. The time
 * is measured from now, which can double it.
 */
__attribute__((noinline)) static int look_again(
	const struct call *c, uint64_t ns, int rc)
{
	struct wait w;

	wait_begin(&w, ns, c->mask);
	return go_on(c, &w, rc);
}

/* Apart: most programs never come here. */
__attribute__((noinline)) static bool is_any_wrong(
	const struct pollfd *fds, nfds_t n)
{
	while (n-- > 0)
		if (fds[n].revents & (POLLERR | POLLHUP) &&
			pending_kind_of(fds[n].fd) != PENDING_NOT)
			return true;
	return false;
}

static inline bool is_trouble(const struct pollfd *fds, nfds_t n, int rc)
{
	return UNLIKELY(atomic_load_explicit(
		       &pending_any, memory_order_relaxed)) &&
		rc > 0 && is_any_wrong(fds, n);
}

EXPORT int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	struct call c = {fds, n, NULL, false};
	int rc;

	if (UNLIKELY(pending_is_any_under_way()))
		return in_turns(&c, wait_ns_of_ms(timeout));
	rc = real.poll(fds, n, timeout);
	return is_trouble(fds, n, rc)
		? look_again(&c, wait_ns_of_ms(timeout), rc)
		: rc;
}

EXPORT int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
	const sigset_t *mask)
{
	struct call c = {fds, n, mask, true};
	int rc;

	if (UNLIKELY(pending_is_any_under_way()) && wait_is_timeout(timeout))
		return in_turns(&c, wait_ns_of(timeout));
	rc = real.ppoll(fds, n, timeout, mask);
	return is_trouble(fds, n, rc) && wait_is_timeout(timeout)
		? look_again(&c, wait_ns_of(timeout), rc)
		: rc;
}

/* What programs call that were built with _FORTIFY_SOURCE. */
int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t size);
int __ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
	const sigset_t *mask, size_t size);

/* A size that is too small is libc's to complain of, and it does not return. */
EXPORT int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t size)
{
	struct call c = {fds, n, NULL, false};
	int rc;

	if (UNLIKELY(pending_is_any_under_way()) && size / sizeof(*fds) >= n)
		return in_turns(&c, wait_ns_of_ms(timeout));
	rc = real.poll_chk(fds, n, timeout, size);
	return is_trouble(fds, n, rc)
		? look_again(&c, wait_ns_of_ms(timeout), rc)
		: rc;
}

EXPORT int __ppoll_chk(struct pollfd *fds, nfds_t n,
	const struct timespec *timeout, const sigset_t *mask, size_t size)
{
	struct call c = {fds, n, mask, true};
	int rc;

	if (UNLIKELY(pending_is_any_under_way()) && size / sizeof(*fds) >= n &&
		wait_is_timeout(timeout))
		return in_turns(&c, wait_ns_of(timeout));
	rc = real.ppoll_chk(fds, n, timeout, mask, size);
	return is_trouble(fds, n, rc) && wait_is_timeout(timeout)
		? look_again(&c, wait_ns_of(timeout), rc)
		: rc;
}
