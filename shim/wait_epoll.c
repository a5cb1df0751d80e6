/*
 * epoll: what a wait brings does not say which descriptor it is about, but only
 * what the program left with epoll_ctl(). That is noted, and looked up where an
 * event speaks of an error while a connection is under way.
 */
#include "addr.h"
#include "entry.h"
#include "raw.h"
#include "real.h"
#include "shim.h"
#include "spare.h"
#include "tell.h"
#include "wait.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>

#define NOTED (1ULL << 32)

static struct {
	_Atomic int top;   /* no higher one was noted */
	_Atomic int found; /* where the last one was */
} notes;

/* NULL for a number that is not remembered, and before the first attach. */
static struct note *note_of(int fd)
{
	struct entries *entries =
		atomic_load_explicit(&entry_all, memory_order_acquire);

	return entries && (unsigned)fd < FDS ? &entries->note[fd] : NULL;
}

static void note_top(int fd)
{
	int top = atomic_load_explicit(&notes.top, memory_order_relaxed);

	while (top < fd && !atomic_compare_exchange_weak(&notes.top, &top, fd))
		;
}

EXPORT int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
	struct note *note = note_of(fd);

	if (note && op != EPOLL_CTL_DEL && addr_is_plausible(event)) {
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
	const struct note *note = note_of(fd);

	return note && table_load(&note->events) &&
		table_load(&note->data) == data;
}

/* A registration for one event has had it: it gets another. */
static void arm_again(int epfd, int fd, const struct epoll_event *had)
{
	uint64_t events = table_load(&note_of(fd)->events);
	struct epoll_event again = {
		.events = (uint32_t)events,
		.data = had->data,
	};

	if (events & EPOLLONESHOT)
		raw5(SYS_epoll_ctl, epfd, EPOLL_CTL_MOD, fd, (long)&again, 0);
}

/* Whose event is it, and need the host know? What the matches say so far. */
struct match {
	bool any;	/* a descriptor was registered with that data */
	bool is_well;	/* ours, and nothing is wrong with it */
	bool is_theirs; /* one that something is wrong with, to be told */
};

/* One of those that were registered with that data; true: it was moved. */
static bool spare_noted(
	int epfd, int fd, const struct epoll_event *e, struct match *match)
{
	match->any = true;
	switch (spare_event(fd, e->events & EPOLLERR)) {
	case SPARE_MOVED:
		atomic_store_explicit(&notes.found, fd, memory_order_relaxed);
		arm_again(epfd, fd, e);
		return true;
	case SPARE_WELL:
		match->is_well = true;
		arm_again(epfd, fd, e);
		return false;
	case SPARE_NOT:
		match->is_theirs = true;
		return false;
	default:
		match->is_theirs |= tell_is_wrong(fd);
		return false;
	}
}

/*
 * Most programs leave the descriptor, alone or in the low half; others a pointer,
 * and they are looked for from where the last one was: events come about in the
 * order in which the connections were begun. Some leave the same for several:
 * then it is about whichever something is wrong with.
 */
static bool spare_one(int epfd, const struct epoll_event *e)
{
	int low = (int)e->data.u64, n, fd;
	struct match match = {false, false, false};

	if (is_noted(low, e->data.u64) && spare_noted(epfd, low, e, &match))
		return true;
	fd = atomic_load_explicit(&notes.found, memory_order_relaxed);
	n = atomic_load_explicit(&notes.top, memory_order_relaxed) + 1;
	for (int i = 0; i < n; i++) {
		fd = fd < n - 1 ? fd + 1 : 0;
		if (fd != low && is_noted(fd, e->data.u64) &&
			spare_noted(epfd, fd, e, &match))
			return true;
	}
	if (match.any)
		return match.is_well && !match.is_theirs;
	/* Registered where we could not see it, by io_uring for one. */
	return pending_is_under_way(low) &&
		spare_is_spared(spare_event(low, e->events & EPOLLERR));
}

static int spare_failed(int epfd, struct epoll_event *event, int n)
{
	int kept = 0;

	for (int i = 0; i < n; i++) {
		struct epoll_event *e = &event[i];

		if (e->events & (EPOLLERR | EPOLLHUP)) {
			if (spare_one(epfd, e))
				continue;
		} else if (e->events & EPOLLOUT &&
			is_noted((int)e->data.u64, e->data.u64)) {
			spare_stood((int)e->data.u64);
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
			rc = spare_failed(c->epfd, c->event, rc);
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

/* A connect() that has failed since, or was moved and stands by now. */
static bool is_trouble(const struct epoll_event *event, int n)
{
	if (LIKELY(!atomic_load_explicit(&pending_any, memory_order_relaxed)))
		return false;
	while (n-- > 0)
		if (event[n].events & (EPOLLERR | EPOLLHUP))
			return true;
	return false;
}

EXPORT int epoll_wait(int epfd, struct epoll_event *event, int most, int ms)
{
	struct call c = {epfd, most, event, NULL, false};
	int rc;

	if (UNLIKELY(pending_is_any_under_way()))
		return in_turns(&c, wait_ns_of_ms(ms));
	rc = real.epoll_wait(epfd, event, most, ms);
	return UNLIKELY(is_trouble(event, rc))
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
	return UNLIKELY(is_trouble(event, rc))
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
	return UNLIKELY(is_trouble(event, rc)) && wait_is_timeout(timeout)
		? began_meanwhile(&c, wait_ns_of(timeout), rc)
		: rc;
}
