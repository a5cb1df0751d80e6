/*
 * Days of failures in seconds: whatever backends, callers, networks, operators
 * and files do, nothing happens without evidence, and what is published is what
 * lbd thinks. A seed is a whole life; LBD_SEED=N runs that one alone.
 */
#include "agreement.h"
#include "outside.h"
#include "suites.h"

#include <stdlib.h>
#include <string.h>

enum { LIVES = 8 };
static const double life = 24 * 3600, stretch = 5, settled = 200;

/* What is known of a backend from outside, to hold lbd's moves against. */
struct record {
	uint32_t number; /* 0: not in the file */
	enum health_state state;
	bool out, probed;
	unsigned answered, bad, good; /* answers; in a row */
	uint64_t failures;	      /* reported since a success was */
	double failed_at[USERS];      /* 0: never */
	unsigned asked;		      /* until the window began */
	double window;
};

static struct outside o;
static struct record record[BACKENDS];
static bool was_lost;

static void holds(bool fact, const struct backend *b, const char *what)
{
	outside_holds(&o, fact, b, what);
}

/* Silence cannot move a state while most are silent. */
static void check_state(const struct backend *b, struct record *r,
	const struct sim_backend *seen, bool answered)
{
	const struct service_conf *conf = b->service->conf;
	bool lost = o.sim.f.lbd.overview.sight.lost;
	bool first = b->health.verdicts == 1;
	bool taken_back = lost && !was_lost && r->state == HEALTH_DOWN;

	if (b->health.state == r->state || taken_back)
		return;
	holds(answered, b, "its state changed, and no answer came");
	if (b->health.state == HEALTH_DOWN) {
		holds(r->bad >= conf->fall || (first && r->bad), b,
			"it is down too early");
		holds(!lost || !verdict_is_blind(seen->told), b,
			"it is down, and we are blind");
	} else {
		holds(r->good >= conf->rise || (first && r->good), b,
			"it is up too early");
	}
}

static bool has_stand_in(const struct backend *b)
{
	const struct service *s = b->service;

	for (size_t i = 0; i < s->backends; i++)
		if (s->backend[i] != b && health_is_usable(s->backend[i]) &&
			addr_is_v4(&s->backend[i]->conf->addr) ==
				addr_is_v4(&b->conf->addr))
			return true;
	return false;
}

static bool is_alone(const struct backend *b, unsigned user)
{
	size_t n = (size_t)(b->service - o.sim.f.lbd.world.service);

	for (unsigned u = 0; u < USERS; u++)
		if (u != user && o.heard[n][u] &&
			o.sim.now - o.heard[n][u] < 300)
			return false;
	return true;
}

/* Two users blame it, or the only one does. */
static bool is_blamed(const struct backend *b, const struct record *r)
{
	unsigned blaming = 0;
	bool alone = false;

	for (unsigned u = 0; u < USERS; u++)
		if (r->failed_at[u] && o.sim.now - r->failed_at[u] < 60) {
			blaming++;
			alone |= is_alone(b, u);
		}
	return blaming > 1 || alone;
}

/* Some caller connected to it of late. */
static bool worked(const struct service *s)
{
	return o.sim.now - s->use.worked < 10;
}

static void check_ejection(const struct backend *b, const struct record *r,
	const struct sim_backend *seen, bool answered)
{
	const struct service *s = b->service;
	bool confirmed = answered && seen->told != VERDICT_OK &&
		seen->told != VERDICT_LOCAL;
	size_t i = outside_index(&o, b);

	holds(r->failures >= s->conf->eject_after, b, "ejected for too little");
	holds(confirmed || is_blamed(b, r), b, "ejected on one user's word");
	holds(s->ejected <= eject_most(s->backends), b, "too many ejected");
	holds(has_stand_in(b), b, "the last one ejected");
	holds(!o.sim.f.lbd.overview.sight.lost || worked(s) ||
			(confirmed && !verdict_is_blind(seen->told)),
		b, "ejected while blind");
	holds(b->ejection.until - b->ejection.since < 300.001, b,
		"out too long");
	holds(o.fate[i] != FATE_FINE || o.sim.now - o.fate_since[i] < 60 ||
			o.outage != VERDICT_OK || is_alone(b, LIAR),
		b, "a liar ejected it");
}

static void check_return(const struct backend *b,
	const struct sim_backend *seen, bool answered, double until)
{
	bool good = answered && seen->told == VERDICT_OK;

	holds(good || o.sim.now >= until || !has_stand_in(b) ||
			b->service->ejected,
		b, "back, and nobody knows why");
}

/* Nobody is asked more often than intervals and suspicion allow. */
static void check_rate(const struct backend *b, struct record *r)
{
	const struct service_conf *conf = b->service->conf;
	double gone = o.sim.now - r->window;
	double least = conf->interval_change_ms / 1000.0;
	unsigned asked = o.sim.backend[outside_index(&o, b)].asked;

	if (gone < 60)
		return;
	holds(asked - r->asked <= gone / (0.9 * least) + gone / least + 2, b,
		"asked too often");
	r->window = o.sim.now;
	r->asked = asked;
}

/* What has been so for long must be known. */
static void check_knowledge(const struct backend *b)
{
	size_t i = outside_index(&o, b);
	enum fate fate = o.fate[i];

	if (!b->probe || o.outage != VERDICT_OK ||
		o.sim.f.lbd.overview.sight.lost ||
		o.sim.now - o.sim.f.lbd.overview.clear < settled ||
		o.sim.now - o.fate_since[i] < settled)
		return;
	if (fate == FATE_FINE)
		holds(b->health.state == HEALTH_UP, b, "fine, but not up");
	if (fate == FATE_REFUSES || fate == FATE_SILENT)
		holds(b->health.state == HEALTH_DOWN, b, "dead, but not down");
}

static void note_answer(struct record *r, const struct sim_backend *seen)
{
	const struct overview *all = &o.sim.f.lbd.overview;
	bool excused = verdict_is_blind(seen->told) &&
		(all->sight.lost || seen->last_asked < all->clear);

	r->answered = seen->answered;
	if (excused)
		return;
	if (seen->told == VERDICT_OK) {
		r->good++;
		r->bad = 0;
	} else if (seen->told != VERDICT_LOCAL) {
		r->bad++;
		r->good = 0;
	}
}

static void check_backend(const struct backend *b)
{
	struct record *r = &record[outside_index(&o, b)];
	const struct sim_backend *seen = sim_of(&o.sim, b);
	bool answered = seen->answered != r->answered;

	if (answered)
		note_answer(r, seen);
	check_state(b, r, seen, answered);
	if (b->ejection.out && !r->out)
		check_ejection(b, r, seen, answered);
	if (!b->ejection.out && r->out)
		check_return(b, seen, answered, b->ejection.until);
	check_rate(b, r);
	r->state = b->health.state;
	r->out = b->ejection.out;
}

/* We went blind: who was up before is up again. */
static void check_restored(void)
{
	struct world *w = &o.sim.f.lbd.world;

	for (size_t n = 0; n < w->services; n++)
		for (size_t j = 0; j < w->service[n].backends; j++) {
			const struct backend *b = w->service[n].backend[j];
			size_t i = outside_index(&o, b);

			if (b->probe && o.fate[i] == FATE_FINE &&
				o.outage_since - o.fate_since[i] > settled &&
				o.sim.now - o.outage_since < 10)
				holds(b->health.state != HEALTH_DOWN, b,
					"down by an outage of ours");
		}
}

static void check_service(const struct service *s)
{
	for (size_t j = 0; j < s->backends; j++)
		check_backend(s->backend[j]);
	agreement_check(&o, s);
}

static void on_event(struct sim *sim, struct backend *b)
{
	struct world *w = &sim->f.lbd.world;
	bool lost = sim->f.lbd.overview.sight.lost;

	if (b && lost == was_lost) {
		check_service(b->service);
		return;
	}
	for (size_t n = 0; n < w->services; n++)
		check_service(&w->service[n]);
	if (lost && !was_lost)
		check_restored();
	was_lost = lost;
}

/* The reports as they were given, summed up as the rules say. */
static void note_reports(size_t i)
{
	struct record *r = &record[i];
	bool worked = false;

	for (unsigned u = 0; u < USERS; u++) {
		uint64_t failed = o.report[i][u].failed;

		worked |= o.report[i][u].ok > 0;
		if (!failed)
			continue;
		r->failed_at[u] = o.sim.now;
		r->failures += failed < UINT32_MAX ? failed : UINT32_MAX;
	}
	if (worked) {
		r->failures = 0;
		memset(r->failed_at, 0, sizeof(r->failed_at));
	}
}

static void on_round(struct sim *sim)
{
	(void)sim;
	outside_calls(&o);
	for (size_t i = 0; i < BACKENDS; i++)
		note_reports(i);
}

/* A file, a hand or a stall came between: what is there now is taken as it is,
 * but published it must be. */
static void take_stock(void)
{
	struct world *w = &o.sim.f.lbd.world;

	for (size_t n = 0; n < w->services; n++)
		for (size_t j = 0; j < w->service[n].backends; j++) {
			const struct backend *b = w->service[n].backend[j];
			struct record *r = &record[outside_index(&o, b)];

			if (r->number != b->number) {
				*r = (struct record){.number = b->number};
				r->window = o.sim.now;
				r->asked = sim_of(&o.sim, b)->asked;
			}
			if (b->probe && !r->probed)
				o.fate_since[outside_index(&o, b)] = o.sim.now;
			r->probed = b->probe;
			r->answered = sim_of(&o.sim, b)->answered;
			r->state = b->health.state;
			r->out = b->ejection.out;
		}
	for (size_t n = 0; n < w->services; n++)
		agreement_check(&o, &w->service[n]);
	was_lost = o.sim.f.lbd.overview.sight.lost;
}

static void live(unsigned long seed)
{
	double end;

	memset(record, 0, sizeof(record));
	outside_open(&o, seed);
	take_stock();
	o.sim.on_round = on_round;
	o.sim.on_event = on_event;
	for (end = o.sim.now + life; o.sim.now < end;) {
		struct world *w = &o.sim.f.lbd.world;

		sim_run(&o.sim, stretch);
		for (size_t n = 0; n < w->services; n++)
			for (size_t j = 0; j < w->service[n].backends; j++)
				check_knowledge(w->service[n].backend[j]);
		if (outside_moves(&o))
			take_stock();
	}
	outside_close(&o);
}

START_TEST(a_day_of_failures)
{
	const char *seed = getenv("LBD_SEED");

	if (!seed)
		live((unsigned long)_i + 1);
	else if (!_i)
		live(strtoul(seed, NULL, 10));
}
END_TEST

Suite *model_suite(void)
{
	Suite *s = suite_create("model");
	TCase *t = tcase_create("model");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, a_day_of_failures, 0, LIVES);
	suite_add_tcase(s, t);
	return s;
}
