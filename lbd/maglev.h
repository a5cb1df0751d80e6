/*
 * The table of consistent hashing, after "Maglev: A Fast and Reliable Software
 * Network Load Balancer" (NSDI 2016): a caller's hash is an entry, an entry a
 * backend. Pure.
 */
#ifndef LBD_MAGLEV_H
#define LBD_MAGLEV_H

#include "shim/addr.h"

#include <stddef.h>
#include <stdint.h>

enum { MAGLEV_MOST = 65521 /* entries; and backends */ };

/* A backend that the file has, and room for what is noted about it. */
struct maglev_member {
	uint64_t identity; /* maglev_identity() */
	uint32_t weight;
	uint32_t number; /* what its entries hold: 0 and on */
	uint32_t turns, at, skip;
};

/* Where a member stands on the wheel now. */
struct maglev_seat {
	uint32_t stop;
	uint32_t width; /* of the stop; 0 = it is on no wheel */
	uint64_t keep;	/* of 2^32: how many of its entries are still its */
};

/* Of a backend, whatever its place in the file: its address and port. */
uint64_t maglev_identity(const struct addr *a);

/*
 * Entries of a table for that many backends, 0 where 16 bits cannot number
 * them. A prime; the same for a few backends more or fewer.
 */
uint32_t maglev_size(size_t backends);

/*
 * The table with everybody well: each member gets its share by weight, and at
 * least one entry if there are enough. Reorders `member`; `members` is not 0.
 */
void maglev_fill(uint16_t *base, uint32_t size, struct maglev_member *member,
	size_t members);

/*
 * The table as things are, of stops: who lost weight since `base` was filled
 * loses as many entries, and nobody else does. `seat` is by number; it is
 * given its `keep` here. `end` is where each of the stops ends, << 32.
 */
void maglev_seat(uint16_t *table, const uint16_t *base, uint32_t size,
	const struct maglev_member *member, struct maglev_seat *seat,
	size_t members, const uint64_t *end, size_t stops);

#endif
