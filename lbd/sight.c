/*
 * What lbd sees: of each backend that is probed the last verdict, as long as it
 * tells of the present. Verdicts stand in lists by how long they count, each in
 * the order of time, so that those whose time is over are found at the heads.
 */
#include "sight.h"

static const double shortest = 0.125;

static double width(unsigned span)
{
	return shortest * (double)(1u << span);
}

static unsigned span_for(double window)
{
	unsigned span = 0;

	while (span < SIGHT_SPANS - 1 && width(span) < window)
		span++;
	return span;
}

static bool same_host(const struct sighting *a, const struct sighting *b)
{
	return a->addr.hi == b->addr.hi && a->addr.lo == b->addr.lo;
}

/* A silent backend at an address that none of the witnesses is at is one. */
static bool bear_witness(struct sight *sight, struct sighting *s)
{
	struct sighting **free_place = NULL;

	for (int i = 0; i < SIGHT_WITNESSES; i++) {
		if (!sight->witness[i])
			free_place = &sight->witness[i];
		else if (same_host(sight->witness[i], s))
			return false;
	}
	if (free_place)
		*free_place = s;
	return free_place;
}

/* While a place is free, no silent address is without its witness. */
static void replace_witness(struct sight *sight, const struct sighting *gone)
{
	int i = 0;

	while (i < SIGHT_WITNESSES && sight->witness[i] != gone)
		i++;
	if (i == SIGHT_WITNESSES)
		return;
	sight->witness[i] = NULL;
	for (int j = 0; j < SIGHT_SPANS; j++)
		for (struct sighting *s = sight->span[j].newest; s;
			s = s->older)
			if (s->blind && bear_witness(sight, s))
				return;
}

static void discount(struct sight *sight, struct sighting *s)
{
	if (!s->counts)
		return;
	*(s->older ? &s->older->newer : &sight->span[s->span].oldest) =
		s->newer;
	*(s->newer ? &s->newer->older : &sight->span[s->span].newest) =
		s->older;
	s->counts = false;
	sight->counted--;
	sight->blind -= s->blind;
	if (s->blind)
		replace_witness(sight, s);
}

void sight_disregard(struct sight *sight, struct sighting *s)
{
	discount(sight, s);
}

static void count(struct sight *sight, struct sighting *s)
{
	s->older = sight->span[s->span].newest;
	s->newer = NULL;
	*(s->older ? &s->older->newer : &sight->span[s->span].oldest) = s;
	sight->span[s->span].newest = s;
	s->counts = true;
	sight->counted++;
	sight->blind += s->blind;
	if (s->blind)
		bear_witness(sight, s);
}

static void expire(struct sight *sight, double now)
{
	for (unsigned i = 0; i < SIGHT_SPANS; i++)
		while (sight->span[i].oldest &&
			now - sight->span[i].oldest->at > width(i))
			discount(sight, sight->span[i].oldest);
}

static bool has_witnesses(const struct sight *sight)
{
	for (int i = 0; i < SIGHT_WITNESSES; i++)
		if (!sight->witness[i])
			return false;
	return true;
}

static bool most_are_silent(const struct sight *sight)
{
	return 2 * sight->blind > sight->counted;
}

bool sight_has_signs(const struct sight *sight)
{
	return sight->counted > sight->blind;
}

static enum sight_change regain(struct sight *sight)
{
	sight->lost = false;
	return SIGHT_REGAINED;
}

void sight_watch(
	struct sight *sight, struct sighting *s, const struct addr *addr)
{
	*s = (struct sighting){.addr = *addr};
	sight->watched++;
}

/* Only answers and a smaller world bring sight back, time alone does not. */
enum sight_change sight_unwatch(struct sight *sight, struct sighting *s)
{
	discount(sight, s);
	sight->watched--;
	if (sight->lost &&
		(sight->watched < SIGHT_LEAST || !has_witnesses(sight)))
		return regain(sight);
	return SIGHT_SAME;
}

enum sight_change sight_note(struct sight *sight, struct sighting *s,
	bool blind, double window, double now)
{
	expire(sight, now);
	discount(sight, s);
	s->at = now;
	s->blind = blind;
	s->span = (unsigned char)span_for(window);
	count(sight, s);
	if (sight->lost)
		return !blind && !most_are_silent(sight) ? regain(sight)
							 : SIGHT_SAME;
	if (sight->counted < SIGHT_LEAST || !most_are_silent(sight) ||
		!has_witnesses(sight))
		return SIGHT_SAME;
	sight->lost = true;
	return SIGHT_LOST;
}
