/*
 * What connections under way stand on, for tests of them without a host: a
 * clock that a test sets, a place to be locked in, backends to be moved to.
 */
#ifndef TESTS_BENEATH_H
#define TESTS_BENEATH_H

#include "shim/pending.h"

/* Of every clock. */
extern uint64_t beneath_ns;

static inline void beneath_set_ms(uint64_t ms)
{
	beneath_ns = ms * 1000000;
}

void beneath_lock_in(void);

/* What became of each connection that was to be moved, and of which error. */
extern enum pending_kind beneath_next;
extern unsigned beneath_moves;
extern int beneath_moved_for;

/* How often it was counted what became of one. */
extern unsigned beneath_reports;

/* How often those that were late were seen to. */
extern unsigned beneath_lates;

/* Signals that ran a handler then, as a mask. */
extern uint64_t beneath_ran;

#endif
