/* A wheel of a few backends, for tests of what is chosen from it. */
#ifndef TESTS_STAGE_H
#define TESTS_STAGE_H

#include "shim/pick.h"

enum { STAGE_MOST = 8 };

struct stage {
	struct table_backend backend[STAGE_MOST];
	_Atomic uint64_t stop[STAGE_MOST + 1]; /* and a word of a table */
	struct wheel wheel;
	struct route route;
};

/* The user's counters; one user at a time. */
extern struct counters_line stage_lines[COUNTERS_LINES];

extern const struct tried stage_untried;

/* Backends 10.0.0.1:80 and on, all on the wheel, of these weights. Their lines
 * are 100 and on. */
void stage_set(struct stage *s, enum table_balance balance, uint32_t step,
	const unsigned *weight, unsigned n);

void stage_load(struct stage *s, unsigned i, uint64_t load);
/* At most so many connections, of which so many are there; 0 = any number. */
void stage_room(
	struct stage *s, unsigned i, uint64_t most, uint64_t connections);

/* The user's programs have connected so often, and lbd has seen so many. */
void stage_picks(struct stage *s, unsigned i, uint64_t picks, uint64_t seen);

/* How often each is chosen by so many draws; all must choose one. */
void stage_hits(struct stage *s, unsigned *hits, uint64_t from, uint64_t draws);

void stage_tried(struct tried *tried, const struct stage *s, unsigned i);

#endif
