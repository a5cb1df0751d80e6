/*
 * Where to stop the wheel. lbd has put the usable backends on it, each as wide
 * as its weight; a draw becomes a place, the place a backend. One that went
 * down since, or was tried before, moves the stop on: first to other draws, so
 * that its share goes to all the others, then around the wheel, bounded.
 */
#include "pick.h"

enum {
	REDRAWS = 3,
	WALK_MAX = 1024, /* stops looked at, at most, before giving up */
};

/* High half of the product: an even spread without a division. */
static uint32_t scale(uint64_t random, uint32_t total)
{
	return (uint32_t)((random >> 32) * total >> 32);
}

uint32_t pick_place(enum table_balance balance, uint64_t draw, uint32_t total,
	uint32_t step)
{
	switch (balance) {
	case BALANCE_FIRST:
		return 0;
	case BALANCE_RANDOM:
		return scale(table_mix(draw * 0x9e3779b97f4a7c15ULL), total);
	default:
		return (uint32_t)(draw % total * step % total);
	}
}

static uint32_t end_of(const struct wheel *wheel, uint32_t stop)
{
	return (uint32_t)(table_load(&wheel->stop[stop]) >> 32);
}

/*
 * The first stop that ends behind the place: where all weigh the same, as is
 * usual, the one in proportion; else it is searched for.
 */
static uint32_t find_stop(const struct wheel *wheel, uint32_t place)
{
	uint32_t low = 0, high = wheel->stops - 1;
	uint64_t guess = (uint64_t)place * wheel->stops / wheel->total;

	if (guess <= high) {
		/* mostly its ordinal too; both lines may be far away */
		__builtin_prefetch(wheel->backend + guess * wheel->stride);
		low = (uint32_t)guess;
		if (end_of(wheel, low) > place &&
			(!low || end_of(wheel, low - 1) <= place))
			return low;
		low = 0;
	}
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (end_of(wheel, middle) > place)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static bool was_tried(const struct tried *tried, const struct addr *a)
{
	for (unsigned i = 0; i < tried->count; i++)
		if (addr_same(&tried->addr[i], a))
			return true;
	return false;
}

enum fitness { FIT_NOT, FIT_DOWN, FIT };

/* Copies the backend at a stop into the route. */
static enum fitness look_at(const struct wheel *wheel, uint32_t at,
	const struct tried *tried, struct route *route)
{
	uint64_t ordinal = table_load(&wheel->stop[at]) & UINT32_MAX;
	const struct table_backend *b;
	uint64_t where, state;

	if (ordinal >= wheel->backends)
		return FIT_NOT;
	b = (const void *)(wheel->backend + ordinal * wheel->stride);
	where = table_load(&b->where);
	state = table_load(&b->state);
	route->ordinal = (uint32_t)ordinal;
	route->line = (uint32_t)where;
	route->to.hi = table_load(&b->addr_hi);
	route->to.lo = table_load(&b->addr_lo);
	route->to.port = (uint16_t)(where >> 48);
	if (state >> 48 !=
		table_tag(route->to.hi, route->to.lo, route->to.port))
		return FIT_NOT;
	if (!route->to.port)
		route->to.port = route->vip.port;
	if (was_tried(tried, &route->to))
		return FIT_NOT;
	return state & STATE_DOWN && !wheel->panic ? FIT_DOWN : FIT;
}

static bool move_on(const struct wheel *wheel, uint64_t draw,
	const struct tried *tried, struct route *route)
{
	uint32_t at = find_stop(wheel,
		pick_place(route->balance, draw, wheel->total, wheel->step));
	uint32_t walk = wheel->stops < WALK_MAX ? wheel->stops : WALK_MAX;

	for (int i = 1; i <= REDRAWS && route->balance != BALANCE_FIRST; i++) {
		at = find_stop(wheel,
			scale(table_mix(table_mix(draw) + (uint64_t)i),
				wheel->total));
		if (look_at(wheel, at, tried, route) == FIT)
			return true;
	}
	while (walk--) {
		at = at + 1 < wheel->stops ? at + 1 : 0;
		if (look_at(wheel, at, tried, route) == FIT)
			return true;
	}
	return false;
}

bool pick_backend(const struct wheel *wheel, uint64_t draw,
	const struct tried *tried, struct route *route)
{
	uint32_t at = find_stop(wheel,
		pick_place(route->balance, draw, wheel->total, wheel->step));

	switch (look_at(wheel, at, tried, route)) {
	case FIT:
		return true;
	case FIT_DOWN: /* and if all are, as good as any: lbd is about to say */
		return move_on(wheel, draw, tried, route) ||
			(!tried->count && look_at(wheel, at, tried, route));
	default:
		return move_on(wheel, draw, tried, route);
	}
}
