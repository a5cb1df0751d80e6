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

/* One of the two calls, in the form that takes most. */
struct call {
	struct wait_call is;
	struct pollfd *fds;
	nfds_t n;
	bool is_fine; /* nanoseconds: ppoll */
};

static int spare_failed(const struct wait_call *is, int n, uint64_t *ran)
{
	const struct call *c = (const struct call *)is;

	for (nfds_t i = 0, seen = 0; i < c->n && seen < (nfds_t)n; i++) {
		struct pollfd *p = &c->fds[i];

		if (!p->revents)
			continue;
		seen++;
		if (!(p->revents & (POLLERR | POLLHUP))) {
			if (p->revents & POLLOUT)
				spare_stood(p->fd);
		} else if (spare_is_spared(spare_event(
				   p->fd, p->revents & POLLERR, ran))) {
			p->revents = 0;
			seen--;
			n--;
		}
	}
	return n;
}

static int turn(const struct wait_call *is, struct wait *w)
{
	const struct call *c = (const struct call *)is;
	struct timespec left;

	return c->is_fine ? real.ppoll(c->fds, c->n,
				    wait_turn_timespec(w, &left), is->mask)
			  : real.poll(c->fds, c->n, wait_turn_ms(w));
}

static bool is_any_wrong(const struct pollfd *fds, nfds_t n, int rc)
{
	while (rc > 0 && n-- > 0)
		if (fds[n].revents & (POLLERR | POLLHUP) &&
			pending_kind_of(fds[n].fd) != PENDING_NOT)
			return true;
	return false;
}

/*
 * Apart, for most programs never come here: some connect() is under way; or one
 * that the host was told stands, and has not asked about, may be reset since.
 */
__attribute__((noinline)) static int poll_open(
	struct pollfd *fds, nfds_t n, int timeout)
{
	struct call c = {{turn, spare_failed, NULL}, fds, n, false};
	int rc;

	if (pending_is_any_under_way())
		return wait_in_turns(&c.is, wait_ns_of_ms(timeout));
	rc = real.poll(fds, n, timeout);
	return is_any_wrong(fds, n, rc)
		? wait_go_on(&c.is, wait_ns_of_ms(timeout), rc)
		: rc;
}

EXPORT int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	return UNLIKELY(pending_open()) ? poll_open(fds, n, timeout)
					: real.poll(fds, n, timeout);
}

__attribute__((noinline)) static int ppoll_open(struct pollfd *fds, nfds_t n,
	const struct timespec *timeout, const sigset_t *mask)
{
	struct call c = {{turn, spare_failed, mask}, fds, n, true};
	int rc;

	if (pending_is_any_under_way() && wait_is_timeout(timeout))
		return wait_in_turns(&c.is, wait_ns_of(timeout));
	rc = real.ppoll(fds, n, timeout, mask);
	return is_any_wrong(fds, n, rc) && wait_is_timeout(timeout)
		? wait_go_on(&c.is, wait_ns_of(timeout), rc)
		: rc;
}

EXPORT int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
	const sigset_t *mask)
{
	return UNLIKELY(pending_open()) ? ppoll_open(fds, n, timeout, mask)
					: real.ppoll(fds, n, timeout, mask);
}

/* What programs call that were built with _FORTIFY_SOURCE. */
int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t size);
int __ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
	const sigset_t *mask, size_t size);

/* A size that is too small is libc's to complain of, and it does not return. */
EXPORT int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t size)
{
	return UNLIKELY(pending_open()) && size / sizeof(*fds) >= n
		? poll_open(fds, n, timeout)
		: real.poll_chk(fds, n, timeout, size);
}

EXPORT int __ppoll_chk(struct pollfd *fds, nfds_t n,
	const struct timespec *timeout, const sigset_t *mask, size_t size)
{
	return UNLIKELY(pending_open()) && size / sizeof(*fds) >= n
		? ppoll_open(fds, n, timeout, mask)
		: real.ppoll_chk(fds, n, timeout, mask, size);
}
