/*
 * Waiting, while a connect() is under way: in turns, because what fails is sent
 * on and waited for again, and because a connect-timeout may end first.
 */
#ifndef SHIM_WAIT_H
#define SHIM_WAIT_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define WAIT_FOREVER UINT64_MAX

struct wait {
	uint64_t until;	      /* ns, CLOCK_MONOTONIC; or for ever */
	uint64_t now;	      /* at the last look */
	uint64_t ran;	      /* signals that were handled between turns */
	const sigset_t *mask; /* of each turn; NULL: as it is */
};

/* A call of the host that waits, in whatever form; its own are behind this. */
struct wait_call {
	/* One turn, as long as wait_turn() says; what the real call returns. */
	int (*turn)(const struct wait_call *, struct wait *);
	/* How many of `n` that are ready are left, when some were sent on. */
	int (*spare)(const struct wait_call *, int n, uint64_t *ran);
	const sigset_t *mask; /* NULL: as it is */
};

/* `ns` and `mask` are what the host gave, or WAIT_FOREVER and NULL. */
void wait_begin(struct wait *w, uint64_t ns, const sigset_t *mask);

/* Milliseconds as poll() counts them; negative is for ever. */
static inline uint64_t wait_ns_of_ms(int ms)
{
	return ms < 0 ? WAIT_FOREVER : (uint64_t)ms * 1000000;
}

/* A timeout as ppoll() takes it; NULL is for ever. */
uint64_t wait_ns_of(const struct timespec *timeout);

/* False for what the kernel would refuse: that is the kernel's to do. */
bool wait_is_timeout(const struct timespec *timeout);

/* Sees to what is late, and says how long the next turn may last. */
uint64_t wait_turn(struct wait *w);

/* The same in milliseconds, rounded up. */
int wait_turn_ms(struct wait *w);

/* The same into `out`; NULL is for ever. */
const struct timespec *wait_turn_timespec(struct wait *w, struct timespec *out);

/* Sees to what is late; true if anything was. */
bool wait_has_late(void);

/*
 * After a turn that brought nothing: was a handler run since the first, that
 * would have ended the host's one call? Then errno says so.
 */
bool wait_is_interrupted(const struct wait *w);

/* After a turn that brought nothing: was that all the host wanted to wait? */
bool wait_is_over(struct wait *w);

/* The whole wait, until something is ready that the host is to know. */
int wait_in_turns(const struct wait_call *c, uint64_t ns);

/*
 * The same, where a first turn that nobody knew would be one has brought `rc`.
 * The time is measured from now, which can double it.
 */
int wait_go_on(const struct wait_call *c, uint64_t ns, int rc);

#endif
