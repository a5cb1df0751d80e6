/* How often a thing may be said that happens again and again. Pure. */
#ifndef LBD_REFRAIN_H
#define LBD_REFRAIN_H

#include <stdbool.h>

/* All zero: nothing was said yet. Times and pauses are seconds. */
struct refrain {
	double next, pause;
};

/* The first time at once, then after a second, two, four ... a minute. What
 * was quiet for as long as its pause again begins anew. */
bool refrain_allows(const struct refrain *p, double now);

/* It is said now. */
void refrain_said(struct refrain *p, double now);

#endif
