/*
 * The loop within the loop: whoever works calls in between, and after some
 * milliseconds of work one iteration takes place in which nothing is waited for.
 * Once lbd is to end there is none: the work is brought to its end instead.
 */
#include "interlude.h"

#include <time.h>

static const double piece_s = 0.01;

static double steady_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void interlude_run(struct lbd *lbd)
{
	if (lbd->ending || steady_clock() - lbd->last_turn < piece_s)
		return;
	ev_run(lbd->loop, EVRUN_NOWAIT);
	lbd->last_turn = steady_clock();
}
