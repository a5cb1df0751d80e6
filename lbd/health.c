/*
 * Health: the one door through which every verdict goes, and what follows when
 * a backend comes or goes by it.
 */
#include "health_parts.h"
#include "kernel.h"
#include "probe.h"
#include "publish.h"

#include <stdio.h>
#include <stdlib.h>

static const double undone = 10; /* a blindness is noticed within that, s */

double health_chance(void)
{
	return drand48();
}

bool health_is_ejected(const struct backend *b)
{
	return b->ejection.out;
}

bool health_is_usable(const struct backend *b)
{
	return b->health.state != HEALTH_DOWN && b->will == WILL_READY &&
		!health_is_ejected(b);
}

static double slow_start(const struct backend *b)
{
	return b->service->conf->slow_start_ms / 1000.0;
}

double health_share(const struct backend *b)
{
	return b->ramp.on ? b->ramp.share : 1;
}

void health_leave(struct lbd *lbd, struct backend *b)
{
	b->ramp.on = false;
	eject_forget(&b->ejection);
	publish_health(lbd, b);
	if (b->service->conf->reset_on_down && lbd->kernel)
		kernel_reset(lbd->kernel, b);
	outcomes_relieve(lbd, b);
}

void health_come_back(struct lbd *lbd, struct backend *b)
{
	if (b->health.state != HEALTH_DOWN && !health_is_ejected(b)) {
		ramp_begin(&b->ramp, slow_start(b), lbd->overview.now);
		if (b->ramp.on)
			outcomes_tend(lbd, b);
	}
	publish_health(lbd, b);
}

/* Who went down since then may have done so because we went blind. How long
 * it takes to notice depends on the slowest; no longer than is said here. */
static double dawn(const struct lbd *lbd, const struct backend *b)
{
	double window = 2 * pace_window(b->service->conf);

	return lbd->overview.now - (window > undone ? window : undone);
}

static void restore(struct lbd *lbd, struct backend *b)
{
	if (!b->probe ||
		!health_restore(&b->health, dawn(lbd, b), lbd->overview.now))
		return;
	health_log_change(b, "it was lbd that could not see");
	publish_health(lbd, b);
}

/*
 * Who was down before we could have gone blind is down; and who never gave a
 * sign, while others do, may well not be there.
 */
static bool silence_was_due(struct lbd *lbd, const struct backend *b)
{
	const struct health *h = &b->health;

	return (h->state == HEALTH_DOWN && h->since < dawn(lbd, b)) ||
		(!h->met && sight_has_signs(&lbd->overview.sight));
}

static void note_sight(struct lbd *lbd, struct backend *b, enum verdict verdict)
{
	struct overview *o = &lbd->overview;
	struct sighting *s = &b->probe->sighting;
	bool blind = verdict_is_blind(verdict);
	enum sight_change change;

	b->health.met |= !blind;
	if (blind && silence_was_due(lbd, b)) {
		sight_disregard(&o->sight, s);
		return;
	}
	change = sight_note(
		&o->sight, s, blind, pace_window(b->service->conf), o->now);
	if (change == SIGHT_SAME)
		return;
	health_log_sight(&o->sight);
	if (change == SIGHT_REGAINED) {
		o->clear = o->now;
		return;
	}
	for (size_t i = 0; i < lbd->world.services; i++)
		for (size_t j = 0; j < lbd->world.service[i].backends; j++)
			restore(lbd, lbd->world.service[i].backend[j]);
}

static void judge(struct lbd *lbd, struct backend *b, enum verdict verdict)
{
	struct health *h = &b->health;
	bool calm = h->state != HEALTH_DOWN && !h->streak;
	bool changed =
		health_judge(h, b->service->conf, verdict, lbd->overview.now);

	if (changed) {
		bool down = h->state == HEALTH_DOWN;

		health_log_change(b, down ? h->reason : NULL);
		if (down)
			health_leave(lbd, b);
		else if (h->before == HEALTH_DOWN)
			health_come_back(lbd, b);
		else
			publish_health(lbd, b);
	}
	if (calm && verdict != VERDICT_LOCAL && verdict_is_blind(verdict))
		ask_around(lbd);
}

void health_verdict(struct lbd *lbd, struct backend *b, enum verdict verdict,
	const char *why)
{
	if (verdict == VERDICT_LOCAL)
		health_log_local(b, why ? why : "");
	if (verdict != VERDICT_OK && verdict != VERDICT_SILENT)
		snprintf(b->health.reason, sizeof(b->health.reason), "%s",
			why ? why : "no answer");
	if (b->probe && verdict != VERDICT_SILENT)
		note_sight(lbd, b, verdict);
	if (lbd->overview.sight.lost && verdict_is_blind(verdict))
		return;
	judge(lbd, b, verdict);
}
