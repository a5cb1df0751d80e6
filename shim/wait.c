/*
 * The time that is left, what is due before, and whether a signal has ended it.
 */
#include "wait.h"
#include "addr.h"
#include "pending.h"
#include "real.h"
#include "shim.h"
#include "spare.h"

#include <errno.h>
#include <limits.h>

static uint64_t now_ns(void)
{
	struct timespec at = {0, 0};

	real.clock_gettime(CLOCK_MONOTONIC, &at);
	return (uint64_t)at.tv_sec * 1000000000 + (uint64_t)at.tv_nsec;
}

void wait_begin(struct wait *w, uint64_t ns, const sigset_t *mask)
{
	w->ran = 0;
	w->mask = mask;
	w->now = now_ns();
	w->until = ns < WAIT_FOREVER - w->now ? w->now + ns : WAIT_FOREVER;
}

uint64_t wait_ns_of(const struct timespec *timeout)
{
	uint64_t sec;

	if (!timeout)
		return WAIT_FOREVER;
	sec = (uint64_t)timeout->tv_sec;
	if (sec > WAIT_FOREVER / 1000000000 - 1)
		return WAIT_FOREVER;
	return sec * 1000000000 + (uint64_t)timeout->tv_nsec;
}

bool wait_is_timeout(const struct timespec *t)
{
	return !t ||
		(addr_is_plausible(t) && t->tv_sec >= 0 && t->tv_nsec >= 0 &&
			t->tv_nsec < 1000000000);
}

/* Of those that no turn would have let in, none is missed. */
static bool has_run(const struct wait *w)
{
	uint64_t blocked = 0;

	if (LIKELY(!w->ran))
		return false;
	if (addr_is_plausible(w->mask))
		__builtin_memcpy(&blocked, w->mask, sizeof(blocked));
	return w->ran & ~blocked;
}

uint64_t wait_turn(struct wait *w)
{
	uint64_t next = atomic_load(&pending_deadline), until = w->until;

	if (next != PENDING_NEVER && next <= w->now / 1000000) {
		spare_late(w->now / 1000000, &w->ran);
		next = atomic_load(&pending_deadline);
	}
	if (next != PENDING_NEVER && next * 1000000 < until)
		until = next * 1000000;
	if (UNLIKELY(has_run(w)))
		return 0;
	if (until == WAIT_FOREVER)
		return WAIT_FOREVER;
	return until > w->now ? until - w->now : 0;
}

int wait_turn_ms(struct wait *w)
{
	uint64_t ns = wait_turn(w), ms;

	if (ns == WAIT_FOREVER)
		return -1;
	ms = (ns + 999999) / 1000000;
	return ms < INT_MAX ? (int)ms : INT_MAX;
}

const struct timespec *wait_turn_timespec(struct wait *w, struct timespec *out)
{
	uint64_t ns = wait_turn(w);

	if (ns == WAIT_FOREVER)
		return NULL;
	out->tv_sec = (time_t)(ns / 1000000000);
	out->tv_nsec = (long)(ns % 1000000000);
	return out;
}

bool wait_has_late(void)
{
	uint64_t now;

	if (LIKELY(atomic_load(&pending_deadline) == PENDING_NEVER))
		return false;
	now = now_ns() / 1000000;
	if (now < atomic_load(&pending_deadline))
		return false;
	spare_late(now, NULL);
	return true;
}

bool wait_is_interrupted(const struct wait *w)
{
	if (LIKELY(!has_run(w)))
		return false;
	errno = EINTR;
	return true;
}

bool wait_is_over(struct wait *w)
{
	w->now = now_ns();
	return w->now >= w->until;
}

static int go_on(const struct wait_call *c, struct wait *w, int rc)
{
	for (;;) {
		if (rc > 0)
			rc = c->spare(c, rc, &w->ran);
		if (rc || wait_is_over(w))
			return rc;
		if (wait_is_interrupted(w))
			return -1;
		rc = c->turn(c, w);
	}
}

int wait_in_turns(const struct wait_call *c, uint64_t ns)
{
	struct wait w;

	wait_begin(&w, ns, c->mask);
	return go_on(c, &w, c->turn(c, &w));
}

int wait_go_on(const struct wait_call *c, uint64_t ns, int rc)
{
	struct wait w;

	wait_begin(&w, ns, c->mask);
	return go_on(c, &w, rc);
}
