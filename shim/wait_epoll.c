/*
 * epoll: what a wait brings does not say which descriptor it is about, but only
 * what the program left with epoll_ctl(). That is noted, and looked up where an
 * event speaks of an error while a connection is under way.
 */
#include "addr.h"
#include "attach.h"
#include "pending.h"
#include "raw.h"
#include "real.h"
#include "shim.h"
#include "spare.h"
#include "wait.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>

enum { NOTES = 65536 }; /* higher descriptors are not moved */

#define NOTED (1ULL << 32)

/* The last registration of a descriptor, in whatever epoll it was. */
struct note {
	_Atomic uint64_t data;
	_Atomic uint64_t events; /* NOTED | as given; 0: none */
};

/* Not wiped by fork(): a child goes on with its parent's registrations. */
static struct {
	struct note of[NOTES];
	_Atomic int top;   /* no higher one was noted */
	_Atomic int found; /* where the last one was */
} notes;

static void note_top(int fd)
{
	int top = atomic_load_explicit(&notes.top, memory_order_relaxed);

	while (top < fd && !atomic_compare_exchange_weak(&notes.top, &top, fd))
		;
}

EXPORT int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
	if (attach_latest() && op != EPOLL_CTL_DEL && (unsigned)fd < NOTES &&
		addr_is_plausible(event)) {
		struct note *note = &notes.of[fd];

		table_store(&note->data, event->data.u64);
		table_store(&note->events, NOTED | event->events);
		if (UNLIKELY(fd > atomic_load_explicit(
					  &notes.top, memory_order_relaxed)))
			note_top(fd);
	}
	return real.epoll_ctl(epfd, op, fd, event);
}

static bool is_noted(int fd, uint64_t data)
{
	return (unsigned)fd < NOTES && table_load(&notes.of[fd].events) &&
		table_load(&notes.of[fd].data) == data;
}

/* A registration for one event has had it: it gets another. */
static void arm_again(int epfd, int fd, const struct epoll_event *had)
{
	uint64_t events = table_load(&notes.of[fd].events);
	struct epoll_event again = {
		.events = (uint32_t)events,
		.data = had->data,
	};

	if (events & EPOLLONESHOT)
		raw5(SYS_epoll_ctl, epfd, EPOLL_CTL_MOD, fd, (long)&again, 0);
}

static bool spare_noted(
	int epfd, int fd, const struct epoll_event *e, bool *is_held)
{
	if (!is_noted(fd, e->data.u64) || !spare_event(fd, is_held))
		return false;
	atomic_store_explicit(&notes.found, fd, memory_order_relaxed);
	arm_again(epfd, fd, e);
	return true;
}

/*
 * Most programs leave the descriptor, alone or in the low half; others a pointer,
 * and they are looked for from where the last one was: events come about in the
 * order in which the connections were begun.
 */
static bool spare_one(int epfd, const struct epoll_event *e, bool *is_held)
{
	int low = (int)e->data.u64, n, fd;

	*is_held = false;
	if (is_noted(low, e->data.u64))
		return spare_noted(epfd, low, e, is_held);
	fd = atomic_load_explicit(&notes.found, memory_order_relaxed);
	n = atomic_load_explicit(&notes.top, memory_order_relaxed) + 1;
	for (int i = 0; i < n; i++) {
		fd = fd < n - 1 ? fd + 1 : 0;
		if (spare_noted(epfd, fd, e, is_held))
			return true;
	}
	/* Registered where we could not see it, by io_uring for one. */
	return pending_is_under_way(low) && spare_event(low, is_held);
}

static int spare_failed(
	struct wait *w, int epfd, struct epoll_event *event, int n)
{
	int kept = 0;

	for (int i = 0; i < n; i++) {
		struct epoll_event *e = &event[i];
		bool is_held;

		if (e->events & (EPOLLERR | EPOLLHUP)) {
			if (spare_one(epfd, e, &is_held) &&
				(!is_held || wait_may_hold(w)))
				continue;
		} else if (e->events & EPOLLOUT &&
			is_noted((int)e->data.u64, e->data.u64)) {
			spare_stands((int)e->data.u64);
		}
		if (kept != i)
			event[kept] = *e;
		kept++;
	}
	return kept;
}

/* One of the four calls, in the form that takes most. */
struct call {
	int epfd, most;
	struct epoll_event *event;
	const sigset_t *mask; /* NULL: as it is */
	bool is_fine;	      /* nanoseconds: epoll_pwait2 */
};

static int turn(const struct call *c, struct wait *w)
{
	struct timespec left;

	if (c->is_fine)
		return real.epoll_pwait2(c->epfd, c->event, c->most,
			wait_turn_timespec(w, &left), c->mask);
	return c->mask
		? real.epoll_pwait(
			  c->epfd, c->event, c->most, wait_turn_ms(w), c->mask)
		: real.epoll_wait(c->epfd, c->event, c->most, wait_turn_ms(w));
}

/* `rc` is what a first turn has brought, that nobody knew would be one. */
static int go_on(const struct call *c, struct wait *w, int rc)
{
	for (;;) {
		if (rc > 0)
			rc = spare_failed(w, c->epfd, c->event, rc);
		if (rc || wait_is_over(w))
			return rc;
		rc = turn(c, w);
	}
}

static int in_turns(const struct call *c, uint64_t ns)
{
	struct wait w;

	wait_begin(&w, ns);
	return go_on(c, &w, turn(c, &w));
}

/*
 * Another thread has begun a connect() while this one was waiting. Its time is
 * not known any more; the rest is measured from now, which can double it.
 */
__attribute__((noinline)) static int began_meanwhile(
	const struct call *c, uint64_t ns, int rc)
{
	struct wait w;

	wait_begin(&w, ns);
	return go_on(c, &w, rc);
}

EXPORT int epoll_wait(int epfd, struct epoll_event *event, int most, int ms)
{
	struct call c = {epfd, most, event, NULL, false};
	int rc;

	if (UNLIKELY(pending_is_any_under_way()))
		return in_turns(&c, wait_ns_of_ms(ms));
	rc = real.epoll_wait(epfd, event, most, ms);
	return UNLIKELY(rc > 0 && pending_is_any_under_way())
		? began_meanwhile(&c, wait_ns_of_ms(ms), rc)
		: rc;
}

EXPORT int epoll_pwait(int epfd, struct epoll_event *event, int most, int ms,
	const sigset_t *mask)
{
	struct call c = {epfd, most, event, mask, false};
	int rc;

	if (UNLIKELY(pending_is_any_under_way()))
		return in_turns(&c, wait_ns_of_ms(ms));
	rc = real.epoll_pwait(epfd, event, most, ms, mask);
	return UNLIKELY(rc > 0 && pending_is_any_under_way())
		? began_meanwhile(&c, wait_ns_of_ms(ms), rc)
		: rc;
}

EXPORT int epoll_pwait2(int epfd, struct epoll_event *event, int most,
	const struct timespec *timeout, const sigset_t *mask)
{
	struct call c = {epfd, most, event, mask, true};
	int rc;

	if (UNLIKELY(pending_is_any_under_way()) && wait_is_timeout(timeout))
		return in_turns(&c, wait_ns_of(timeout));
	rc = real.epoll_pwait2(epfd, event, most, timeout, mask);
	return UNLIKELY(rc > 0 && pending_is_any_under_way()) &&
			wait_is_timeout(timeout)
		? began_meanwhile(&c, wait_ns_of(timeout), rc)
		: rc;
}
