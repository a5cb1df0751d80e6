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
static int spare_failed(struct pollfd *fds, nfds_t all, int n)
{
	for (nfds_t i = 0, seen = 0; i < all && seen < (nfds_t)n; i++) {
		if (!fds[i].revents)
			continue;
		seen++;
		if (!(fds[i].revents & (POLLERR | POLLHUP))) {
			if (fds[i].revents & POLLOUT)
				spare_stood(fds[i].fd);
		} else if (spare_is_spared(spare_event(
				   fds[i].fd, fds[i].revents & POLLERR))) {
			fds[i].revents = 0;
			seen--;
			n--;
		}
	}
	return n;
}

static int poll_in_turns(struct pollfd *fds, nfds_t n, int timeout)
{
	struct wait w;
	int rc;

	wait_begin(&w, wait_ns_of_ms(timeout));
	do {
		rc = real.poll(fds, n, wait_turn_ms(&w));
		if (rc > 0)
			rc = spare_failed(fds, n, rc);
	} while (!rc && !wait_is_over(&w));
	return rc;
}

EXPORT int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	return UNLIKELY(pending_is_any_under_way())
		? poll_in_turns(fds, n, timeout)
		: real.poll(fds, n, timeout);
}

static int ppoll_in_turns(struct pollfd *fds, nfds_t n,
	const struct timespec *timeout, const sigset_t *mask)
{
	struct timespec left;
	struct wait w;
	int rc;

	wait_begin(&w, wait_ns_of(timeout));
	do {
		rc = real.ppoll(fds, n, wait_turn_timespec(&w, &left), mask);
		if (rc > 0)
			rc = spare_failed(fds, n, rc);
	} while (!rc && !wait_is_over(&w));
	return rc;
}

EXPORT int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
	const sigset_t *mask)
{
	return UNLIKELY(pending_is_any_under_way()) && wait_is_timeout(timeout)
		? ppoll_in_turns(fds, n, timeout, mask)
		: real.ppoll(fds, n, timeout, mask);
}

/* What programs call that were built with _FORTIFY_SOURCE. */
int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t size);
int __ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
	const sigset_t *mask, size_t size);

EXPORT int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t size)
{
	return UNLIKELY(pending_is_any_under_way()) && size / sizeof(*fds) >= n
		? poll_in_turns(fds, n, timeout)
		: real.poll_chk(fds, n, timeout, size);
}

EXPORT int __ppoll_chk(struct pollfd *fds, nfds_t n,
	const struct timespec *timeout, const sigset_t *mask, size_t size)
{
	return UNLIKELY(pending_is_any_under_way()) &&
			size / sizeof(*fds) >= n && wait_is_timeout(timeout)
		? ppoll_in_turns(fds, n, timeout, mask)
		: real.ppoll_chk(fds, n, timeout, mask, size);
}
