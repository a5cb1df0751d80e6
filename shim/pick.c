/*
 * Where to stop the wheel. lbd has put the usable backends on it, each as wide
 * as its weight; a draw becomes a place, the place a backend. Where loads are
 * compared, another takes its place only if it is strictly lighter for its
 * width: an idle service is turned in plain rotation. One that went down
 * since, is full or was tried before moves the stop on: first to other draws,
 * so that its share goes to all the others, then around the wheel, bounded.
 * Where none is left, what was passed over with doubts is taken.
 */
#include "pick.h"
#include "candidate.h"
#include "shim.h"

enum {
	REDRAWS = 3,
	WALK_MAX = 1024, /* stops looked at, at most, before giving up */
};

static const uint64_t golden = 0x9e3779b97f4a7c15ULL;

/* High half of the product: an even spread without a division. */
static uint32_t scale(uint64_t random, uint32_t total)
{
	return (uint32_t)((random >> 32) * total >> 32);
}

/* Further draws of a draw, one as good as another. */
static uint64_t chance(uint64_t draw, uint64_t i)
{
	return table_mix(table_mix(draw) + i * golden);
}

uint32_t pick_place(enum table_balance balance, uint64_t draw, uint32_t total,
	uint32_t step)
{
	switch (balance) {
	case BALANCE_FIRST:
		return 0;
	case BALANCE_RANDOM:
		return scale(table_mix(draw * golden), total);
	default:
		/* A division saved where the product cannot overflow. */
		if (UNLIKELY(draw > UINT32_MAX))
			draw %= total;
		return (uint32_t)(draw * step % total);
	}
}

static uint32_t end_of(const struct wheel *wheel, uint32_t stop)
{
	return (uint32_t)(table_load(&wheel->stop[stop]) >> 32);
}

static uint32_t begin_of(const struct wheel *wheel, uint32_t stop)
{
	return stop ? end_of(wheel, stop - 1) : 0;
}

/* Its ordinal is mostly the stop's number; both lines may be far away. */
static void expect(const struct wheel *wheel, uint64_t stop)
{
	__builtin_prefetch(wheel->backend + stop * wheel->stride);
}

/* Without a branch: half of them would be guessed wrong, and dearly. */
static uint32_t search(const struct wheel *wheel, uint32_t place)
{
	const _Atomic uint64_t *from = wheel->stop;
	const uint64_t most = (uint64_t)place << 32 | UINT32_MAX;

	for (uint32_t left = wheel->stops; left > 1; left -= left / 2) {
		const _Atomic uint64_t *middle = from + left / 2;
		bool behind = table_load(middle - 1) <= most;

		from = __builtin_expect_with_probability(behind, 1, 0.5)
			? middle
			: from;
	}
	return (uint32_t)(from - wheel->stop);
}

/*
 * The first stop that ends behind the place: where all weigh 1, as is usual,
 * the place itself; where all weigh as much as the first, the one in
 * proportion; else it is searched for.
 */
static inline uint32_t find_stop(const struct wheel *wheel, uint32_t place)
{
	uint32_t weight, guess, last = wheel->stops - 1;

	if (LIKELY(wheel->stops == wheel->total)) {
		place = place < last ? place : last;
		expect(wheel, place);
		return place;
	}
	weight = end_of(wheel, 0);
	if (weight && (uint64_t)weight * wheel->stops == wheel->total) {
		guess = place / weight < last ? place / weight : last;
		expect(wheel, guess);
		if (end_of(wheel, guess) > place &&
			begin_of(wheel, guess) <= place)
			return guess;
	}
	return search(wheel, place);
}

static void measure(const struct wheel *wheel, uint32_t at, struct candidate *c)
{
	c->width = wheel->stops == wheel->total
		? 1
		: end_of(wheel, at) - begin_of(wheel, at);
}

/* In proportion to what the stop at `first` leaves of the wheel. */
static uint32_t draw_beside(
	const struct wheel *wheel, uint32_t first, uint64_t random)
{
	uint32_t begin = begin_of(wheel, first);
	uint32_t width = end_of(wheel, first) - begin;
	uint32_t place = scale(random, wheel->total - width);

	return find_stop(wheel, place < begin ? place : place + width);
}

/*
 * A second stop, in proportion too, and in no case the first one. Where it
 * must be searched for, that begins before the first is found: which it is
 * matters only to the few draws that meet it.
 */
static inline uint32_t draw_another(const struct search *s, uint32_t first)
{
	const struct wheel *wheel = s->wheel;
	uint64_t random = table_mix(s->draw * golden);
	uint32_t second;

	if (LIKELY(wheel->stops == wheel->total)) {
		second = scale(random, wheel->total - 1);
		return find_stop(wheel, second + (second >= first));
	}
	second = find_stop(wheel, scale(random, wheel->total));
	return LIKELY(second != first)
		? second
		: draw_beside(wheel, first, chance(s->draw, 1));
}

static bool choose_of_two(struct search *s, uint32_t at, struct candidate *c)
{
	uint32_t second = draw_another(s, at);
	bool fit = candidate_is_fit(s, at, c);
	struct candidate other;

	if (fit && !c->load)
		return true;
	if (!candidate_is_fit(s, second, &other))
		return fit;
	measure(s->wheel, at, c);
	measure(s->wheel, second, &other);
	if (!fit || candidate_compare(&other, c) < 0)
		*c = other;
	return true;
}

/*
 * The lightest of up to `looks` stops. The one at `at`, if fit, stays unless
 * others are strictly lighter; among those that tie, chance decides, by width.
 */
static bool choose_lightest(
	struct search *s, uint32_t at, uint32_t looks, struct candidate *c)
{
	const struct wheel *wheel = s->wheel;
	bool found = candidate_is_fit(s, at, c), incumbent = found;
	uint64_t tied = 0; /* widths of those that tie with the best */

	measure(wheel, at, c);
	for (uint32_t i = 1; i < looks && !(incumbent && !c->load); i++) {
		struct candidate other;
		int order;

		at = at + 1 < wheel->stops ? at + 1 : 0;
		if (!candidate_is_fit(s, at, &other))
			continue;
		measure(wheel, at, &other);
		order = found ? candidate_compare(&other, c) : -1;
		if (order > 0 || (!order && incumbent))
			continue;
		tied = (order ? 0 : tied) + other.width;
		if (!order &&
			scale(chance(s->draw, i), (uint32_t)tied) >=
				other.width)
			continue;
		*c = other;
		found = true;
		incumbent = false;
	}
	return found;
}

/* One caller's entry in maglev's table, and where it goes from there. */
static uint32_t entry_of(const struct wheel *wheel, unsigned i)
{
	uint64_t hash = table_mix(wheel->who + i * golden);
	uint32_t entry = scale(hash, wheel->table);
	uint64_t word, stop;

	if (!wheel->table) /* more backends than 16 bits can number */
		return find_stop(wheel, scale(hash, wheel->total));
	word = table_load(&wheel->stop[wheel->stops + entry / 4]);
	stop = word >> entry % 4 * 16 & UINT16_MAX;
	return stop < wheel->stops ? (uint32_t)stop : 0;
}

static uint32_t redraw(
	const struct search *s, enum table_balance balance, unsigned i)
{
	if (balance == BALANCE_MAGLEV)
		return entry_of(s->wheel, i);
	return find_stop(s->wheel, scale(chance(s->draw, i), s->wheel->total));
}

static bool move_on(struct search *s, enum table_balance balance, uint32_t at,
	struct candidate *c)
{
	const struct wheel *wheel = s->wheel;
	uint32_t walk = wheel->stops < WALK_MAX ? wheel->stops : WALK_MAX;

	for (unsigned i = 1; i <= REDRAWS && balance != BALANCE_FIRST; i++) {
		at = redraw(s, balance, i);
		if (candidate_is_fit(s, at, c))
			return true;
	}
	while (walk--) {
		at = at + 1 < wheel->stops ? at + 1 : 0;
		if (candidate_is_fit(s, at, c))
			return true;
	}
	return false;
}

/*
 * A crowded one is better than none. If all are down, one is as good as any:
 * lbd is about to say.
 */
static bool take_spare(const struct search *s, struct candidate *c)
{
	enum fitness least = s->tried->count ? FIT_CROWDED : FIT_DOWN;

	/* GCOVR_EXCL_BR_START: it changed in between */
	return s->spared >= least && candidate_look(s, s->spare, c) >= least;
	/* GCOVR_EXCL_BR_STOP */
}

static bool choose(struct search *s, enum table_balance balance, uint32_t at,
	struct candidate *c)
{
	uint32_t stops = s->wheel->stops;

	switch (balance) {
	case BALANCE_P2C:
		return stops > PICK_ALL ? choose_of_two(s, at, c)
					: choose_lightest(s, at, stops, c);
	case BALANCE_LEAST_CONN:
		return choose_lightest(
			s, at, stops < PICK_LOOKS ? stops : PICK_LOOKS, c);
	default:
		return candidate_is_fit(s, at, c);
	}
}

HOT bool pick_backend(const struct wheel *wheel, uint64_t draw,
	const struct tried *tried, struct route *route)
{
	enum table_balance balance = route->balance;
	struct search s = {
		.wheel = wheel,
		.tried = tried,
		.draw = draw,
		.port = route->vip.port,
		.weighing =
			balance == BALANCE_P2C || balance == BALANCE_LEAST_CONN,
		.spared = FIT_NOT,
	};
	uint32_t at = balance == BALANCE_MAGLEV
		? entry_of(wheel, 0)
		: find_stop(wheel,
			  pick_place(balance, draw, wheel->total, wheel->step));
	struct candidate c;

	if (!choose(&s, balance, at, &c) && !move_on(&s, balance, at, &c) &&
		!take_spare(&s, &c))
		return false;
	route->ordinal = c.ordinal;
	route->line = c.line;
	route->to = c.to;
	return true;
}
