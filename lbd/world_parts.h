/* Between the files of the world: one that is to come, until it takes over. */
#ifndef LBD_WORLD_PARTS_H
#define LBD_WORLD_PARTS_H

#include "lbd.h"

/* With interludes. False without memory: what there is of it is given up. */
bool world_build(struct lbd *lbd, struct world *w, struct conf *conf);

/* Free indexes in the counters, lowest first, for services that are new. */
bool world_number_services(struct lbd *lbd, struct world *w);

/* A world that was not to be: what it borrowed stays with the old one. `larger`
 * is its key region, or NULL. */
void world_give_up(struct lbd *lbd, struct world *w, struct region *larger);

/* The parts of a world that are its own, not the backends nor the regions. */
void world_free_frame(struct world *w);

#endif
