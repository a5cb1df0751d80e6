/*
 * epoll: what a wait brings does not say which descriptor it is about, but only
 * what the program left with epoll_ctl(). That is noted, and looked up where an
 * event speaks of an error while a connection is under way.
 */
#include "addr.h"
#include "note.h"
#include "pending.h"
#include "raw.h"
#include "real.h"
#include "shim.h"
#include "spare.h"
#include "tell.h"
#include "wait.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>

/* One that is there already stays as it was. */
__attribute__((noinline)) static int epoll_add(
	int epfd, int fd, struct epoll_event *event)
{
	struct noted before = note_take(fd, event->data.u64, event->events);
	int rc = real.epoll_ctl(epfd, EPOLL_CTL_ADD, fd, event);

	if (UNLIKELY(rc))
		note_put_back(fd, before);
	return rc;
}

/*
 * Noted before the kernel knows, for another thread may be told at once. What
 * is done often, a change, is a jump: a frame would cost 20 ns.
 */
EXPORT int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
	if (op != EPOLL_CTL_DEL && addr_is_plausible(event)) {
		if (op == EPOLL_CTL_ADD)
			return epoll_add(epfd, fd, event);
		note_take(fd, event->data.u64, event->events);
	}
	return real.epoll_ctl(epfd, op, fd, event);
}

/* A registration for one event has had it: it gets another. */
static void arm_again(int epfd, int fd, const struct epoll_event *had)
{
	struct epoll_event again = {
		.events = note_events(fd),
		.data = had->data,
	};

	if (again.events & EPOLLONESHOT)
		raw5(SYS_epoll_ctl, epfd, EPOLL_CTL_MOD, fd, (long)&again, 0);
}

/* Whose event is it, and need the host know? What the matches say so far. */
struct match {
	bool any;	/* a descriptor was registered with that data */
	bool is_well;	/* ours, and moved, or nothing is wrong with it */
	bool is_theirs; /* one that something is wrong with, to be told */
	uint64_t *ran;	/* signals meanwhile */
};

/* One of those that were registered with that data. */
static void spare_noted(
	int epfd, int fd, const struct epoll_event *e, struct match *match)
{
	match->any = true;
	switch (spare_event(fd, e->events & EPOLLERR, match->ran)) {
	case SPARE_MOVED:
	case SPARE_WELL:
		match->is_well = true;
		arm_again(epfd, fd, e);
		break;
	default: /* whatever it was, it may have been closed meanwhile */
		match->is_theirs |= e->events & EPOLLERR ? tell_has_error(fd)
							 : tell_is_wrong(fd);
	}
}

/*
 * Most programs leave the descriptor, alone or in the low half; others a pointer,
 * and they are looked for. Some leave the same for several: then it is about
 * whichever something is wrong with, and all are seen to, for an edge that is
 * taken for another's does not come again.
 */
static bool spare_one(int epfd, const struct epoll_event *e, uint64_t *ran)
{
	int low = (int)e->data.u64, end = note_end(), fd;
	struct match match = {.ran = ran};

	if (note_is(low, e->data.u64))
		spare_noted(epfd, low, e, &match);
	fd = note_find(0, end, e->data.u64);
	for (; fd < end; fd = note_find(fd + 1, end, e->data.u64))
		if (fd != low)
			spare_noted(epfd, fd, e, &match);
	if (match.any)
		return match.is_well && !match.is_theirs;
	/* Registered where we could not see it, by io_uring for one. */
	return pending_is_under_way(low) &&
		spare_is_spared(spare_event(low, e->events & EPOLLERR, ran));
}

/* One of the four calls, in the form that takes most. */
struct call {
	struct wait_call is;
	int epfd, most;
	struct epoll_event *event;
	bool is_fine; /* nanoseconds: epoll_pwait2 */
};

static int spare_failed(const struct wait_call *is, int n, uint64_t *ran)
{
	const struct call *c = (const struct call *)is;
	int kept = 0;

	for (int i = 0; i < n; i++) {
		struct epoll_event *e = &c->event[i];

		if (e->events & (EPOLLERR | EPOLLHUP)) {
			if (spare_one(c->epfd, e, ran))
				continue;
		} else if (e->events & EPOLLOUT &&
			note_is((int)e->data.u64, e->data.u64)) {
			spare_stood((int)e->data.u64);
		}
		if (kept != i)
			c->event[kept] = *e;
		kept++;
	}
	return kept;
}

static int turn(const struct wait_call *is, struct wait *w)
{
	const struct call *c = (const struct call *)is;
	struct timespec left;

	if (c->is_fine)
		return real.epoll_pwait2(c->epfd, c->event, c->most,
			wait_turn_timespec(w, &left), is->mask);
	return is->mask
		? real.epoll_pwait(
			  c->epfd, c->event, c->most, wait_turn_ms(w), is->mask)
		: real.epoll_wait(c->epfd, c->event, c->most, wait_turn_ms(w));
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

/* Both apart, so that a wait with nothing under way stores nothing. */
__attribute__((noinline)) static int in_turns(int epfd,
	struct epoll_event *event, int most, int ms, const sigset_t *mask)
{
	struct call c = {{turn, spare_failed, mask}, epfd, most, event, false};

	return wait_in_turns(&c.is, wait_ns_of_ms(ms));
}

__attribute__((noinline)) static int go_on(int epfd, struct epoll_event *event,
	int most, int ms, const sigset_t *mask, int rc)
{
	struct call c = {{turn, spare_failed, mask}, epfd, most, event, false};

	return wait_go_on(&c.is, wait_ns_of_ms(ms), rc);
}

EXPORT int epoll_wait(int epfd, struct epoll_event *event, int most, int ms)
{
	int rc;

	if (UNLIKELY(pending_is_any_under_way()))
		return in_turns(epfd, event, most, ms, NULL);
	rc = real.epoll_wait(epfd, event, most, ms);
	return UNLIKELY(is_trouble(event, rc))
		? go_on(epfd, event, most, ms, NULL, rc)
		: rc;
}

EXPORT int epoll_pwait(int epfd, struct epoll_event *event, int most, int ms,
	const sigset_t *mask)
{
	int rc;

	if (UNLIKELY(pending_is_any_under_way()))
		return in_turns(epfd, event, most, ms, mask);
	rc = real.epoll_pwait(epfd, event, most, ms, mask);
	return UNLIKELY(is_trouble(event, rc))
		? go_on(epfd, event, most, ms, mask, rc)
		: rc;
}

EXPORT int epoll_pwait2(int epfd, struct epoll_event *event, int most,
	const struct timespec *timeout, const sigset_t *mask)
{
	struct call c = {{turn, spare_failed, mask}, epfd, most, event, true};
	int rc;

	if (UNLIKELY(pending_is_any_under_way()) && wait_is_timeout(timeout))
		return wait_in_turns(&c.is, wait_ns_of(timeout));
	rc = real.epoll_pwait2(epfd, event, most, timeout, mask);
	return UNLIKELY(is_trouble(event, rc)) && wait_is_timeout(timeout)
		? wait_go_on(&c.is, wait_ns_of(timeout), rc)
		: rc;
}
