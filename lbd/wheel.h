/* Which backends of a service are on the wheel, and how wide. Pure. */
#ifndef LBD_WHEEL_H
#define LBD_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wheel_item {
	uint32_t ordinal;
	unsigned weight;
	bool usable, backup;
};

struct wheel_plan {
	bool panic; /* health is ignored */
	uint32_t total, step;
	size_t stops;
	uint64_t *stop; /* weights up to here << 32 | ordinal; room for all */
};

/*
 * Tiers: the usable ones; with none, the usable backups; with none, or with no
 * more than `panic` percent of the others usable, all of them without regard
 * to health. `panic` may be PANIC_OFF.
 */
void wheel_make(struct wheel_plan *plan, const struct wheel_item *item,
	size_t items, int panic);

/* A step coprime to `total` near 0.618 of it: the turn is exact, and mixed. */
uint32_t wheel_step(uint32_t total);

#endif
