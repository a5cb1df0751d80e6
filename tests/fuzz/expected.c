/*
 * Written from what the file's manual says of balance, and not from pick.c. The
 * widths are taken from lbd's plan, after a look whether weights are in it.
 */
#include "expected.h"
#include "lbd/publish_wheels.h"
#include "lbd/wheel.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void want(bool true_or, const char *broken)
{
	if (true_or)
		return;
	fprintf(stderr, "%s\n", broken);
	abort();
}

/* Somebody who is on no wheel unless health is ignored. */
static bool is_out(const struct backend *b)
{
	return b->health.state == HEALTH_DOWN || b->will != WILL_READY;
}

static bool is_of(const struct backend *b, enum table_family family)
{
	return addr_is_v4(&b->conf->addr) == (family == FAMILY_V4);
}

static bool is_whole(const struct backend *b)
{
	return !b->ramp.on && !b->service->zone;
}

/* The weights, to 1 %, or, with nobody slow to start, as they are. */
static void check_widths(const struct expected *e)
{
	double all = 0, real[EXPECTED_MOST];
	bool exact = true;

	for (uint32_t i = 0; i < e->stops; i++) {
		const struct backend *b = e->service->backend[e->stop[i]];

		real[i] = b->conf->weight * (b->ramp.on ? b->ramp.share : 1);
		exact = exact && (!b->ramp.on || b->ramp.share == 1);
		all += real[i];
	}
	for (uint32_t i = 0; i < e->stops; i++) {
		double width = e->width[e->stop[i]] * all / e->total;

		want(exact ? e->width[e->stop[i]] == real[i]
			   : fabs(width - real[i]) <= real[i] / 100,
			"another weight");
	}
}

/* Backups wait until nobody else has room. */
static void check_backups(const struct expected *e)
{
	bool spare = true;

	for (size_t i = 0; i < e->service->backends; i++) {
		const struct backend *b = e->service->backend[i];

		if (is_of(b, e->family) && !is_out(b) && !b->full &&
			!b->conf->backup)
			spare = false;
	}
	for (uint32_t i = 0; i < e->stops && !spare && !e->panic; i++)
		want(!e->service->backend[e->stop[i]]->conf->backup,
			"a backup before its time");
}

static void check_plan(const struct expected *e)
{
	const struct service *s = e->service;

	for (size_t i = 0; i < s->backends; i++) {
		const struct backend *b = s->backend[i];

		if (!is_of(b, e->family) || b->will != WILL_READY)
			want(!e->width[i], "one on the wheel that is not its");
		else if (!is_out(b) && !b->conf->backup && is_whole(b))
			want(e->width[i], "one that is well is on no wheel");
		if (is_out(b) && !e->panic)
			want(!e->width[i], "one that is down is on the wheel");
	}
}

void expect(struct expected *e, const struct service *s,
	enum table_family family, bool adrift, const struct counters *counters)
{
	struct wheel_item item[EXPECTED_MOST];
	uint64_t stop[EXPECTED_MOST];
	struct wheel_plan plan = {.stop = stop};

	*e = (struct expected){.service = s,
		.family = family,
		.balance = s->conf->balance,
		.counters = counters,
		.adrift = adrift};
	publish_wheel_plan(s, family, item, &plan);
	e->panic = plan.panic;
	e->stops = (uint32_t)plan.stops;
	for (uint32_t i = 0; i < e->stops; i++) {
		e->stop[i] = (uint32_t)stop[i];
		e->width[e->stop[i]] = (uint32_t)(stop[i] >> 32) - e->total;
		e->total = stop[i] >> 32;
	}
	check_plan(e);
	check_backups(e);
	if (!s->zone)
		check_widths(e);
}

static uint64_t unseen(const struct expected *e, const struct backend *b)
{
	const struct counters_line *line;

	if (!e->counters)
		return 0;
	line = counters_line((struct counters *)e->counters, 0, b->number);
	return line->picks - line->seen;
}

void expect_now(struct expected *e, uint16_t port)
{
	for (uint32_t i = 0; i < e->stops; i++) {
		uint32_t at = e->stop[i];
		const struct backend *b = e->service->backend[at];
		uint64_t begun = unseen(e, b);
		uint32_t most = b->conf->max_conns;

		e->to[at] = b->conf->addr;
		if (!e->to[at].port)
			e->to[at].port = port;
		e->fit[at] = FITS;
		if (!e->adrift) {
			if (most && begun >= most)
				e->fit[at] = FITS_CROWDED;
			e->load[at] = (b->load + begun * b->pick / 16 + 2) / 4;
		}
		if (is_out(b) && !e->panic)
			e->fit[at] = FITS_DOWN;
		if (b->full && !e->adrift)
			e->fit[at] = FITS_NOT;
	}
}

static enum expected_fit fit_of(
	const struct expected *e, uint32_t at, const struct tried *tried)
{
	for (unsigned i = 0; i < tried->count; i++)
		if (tried->mark[i] == tried_mark(&e->to[at]))
			return FITS_NOT;
	return e->fit[at];
}

/* Below 0: lighter. */
static int compare(const struct expected *e, uint32_t a, uint32_t b)
{
	uint64_t x = e->load[a] * e->width[b], y = e->load[b] * e->width[a];

	return (x > y) - (x < y);
}

/* What the algorithm says of one that fits, as others do. */
static void check_choice(
	const struct expected *e, uint32_t at, const struct tried *tried)
{
	bool all = e->balance == BALANCE_LEAST_CONN ||
		(e->balance == BALANCE_P2C && e->stops <= 4);
	uint32_t fitting = 0, lighter = 0;

	for (uint32_t i = 0; i < e->stops; i++) {
		uint32_t other = e->stop[i];

		if (fit_of(e, other, tried) != FITS)
			continue;
		fitting++;
		if (e->balance == BALANCE_FIRST) {
			want(other == at, "there is an earlier one");
			return;
		}
		lighter += compare(e, other, at) < 0;
	}
	if (all)
		want(!lighter, "there is a lighter one");
	if (e->balance == BALANCE_P2C && fitting == e->stops && fitting > 1)
		want(lighter + 1 < fitting, "the heaviest of all");
}

void expect_best(const struct expected *e, bool found,
	const struct tried *tried, const struct route *route)
{
	enum expected_fit best = FITS_NOT;

	for (uint32_t i = 0; i < e->stops; i++) {
		enum expected_fit fit = fit_of(e, e->stop[i], tried);

		best = fit > best ? fit : best;
	}
	want(found == (best >= (tried->count ? FITS_CROWDED : FITS_DOWN)),
		found ? "somebody who is not to be taken" : "there was one");
	if (!found)
		return;
	want(route->ordinal < e->service->backends && e->width[route->ordinal],
		"one that is on no wheel");
	want(addr_same(&route->to, &e->to[route->ordinal]) &&
			route->line ==
				e->service->backend[route->ordinal]->number,
		"another's address");
	want(fit_of(e, route->ordinal, tried) == best, "there is a better one");
	if (best == FITS)
		check_choice(e, route->ordinal, tried);
}

static bool is_idle(const struct expected *e)
{
	for (uint32_t i = 0; i < e->stops; i++)
		if (e->fit[e->stop[i]] != FITS || e->load[e->stop[i]])
			return false;
	return e->stops;
}

static bool are_all_fit(const struct expected *e)
{
	for (uint32_t i = 0; i < e->stops; i++)
		if (e->fit[e->stop[i]] != FITS)
			return false;
	return e->stops;
}

bool expected_is_even(const struct expected *e)
{
	switch (e->balance) {
	case BALANCE_ROUND_ROBIN:
		return are_all_fit(e);
	case BALANCE_P2C:
	case BALANCE_LEAST_CONN:
		return is_idle(e);
	default:
		return false;
	}
}

bool expected_is_plain(const struct expected *e)
{
	for (size_t i = 0; i < e->service->backends; i++) {
		const struct backend *b = e->service->backend[i];

		if (b->conf->backup || !is_whole(b) || is_out(b) || b->full ||
			(is_of(b, e->family) && !e->width[i]))
			return false;
	}
	return e->service->conf->panic == PANIC_OFF && are_all_fit(e) &&
		e->stops > 1;
}

void expect_turn(const struct expected *e, const uint32_t hits[EXPECTED_MOST])
{
	for (size_t i = 0; i < e->service->backends; i++)
		want(hits[i] == e->width[i], "a turn that is not exact");
}

void expect_spread(const struct expected *e, const uint32_t hits[EXPECTED_MOST],
	uint32_t draws)
{
	for (uint32_t i = 0; are_all_fit(e) && i < e->stops; i++) {
		uint32_t at = e->stop[i];
		double share = (double)e->width[at] / e->total * draws;

		want(fabs(hits[at] - share) <= 8 * sqrt(share) + 8,
			"a share that is not the weight's");
	}
}
