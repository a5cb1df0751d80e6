/* Which backends of a service are on the wheel, and how wide. Pure. */
#ifndef LBD_WHEEL_H
#define LBD_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wheel_item {
	uint32_t ordinal;
	uint16_t weight;  /* 1..256 */
	bool willing : 1; /* the operator's; others are on no wheel */
	bool usable : 1;
	bool full : 1; /* more connections than it may have, or as many */
	bool backup : 1;
	bool local : 1; /* it is in this host's zone */
	double share;	/* of its weight, 0.1..1: it may be slow to start */
};

struct wheel_plan {
	bool panic; /* health is ignored */
	uint32_t total, step;
	size_t stops;
	uint64_t *stop; /* weights up to here << 32 | ordinal; room for all */
};

/*
 * Tiers: the usable ones, and the usable backups beside them once they are all
 * full; with none, the usable backups; with none, or with no more than `panic`
 * percent of the others usable, all of them without regard to health. `panic`
 * may be PANIC_OFF.
 *
 * Zones, in each tier: local backends get all of the traffic while five in
 * seven of them, by weight, can take it; below that the others get what is
 * missing. Where none is local, zones do not count.
 *
 * Weights are as given where no share and no zone changes them; else they are
 * right within 1 %, and their total is below 2^31.
 */
void wheel_make(struct wheel_plan *plan, const struct wheel_item *item,
	size_t items, int panic);

/* A step coprime to `total` near 0.618 of it: the turn is exact, and mixed. */
uint32_t wheel_step(uint32_t total);

#endif
