/*
 * The world outside lbd, for the simulation: backends with fates of their own,
 * callers who tell the truth and one who does not, an operator, networks that
 * fail, files that change. All of it from one seed.
 */
#ifndef TESTS_OUTSIDE_H
#define TESTS_OUTSIDE_H

#include "simulation.h"

enum { SERVICES = 4, BACKENDS = 32, USERS = 4, LIAR = USERS - 1 };

enum fate {
	FATE_FINE,
	FATE_REFUSES,
	FATE_SILENT, /* a black hole */
	FATE_UNREACHABLE,
	FATE_FLAPS,	      /* every answer may be another */
	FATE_DEAD_TO_CALLERS, /* probes are answered well */
	FATE_DEAD_TO_ONE,     /* user 0; probes are answered well */
	FATES,
};

struct report {
	uint64_t ok, failed;
};

struct outside {
	struct sim sim;
	unsigned long seed;
	unsigned short draw[3];
	enum fate fate[BACKENDS];    /* by sim_of() */
	double fate_since[BACKENDS]; /* or since an outage ended */
	enum verdict outage;	     /* of lbd's host; OK: none */
	double outage_since;
	double outage_until, next_outage, next_hand, next_stall, next_reload;
	bool fewer; /* backends, in the file at work */
	struct report report[BACKENDS][USERS]; /* of this reading */
	double heard[SERVICES][USERS];	       /* last outcome; 0: never */
};

void outside_open(struct outside *o, unsigned long seed);
void outside_close(struct outside *o);

/* Things happen that are nobody's answer: called between stretches of time.
 * True where lbd's world was changed by hand, a file or a stall. */
bool outside_moves(struct outside *o);

/* Callers call, and report. */
void outside_calls(struct outside *o);

/* Ends the test if that is not so, with the seed, the time and `what`. */
void outside_holds(const struct outside *o, bool fact, const struct backend *b,
	const char *what);

size_t outside_index(struct outside *o, const struct backend *b);

/* Which backends callers of that family find: a bit per ordinal. */
uint64_t outside_wheel(
	const struct service *s, enum table_family family, bool *panic);

#endif
