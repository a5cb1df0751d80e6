/*
 * Health: when to ask, what the answers make of a backend, and the one door
 * through which every verdict goes.
 */
#include "health.h"
#include "lbd.h"
#include "log.h"
#include "probe.h"
#include "publish.h"

#include <stdio.h>
#include <stdlib.h>

const char *health_word(enum health_state state)
{
	static const char *const word[] = {
		[HEALTH_UNKNOWN] = "unknown",
		[HEALTH_UP] = "up",
		[HEALTH_DOWN] = "down",
	};

	return word[state];
}

static bool enter(struct health *h, enum health_state state, double now)
{
	h->state = state;
	h->streak = 0;
	h->since = now;
	return true;
}

/* The first verdict decides alone; after that it takes rise or fall of them. */
bool health_judge(struct health *h, const struct service_conf *conf,
	enum verdict verdict, double now)
{
	bool good = verdict == VERDICT_OK;

	if (verdict == VERDICT_LOCAL)
		return false;
	if (!h->verdicts++)
		return enter(h, good ? HEALTH_UP : HEALTH_DOWN, now);
	if (good == (h->state == HEALTH_UP)) {
		h->streak = 0;
		return false;
	}
	if (++h->streak < (good ? conf->rise : conf->fall))
		return false;
	return enter(h, good ? HEALTH_UP : HEALTH_DOWN, now);
}

double health_pause(
	const struct health *h, const struct service_conf *conf, double chance)
{
	unsigned ms = conf->interval_ms;

	if (h->streak)
		ms = conf->interval_change_ms;
	else if (h->state == HEALTH_DOWN)
		ms = conf->interval_down_ms;
	return ms / 1000.0 * (0.9 + 0.2 * chance);
}

double health_first_pause(const struct service_conf *conf, double chance)
{
	unsigned ms = conf->interval_ms < 1000 ? conf->interval_ms : 1000;

	return ms / 1000.0 * chance;
}

static double chance(void)
{
	return drand48();
}

static void log_change(const struct backend *b)
{
	bool down = b->health.state == HEALTH_DOWN;
	const char *service = b->service->conf->name;
	struct log_about about = {
		.service = service,
		.backend = b->conf->name,
		.reason = down ? b->health.reason : NULL,
	};

	log_event(down ? LEVEL_WARNING : LEVEL_INFO,
		down ? "backend-down" : "backend-up", &about,
		"backend %s of service %s is %s", b->conf->name, service,
		down ? "down" : "up");
}

static void log_local(const struct backend *b, const char *why)
{
	struct log_about about = {
		.service = b->service->conf->name,
		.backend = b->conf->name,
		.reason = why,
	};

	log_event(LEVEL_DEBUG, "probe-local", &about,
		"backend %s of service %s could not be probed from here",
		b->conf->name, b->service->conf->name);
}

void health_verdict(struct lbd *lbd, struct backend *b, enum verdict verdict,
	const char *why)
{
	if (verdict == VERDICT_LOCAL)
		log_local(b, why ? why : "");
	if (verdict != VERDICT_OK)
		snprintf(b->health.reason, sizeof(b->health.reason), "%s",
			why ? why : "no answer");
	if (!health_judge(
		    &b->health, b->service->conf, verdict, ev_now(lbd->loop)))
		return;
	log_change(b);
	publish_health(lbd, b);
}

static void on_due(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	probe_start(w->data);
}

static void schedule(struct probe *p, double pause)
{
	ev_timer_init(&p->timer, on_due, pause, 0);
	p->timer.data = p;
	ev_timer_start(p->lbd->loop, &p->timer);
}

void health_answer(struct probe *p, enum verdict verdict, const char *why)
{
	struct backend *b = p->backend;

	health_verdict(p->lbd, b, verdict, why);
	schedule(p, health_pause(&b->health, b->service->conf, chance()));
}

void health_outcomes(struct lbd *lbd, struct backend *b, unsigned user,
	uint64_t ok, uint64_t failed)
{
	(void)lbd;
	(void)user;
	b->ok += ok;
	b->failed += failed;
}

void health_look_over(struct lbd *lbd)
{
	(void)lbd;
}

bool health_is_usable(const struct backend *b)
{
	return b->health.state != HEALTH_DOWN && b->will == WILL_READY;
}

bool health_is_ejected(const struct backend *b)
{
	(void)b;
	return false;
}

double health_share(const struct backend *b, double now)
{
	(void)b;
	(void)now;
	return 1;
}

void health_unwatch(struct lbd *lbd, struct backend *b)
{
	(void)lbd;
	if (!b->probe)
		return;
	probe_end(b->probe);
	free(b->probe);
	b->probe = NULL;
}

/* Nobody asks any more: as usable as on the first day. */
static void forget(struct lbd *lbd, struct backend *b)
{
	bool known = b->health.verdicts;

	health_unwatch(lbd, b);
	b->health = (struct health){.since = ev_now(lbd->loop)};
	if (known)
		publish_health(lbd, b);
}

/*
 * A reload: what was being asked is asked again, for the question may be
 * another now; the next one comes forward where the interval became shorter.
 */
static void hurry(struct lbd *lbd, struct backend *b)
{
	struct probe *p = b->probe;
	double longest = b->service->conf->interval_ms / 1000.0;
	double left = p->asking ? 0 : ev_timer_remaining(lbd->loop, &p->timer);

	probe_end(p);
	schedule(p, left <= longest ? left : longest * chance());
}

void health_watch(struct lbd *lbd, struct backend *b)
{
	struct probe *p;

	if (b->service->conf->probe.kind == PROBE_NONE) {
		forget(lbd, b);
		return;
	}
	if (b->probe) {
		hurry(lbd, b);
		return;
	}
	p = calloc(1, sizeof(*p));
	if (!p) /* unknown is usable; the next reload tries again */
		return;
	p->lbd = lbd;
	p->backend = b;
	p->fd = -1;
	ev_init(&p->io, NULL);
	ev_init(&p->timer, NULL);
	b->probe = p;
	schedule(p, health_first_pause(b->service->conf, chance()));
}
