/* How often connections are counted. Pure: the time is an argument. */
#ifndef LBD_RHYTHM_H
#define LBD_RHYTHM_H

#include <stdbool.h>

/* All zeros: nothing was counted yet, and no caller heard of. */
struct rhythm {
	double began;	       /* the count */
	double stirred, woken; /* callers: last, and first after a rest */
	double earliest;       /* no count before that */
};

/* Seconds from one count to the next: 0.1, or 1 where no caller was active for
 * some time, `unheard`; less in the first of the time that they are, `awake`. */
double rhythm_every(double unheard, double awake);

/* Seconds from the end of a count that took `took` of them, and `cost` of the
 * processor's time, to the next: 2 % of the time, and a count `every` so many
 * seconds. */
double rhythm_pause(double took, double cost, double every);

/* A count has ended, which cost that much: seconds to the next, if no caller is
 * heard of until then. */
double rhythm_next(struct rhythm *rhythm, double now, double cost);

/* The same for one that was broken off. */
double rhythm_again(double cost);

/* Some caller is active. True: counting had slowed down, and the next may begin
 * at `earliest`. */
bool rhythm_stir(struct rhythm *rhythm, double now);

#endif
