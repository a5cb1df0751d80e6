/*
 * The questions: begun, brought forward, spread. Never many at once, whatever
 * made them due together.
 */
#include "health_parts.h"
#include "probe.h"

#include <stdlib.h>
#include <time.h>

enum {
	AT_ONCE = 100, /* probes that one loop iteration begins, */
	MOST = 1000,   /* and these where the one before was long ago */
	AROUND = 8,    /* others asked when one is silent */
};
static const double next_turn = 0.05; /* the others begin within that */
static const double stall = 1, tick = 0.1, usual = 0.01;
static const double recent = 2; /* who answered then need not be asked */

static void on_due(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	health_due(w->data);
}

static void wait_in_loop(struct probe *p, double pause)
{
	ev_timer_stop(p->lbd->loop, &p->timer);
	ev_timer_init(&p->timer, on_due, pause, 0);
	p->timer.data = p;
	ev_timer_start(p->lbd->loop, &p->timer);
}

static double left_in_loop(struct probe *p)
{
	return ev_timer_remaining(p->lbd->loop, &p->timer);
}

static const struct errands in_loop = {
	.wait = wait_in_loop,
	.left = left_in_loop,
	.ask = probe_start,
	.end = probe_end,
};

const struct errands *ask_errands(const struct lbd *lbd)
{
	return lbd->overview.errands ? lbd->overview.errands : &in_loop;
}

static const struct service_conf *conf_of(const struct probe *p)
{
	return p->backend->service->conf;
}

void ask_in(struct probe *p, double pause)
{
	ask_errands(p->lbd)->wait(p, pause);
}

double ask_spread(const struct probe *p)
{
	return health_first_pause(conf_of(p), health_chance());
}

static double steady_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Few iterations, while other work is done or the machine is busy, must do for
 * as many probes as many would. */
static unsigned may_ask(double gap)
{
	if (gap <= usual)
		return AT_ONCE;
	return gap < usual * MOST / AT_ONCE ? (unsigned)(AT_ONCE * gap / usual)
					    : MOST;
}

void health_tick(struct lbd *lbd, double now)
{
	struct overview *o = &lbd->overview;
	double gap = o->ticking ? now - o->now : 0;

	o->ticking = true;
	o->stalled = gap > stall + tick;
	o->now = now;
	o->asked = 0;
	o->most = may_ask(gap);
	if (!o->stalled)
		return;
	o->clear = now;
	health_log_stall(gap);
}

/* Before everything else that the iteration brings. */
static void on_check(struct ev_loop *loop, ev_check *w, int revents)
{
	struct lbd *lbd = w->data;

	(void)loop;
	(void)revents;
	health_tick(lbd, steady_clock() + lbd->overview.offset);
}

void health_open(struct lbd *lbd)
{
	struct overview *o = &lbd->overview;

	o->now = ev_now(lbd->loop);
	o->offset = o->now - steady_clock();
	ev_check_init(&o->check, on_check);
	ev_set_priority(&o->check, EV_MAXPRI);
	o->check.data = lbd;
	ev_check_start(lbd->loop, &o->check);
}

void ask_soon(struct probe *p, double within)
{
	double now = p->lbd->overview.now, pause = within * health_chance();

	if (p->asking)
		return;
	p->pace.wanted = true;
	if (now + pause < p->pace.next_forced)
		pause = p->pace.next_forced - now;
	if (pause < ask_errands(p->lbd)->left(p))
		ask_in(p, pause);
}

static void ask_all(struct service *s)
{
	for (size_t i = 0; i < s->backends; i++)
		if (s->backend[i]->probe)
			ask_soon(s->backend[i]->probe,
				health_first_pause(s->conf, 1));
}

void ask_note_use(struct lbd *lbd, struct service *s)
{
	if (!use_note(&s->use, s->attempts - s->denied, lbd->overview.now) ||
		!s->use.idle)
		return;
	s->use.idle = false;
	ask_all(s);
}

static struct probe *draw_probe(const struct lbd *lbd)
{
	const struct world *w = &lbd->world;
	const struct service *s =
		&w->service[(size_t)(health_chance() * (double)w->services)];

	if (!s->backends)
		return NULL;
	return s->backend[(size_t)(health_chance() * (double)s->backends)]
		->probe;
}

void ask_around(struct lbd *lbd)
{
	const struct overview *o = &lbd->overview;

	if (o->sight.lost || o->sight.watched < SIGHT_LEAST)
		return;
	for (int i = 0; i < AROUND; i++) {
		struct probe *p = draw_probe(lbd);

		if (p &&
			(!p->sighting.counts ||
				o->now - p->sighting.at > recent))
			ask_soon(p, health_first_pause(conf_of(p), 1));
	}
}

static enum demand demand_of(struct lbd *lbd, struct service *s)
{
	ask_note_use(lbd, s);
	if (lbd->overview.sight.lost)
		return DEMAND_BLIND;
	if (!use_is_idle(&s->use, s->conf, lbd->overview.now))
		return DEMAND_USED;
	s->use.idle = true;
	return DEMAND_IDLE;
}

static double usual_pause(struct probe *p)
{
	return health_pause(&p->backend->health, conf_of(p),
		demand_of(p->lbd, p->backend->service), health_chance());
}

void health_due(struct probe *p)
{
	struct overview *o = &p->lbd->overview;

	if (p->backend->service->gone)
		return;
	if (o->stalled) {
		ask_in(p, ask_spread(p));
	} else if (o->asked >= o->most) {
		ask_in(p, next_turn * health_chance());
	} else if (pace_passes(&p->pace, &p->backend->health, conf_of(p))) {
		ask_in(p, usual_pause(p));
	} else {
		o->asked++;
		pace_ask(&p->pace, conf_of(p), o->now);
		ask_errands(p->lbd)->ask(p);
	}
}

/* Silence on a question of the time when we could not hear says nothing. */
void health_answer(struct probe *p, enum verdict verdict, const char *why)
{
	struct backend *b = p->backend;
	double asked = p->pace.asked;

	if (b->service->gone)
		return;
	if (verdict_is_blind(verdict) && asked < p->lbd->overview.clear) {
		health_log_local(b, "asked while lbd could not see");
		ask_in(p, ask_spread(p));
		return;
	}
	health_verdict(p->lbd, b, verdict, why);
	outcomes_probed(p->lbd, b, asked, verdict, why);
	ask_in(p, usual_pause(p));
	if (b->ejection.suspected)
		ask_soon(p, 0);
}
