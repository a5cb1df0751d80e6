#include "simulation.h"
#include "lbd/log.h"
#include "lbd/probe.h"
#include "lbd/publish.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct sim *stage;

struct sim_backend *sim_of(struct sim *sim, const struct backend *b)
{
	size_t at = b->conf->addr.lo % SIM_BACKENDS;

	if (at >= sim->used)
		sim->used = at + 1;
	return &sim->backend[at];
}

static void wait_here(struct probe *p, double pause)
{
	struct sim_backend *o = sim_of(stage, p->backend);

	if (!(pause >= 0)) /* ck_assert writes to a file each time */
		ck_abort_msg("a wait of %f s", pause);
	o->probe = p;
	o->waiting = true;
	o->asking = false;
	o->at = stage->now + pause;
}

static double left_here(struct probe *p)
{
	return sim_of(stage, p->backend)->at - stage->now;
}

static void ask_here(struct probe *p)
{
	struct sim_backend *o = sim_of(stage, p->backend);
	double timeout = p->backend->service->conf->timeout_ms / 1000.0;

	p->asking = true;
	o->waiting = false;
	o->asking = true;
	o->told = o->answer;
	o->at = stage->now + (o->told == VERDICT_TIMEOUT ? timeout : o->delay);
	if (!o->asked++)
		o->first_asked = stage->now;
	o->last_asked = stage->now;
}

static void end_here(struct probe *p)
{
	struct sim_backend *o = sim_of(stage, p->backend);

	o->waiting = o->asking = p->asking = false;
}

static const struct errands here = {
	.wait = wait_here,
	.left = left_here,
	.ask = ask_here,
	.end = end_here,
};

void sim_open(struct sim *sim, const char *text)
{
	*sim = (struct sim){.now = 1000, .round = 0.1, .next_round = 1000};
	stage = sim;
	for (size_t i = 0; i < SIM_BACKENDS; i++)
		sim->backend[i].delay = 0.001;
	log_set_level(LEVEL_ERROR);
	fixture_open(&sim->f, "[lbd]\n");
	sim->f.lbd.overview.errands = &here;
	health_tick(&sim->f.lbd, sim->now);
	sim_reload(sim, text);
}

char *sim_web_text(size_t backends, const char *lines)
{
	char *text = malloc(backends * 40 + strlen(lines) + 100);
	char *to = text +
		sprintf(text, "[service web]\naddress = 127.96.0.1:80\n%s",
			lines);

	for (size_t i = 1; i <= backends; i++)
		to += sprintf(
			to, "backend = 10.0.%zu.%zu:80\n", i / 256, i % 256);
	return text;
}

void sim_open_web(struct sim *sim, size_t backends, const char *lines)
{
	char *text = sim_web_text(backends, lines);

	sim_open(sim, text);
	free(text);
}

void sim_reload(struct sim *sim, const char *text)
{
	fixture_reload(&sim->f, text);
}

void sim_close(struct sim *sim)
{
	fixture_close(&sim->f);
	stage = NULL;
}

static void tell(struct sim_backend *o)
{
	static const char *const why[] = {
		[VERDICT_OK] = NULL,
		[VERDICT_REFUSED] = "Connection refused",
		[VERDICT_TIMEOUT] = "Connection timed out",
		[VERDICT_UNREACHABLE] = "No route to host",
		[VERDICT_LOCAL] = "Too many open files",
	};

	o->asking = o->probe->asking = false;
	o->answered++;
	health_answer(o->probe, o->told, why[o->told]);
}

/* What was due by now, in the order in which it became due. */
static struct sim_backend *next_due(struct sim *sim)
{
	struct sim_backend *first = NULL;

	for (size_t i = 0; i < sim->used; i++) {
		struct sim_backend *o = &sim->backend[i];

		if ((o->waiting || o->asking) && (!first || o->at < first->at))
			first = o;
	}
	return first;
}

static void happen(struct sim *sim, struct sim_backend *o)
{
	struct backend *b = o->probe->backend;

	if (o->asking)
		tell(o);
	else
		health_due(o->probe);
	publish_turned(&sim->f.lbd);
	if (sim->on_event)
		sim->on_event(sim, b);
}

static void look_over(struct sim *sim)
{
	sim->next_round = sim->now + sim->round;
	if (sim->on_round)
		sim->on_round(sim);
	health_look_over(&sim->f.lbd);
	publish_turned(&sim->f.lbd);
	if (sim->on_event)
		sim->on_event(sim, NULL);
}

void sim_run(struct sim *sim, double seconds)
{
	double until = sim->now + seconds;

	for (;;) {
		struct sim_backend *o = next_due(sim);
		bool round = !o || sim->next_round < o->at;
		double at = round ? sim->next_round : o->at;

		if (at > until)
			break;
		if (at > sim->now) {
			sim->now = at;
			health_tick(&sim->f.lbd, sim->now);
		}
		if (round)
			look_over(sim);
		else
			happen(sim, o);
	}
	sim->now = until;
	health_tick(&sim->f.lbd, sim->now);
}

void sim_stall(struct sim *sim, double seconds)
{
	struct sim_backend *o;

	sim->now += seconds;
	health_tick(&sim->f.lbd, sim->now);
	while ((o = next_due(sim)) && o->at <= sim->now)
		happen(sim, o);
	look_over(sim);
}

struct service_conf *sim_conf(struct sim *sim, const char *service)
{
	struct conf *conf = sim->f.lbd.world.conf;

	return &conf->service[fixture_service(&sim->f, service) -
		sim->f.lbd.world.service];
}

struct backend *sim_backend(struct sim *sim, const char *service, size_t n)
{
	return fixture_service(&sim->f, service)->backend[n];
}

void sim_outcomes(struct sim *sim, struct backend *b, unsigned user,
	uint64_t ok, uint64_t failed)
{
	b->service->attempts++;
	health_outcomes(&sim->f.lbd, b, user, ok, failed);
}

void sim_fails(
	struct sim *sim, struct backend *b, unsigned user, uint64_t failed)
{
	sim_outcomes(sim, b, user, 0, failed);
	sim_run(sim, 0.15);
}

void sim_works(struct sim *sim, struct backend *b, unsigned user)
{
	sim_outcomes(sim, b, user, 1, 0);
	sim_run(sim, 0.15);
}
