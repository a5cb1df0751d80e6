/*
 * A backend that may be chosen: its state as lbd wrote it, its load as lbd
 * counted it and as this user's programs have added to it since. All in line:
 * a call each would be a fifth of what a connect() may cost.
 */
#ifndef SHIM_CANDIDATE_H
#define SHIM_CANDIDATE_H

#include "pick.h"
#include "shim.h"

/* Further off, it is no count any more, and products could overflow. */
enum { UNSEEN_MAX = 1 << 24 };

/* The later, the better. CROWDED: full, if what was begun since is all there. */
enum fitness { FIT_NOT, FIT_DOWN, FIT_CROWDED, FIT };

/* One choice in the making. */
struct search {
	const struct wheel *wheel;
	const struct tried *tried;
	uint64_t draw;
	uint16_t port;	     /* that was asked for */
	bool weighing;	     /* loads are compared */
	uint32_t spare;	     /* the first stop of those that are next best */
	enum fitness spared; /* what it was; FIT_NOT: there is none */
};

/* The backend at a stop. */
struct candidate {
	struct addr to;
	uint32_t ordinal, line;
	uint32_t width; /* of the stop: its weight */
	uint64_t load;	/* where loads are compared */
};

static inline bool candidate_was_tried(
	const struct tried *tried, const struct addr *a)
{
	uint32_t mark;

	if (LIKELY(!tried->count))
		return false;
	mark = tried_mark(a);
	for (unsigned i = 0; i < tried->count; i++)
		if (tried->mark[i] == mark)
			return true;
	return false;
}

/*
 * What this user's programs have sent there since lbd last heard of it: else all
 * of them would go to the same one until then.
 */
static inline uint64_t candidate_unseen(
	const struct wheel *wheel, uint32_t number)
{
	const struct counters_line *line;
	int64_t unseen;

	if (!wheel->line)
		return 0;
	line = &wheel->line[number % COUNTERS_LINES];
	if (table_load(&line->tag) != (uint64_t)number + 1)
		return 0;
	unseen = (int64_t)(table_load(&line->picks) - table_load(&line->seen));
	if (unseen <= 0)
		return 0;
	return (uint64_t)(unseen < UNSEEN_MAX ? unseen : UNSEEN_MAX);
}

/*
 * By quarters of a connection: less is an estimate's chance, and would draw all
 * callers of a moment to whoever is ahead by it.
 */
static inline uint64_t candidate_load(uint64_t state, uint64_t unseen)
{
	uint64_t parts = load_of_state(state);

	parts += unseen * pick_of_state(state) / (256 / LOAD_UNIT);
	return (parts + LOAD_UNIT / 8) / (LOAD_UNIT / 4);
}

/*
 * Only the kernel's count says that a backend is full: of what was begun since,
 * much may have ended again.
 */
static inline enum fitness candidate_judge(
	const struct search *s, uint64_t state, struct candidate *c)
{
	const struct wheel *wheel = s->wheel;
	uint64_t room = room_of_state(state), unseen = 0;
	bool crowded = false;

	c->load = 0;
	if (LIKELY(!wheel->adrift)) {
		if (state & STATE_FULL)
			return FIT_NOT;
		if (s->weighing || room != STATE_ROOM_ANY)
			unseen = candidate_unseen(wheel, c->line);
		crowded = room != STATE_ROOM_ANY && unseen >= room;
		c->load = candidate_load(state, unseen);
	}
	if (state & STATE_DOWN && !wheel->panic)
		return FIT_DOWN;
	return UNLIKELY(crowded) ? FIT_CROWDED : FIT;
}

/* Copies the backend at a stop; all but `width`. */
static inline enum fitness candidate_look(
	const struct search *s, uint32_t at, struct candidate *c)
{
	const struct wheel *wheel = s->wheel;
	uint64_t ordinal = table_load(&wheel->stop[at]) & UINT32_MAX;
	const struct table_backend *b;
	uint64_t where, state;

	if (ordinal >= wheel->backends)
		return FIT_NOT;
	b = (const void *)(wheel->backend + ordinal * wheel->stride);
	where = table_load(&b->where);
	state = table_load(&b->state);
	c->ordinal = (uint32_t)ordinal;
	c->line = (uint32_t)where;
	c->to.hi = table_load(&b->addr_hi);
	c->to.lo = table_load(&b->addr_lo);
	c->to.port = (uint16_t)(where >> 48);
	if (state >> 48 != table_tag(c->to.hi, c->to.lo, c->to.port))
		return FIT_NOT;
	if (!c->to.port)
		c->to.port = s->port;
	if (candidate_was_tried(s->tried, &c->to))
		return FIT_NOT;
	return candidate_judge(s, state, c);
}

/* The same; notes the next best. */
static inline bool candidate_is_fit(
	struct search *s, uint32_t at, struct candidate *c)
{
	enum fitness fitness = candidate_look(s, at, c);

	if (LIKELY(fitness == FIT))
		return true;
	if (fitness > s->spared) {
		s->spared = fitness;
		s->spare = at;
	}
	return false;
}

/* Below 0: `a` carries less for its width than `b`; above: more. */
static inline int candidate_compare(
	const struct candidate *a, const struct candidate *b)
{
	uint64_t x = a->load * b->width, y = b->load * a->width;

	return (x > y) - (x < y);
}

#endif
