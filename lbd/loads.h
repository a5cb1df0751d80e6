/* What a load is made of, in numbers alone. Pure. */
#ifndef LBD_LOADS_H
#define LBD_LOADS_H

#include <stdbool.h>
#include <stdint.h>

/* What counts like a connection, is none, and fades. */
struct load {
	double failures; /* recent ones: who fails fast must not look idle */
	double unseen; /* picks of callers whose connections we cannot count */
	double warmth; /* what it began with when it came back */
	double warm_s; /* seconds until that is gone */
};

void load_fade(struct load *l, double seconds);

/* Nothing is left that could round to a connection, or add up to one. */
bool load_is_plain(const struct load *l);

/* As callers compare it, of LOAD_UNIT; `l` may be NULL: connections are all
 * there is. */
uint32_t load_sum(double connections, const struct load *l);

/*
 * It came back: it begins with what its siblings carry, so that not everybody
 * turns to it at once.
 */
void load_warm(struct load *l, double mean_per_weight, unsigned weight);

/* `most` 0: as many as may be. */
bool load_is_full(uint32_t connections, unsigned most);

#endif
