/*
 * Sight: when most backends give no sign of life at once, it is we who cannot
 * see. Pure; memory is the caller's.
 */
#ifndef LBD_SIGHT_H
#define LBD_SIGHT_H

#include "shim/addr.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	SIGHT_LEAST = 4,     /* backends that it takes to tell */
	SIGHT_WITNESSES = 3, /* addresses that are silent */
	SIGHT_SPANS = 12,    /* 1/8 s, 1/4 s ... 256 s */
};

/* The last verdict on one backend. */
struct sighting {
	struct sighting *older, *newer; /* of the same span, while it counts */
	struct addr addr;		/* the port is of no matter */
	double at;
	unsigned char span;
	bool counts, blind;
};

struct sight {
	struct {
		struct sighting *oldest, *newest;
	} span[SIGHT_SPANS]; /* verdicts count that long */
	struct sighting *witness[SIGHT_WITNESSES]; /* silent addresses */
	size_t watched, counted, blind;
	bool lost;
};

enum sight_change { SIGHT_SAME, SIGHT_LOST, SIGHT_REGAINED };

/* A backend is to be probed, or no more. */
void sight_watch(
	struct sight *sight, struct sighting *s, const struct addr *addr);
enum sight_change sight_unwatch(struct sight *sight, struct sighting *s);

/* A verdict, which counts for `window` seconds (up to twice that). */
enum sight_change sight_note(struct sight *sight, struct sighting *s,
	bool blind, double window, double now);

/* Has anybody given a sign lately? */
bool sight_has_signs(const struct sight *sight);

/* Silence that was to be expected: no evidence of anything. */
void sight_disregard(struct sight *sight, struct sighting *s);

#endif
