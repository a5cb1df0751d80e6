/*
 * The layout before this one: programs that run while lbd is upgraded read it
 * for as long as they live.
 */
#ifndef LBD_BEFORE_H
#define LBD_BEFORE_H

#include "region.h"

/* Is it the layout that lbd serves besides its own? */
bool before_is(uint32_t major);

/*
 * The same as `region` in that layout, and from here on kept so: made when the
 * first caller asks for it. NULL if memory is short.
 */
struct region *before_of(struct region *region);

/* What was just published in `region`, for those who read the layout before; as
 * the functions that follow, nothing where nobody does. */
void before_publish(struct region *region);

/* The state word of a backend has changed. */
void before_state(struct region *region, uint64_t backend);

/* The words of all wheels, to be turned as those of `region`; or NULL. */
_Atomic uint64_t *before_wheels(struct region *region);

#endif
