/*
 * Long work on the loop, a million backends' say, is done in pieces: between
 * two of them whoever attaches, and whatever is due, has its turn.
 */
#ifndef LBD_INTERLUDE_H
#define LBD_INTERLUDE_H

#include "lbd.h"

/* Between two pieces. What stands in lbd->world is whole wherever this is
 * called; anything the loop does may have happened when it returns. */
static inline void interlude(struct lbd *lbd)
{
	if (lbd->between)
		lbd->between(lbd);
}

/* As lbd->between: runs the loop, once a piece of work has taken long enough,
 * unless lbd is ending. */
void interlude_run(struct lbd *lbd);

#endif
