/*
 * The loop within the loop: whoever works calls in between, and after some
 * milliseconds of work one iteration takes place in which nothing is waited for.
 * Once lbd is to end there is none: the work is brought to its end instead.
 */
#include "interlude.h"

#include <time.h>

static const double piece_s = 0.01;

static double read_clock(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double interlude_clock(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

double interlude_processor(void)
{
	return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

static void note_turn(struct tempo *t)
{
	t->turned = t->noted = interlude_processor();
	t->turned_at = interlude_clock();
}

void interlude_note_work(struct tempo *t)
{
	double now = interlude_processor();

	t->work += now - t->noted;
	t->noted = now;
}

static void end_piece(struct tempo *t)
{
	interlude_note_work(t);
	if (t->noted - t->turned > t->piece)
		t->piece = t->noted - t->turned;
}

/* The clock is cheap to ask, and tells enough. */
static void run(struct lbd *lbd)
{
	if (lbd->ending || interlude_clock() - lbd->tempo.turned_at < piece_s)
		return;
	end_piece(&lbd->tempo);
	lbd->between = NULL; /* what has its turn is not interrupted itself */
	ev_run(lbd->loop, EVRUN_NOWAIT);
	lbd->between = run;
	note_turn(&lbd->tempo);
}

void interlude_begin(struct lbd *lbd)
{
	note_turn(&lbd->tempo);
	lbd->between = run;
}

void interlude_end(struct lbd *lbd)
{
	lbd->between = NULL;
}
