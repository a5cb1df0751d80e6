/* Service -> backend: where the wheel stops. */
#ifndef SHIM_PICK_H
#define SHIM_PICK_H

#include "lookup.h"

/* A wheel as read: heads copied, stops bounded, all still in the region. */
struct wheel {
	const _Atomic uint64_t *stop;
	uint32_t stops, total, step;
	bool panic;
	const char *backend; /* of ordinal 0 */
	uint64_t stride;
	uint32_t backends;
	const struct counters_line *line; /* the caller's own; NULL: none */
	bool adrift;	/* nobody counts: loads and limits say nothing */
	uint32_t table; /* entries of maglev's, behind the stops; 0 = none */
	uint64_t who;	/* for maglev: equal callers, equal backends */
};

enum {
	PICK_ALL = 4,	   /* p2c looks at all of so many stops */
	PICK_LOOKS = 4096, /* least-conn looks at no more, from the cursor's */
};

/* A place in [0, total) for the draw. `total` is not 0. */
uint32_t pick_place(enum table_balance balance, uint64_t draw, uint32_t total,
	uint32_t step);

/* Fills ordinal, line and to of the route; false if none is left to try. */
bool pick_backend(const struct wheel *wheel, uint64_t draw,
	const struct tried *tried, struct route *route);

#endif
