/*
 * Long work on the loop, a million backends' say, is done in pieces: between
 * two of them whoever attaches, and whatever is due, has its turn.
 */
#ifndef LBD_INTERLUDE_H
#define LBD_INTERLUDE_H

#include "lbd.h"

/* Between two pieces. What stands in lbd->world is whole wherever this is
 * called; anything the loop does may have happened when it returns. NULL: all
 * of the work is done at once. */
static inline void interlude(struct lbd *lbd)
{
	if (lbd && lbd->between)
		lbd->between(lbd);
}

/* From the one to the other the loop has turns, unless lbd is ending. Not while
 * there is nothing to do: others would have interludes then. */
void interlude_begin(struct lbd *lbd);
void interlude_end(struct lbd *lbd);

/* From here on lbd->tempo.work has all in it that was done until now. */
void interlude_note_work(struct tempo *tempo);

/* Seconds: by a steady clock, and of the processor's time. */
double interlude_clock(void);
double interlude_processor(void);

#endif
