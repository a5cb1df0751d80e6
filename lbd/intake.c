/*
 * Reports: callers add, lbd takes differences. The memory is theirs to write,
 * so nothing from it is believed: a difference beyond any bound is dropped,
 * and a number only ever selects among what lbd itself knows.
 */
#include "intake.h"
#include "audit.h"
#include "interlude.h"
#include "kernel.h"
#include "tally.h"

#include <stdlib.h>

enum {
	TALLIES_MAX = 256, /* counters; further users share these */
	SERVICES_MIN = 64, /* that there is room for at the start */
};

static const double interval = 0.1;
static const uint64_t most = 10 * 1000 * 1000; /* of one counter, a reading */

/* Backends by their number, in a hash. */
struct numbered {
	struct backend **slot; /* NULL = free */
	size_t slots;	       /* a power of two; 0: there was no memory */
};

struct intake {
	struct lbd *lbd;
	ev_timer timer;
	struct tally tally[TALLIES_MAX];
	size_t tallies;
	uid_t user[USERS_MAX]; /* by index */
	unsigned users;
	struct service **service; /* by counter; NULL = none */
	size_t services;
	struct numbered numbered, expected; /* now, and in a world to come */
};

static uint64_t grown(const _Atomic uint64_t *counter, uint64_t *seen)
{
	uint64_t now = atomic_load_explicit(counter, memory_order_relaxed);
	uint64_t more = now - *seen;

	*seen = now;
	return more <= most ? more : 0;
}

/* Attempts: draws that are nobody's second. That is said before the second is
 * drawn, and a whole attach may lie in between. */
static uint64_t take_draws(
	const struct counters_service *c, struct seen_service *seen)
{
	uint64_t draws, repeated;

	seen->owed += grown(&c->redraws, &seen->redraws);
	draws = grown(&c->cursor, &seen->cursor);
	repeated = seen->owed < draws ? seen->owed : draws;
	seen->owed -= repeated;
	return draws - repeated;
}

static void take_services(struct intake *in, struct tally *t)
{
	for (uint64_t i = 0; i < t->services && i < in->services; i++) {
		struct counters_service *c = counters_service(t->counters, i);
		struct seen_service *seen = &t->service[i];
		struct service *s = in->service[i];
		struct service nobody = {0};
		uint64_t denied;

		if (!s)
			s = &nobody;
		denied = grown(&c->denied, &seen->denied);
		s->attempts += denied + take_draws(c, seen);
		s->denied += denied;
		if (s != &nobody)
			audit_denied(
				in->lbd->audit, s, t->uid, t->shared, denied);
		s->failovers += grown(&c->failovers, &seen->failovers);
		s->no_backend += grown(&c->no_backend, &seen->no_backend);
	}
}

/* The slot where it stands, or would. */
static struct backend **find_slot(const struct numbered *n, uint32_t number)
{
	size_t at = table_mix(number) & (n->slots - 1);

	while (n->slot[at] && n->slot[at]->number != number)
		at = (at + 1) & (n->slots - 1);
	return &n->slot[at];
}

static struct backend *find_backend(const struct intake *in, uint64_t number)
{
	if (number > UINT32_MAX || !in->numbered.slots)
		return NULL;
	return *find_slot(&in->numbered, (uint32_t)number);
}

/* Can the kernel count what was picked there? */
static bool is_counted(const struct intake *in, const struct tally *t)
{
	return !t->foreign && kernel_counts(in->lbd->kernel);
}

static void take_line(struct intake *in, struct tally *t, uint64_t i)
{
	struct counters_line *c = counters_line(t->counters, t->services, i);
	uint64_t tag = atomic_load_explicit(&c->tag, memory_order_relaxed);
	struct seen_line *seen = &t->line[i];
	struct backend *b;
	uint64_t picks, ok, failed, before = seen->picks;

	if (!tag)
		return;
	picks = grown(&c->picks, &seen->picks);
	ok = grown(&c->ok, &seen->ok);
	failed = grown(&c->failed, &seen->failed);
	if (seen->picks != before)
		tally_moved(t, i);
	b = find_backend(in, tag - 1);
	if (!b) { /* given to the next that wants it */
		atomic_store_explicit(&c->tag, 0, memory_order_relaxed);
		return;
	}
	b->picks += picks;
	if (is_counted(in, t))
		kernel_heard(in->lbd->kernel, b, picks, 0, failed);
	else
		kernel_heard(in->lbd->kernel, b, 0, picks, failed);
	if (ok || failed)
		health_outcomes(in->lbd, b, t->user, ok, failed);
}

void intake_take(struct intake *in)
{
	for (size_t i = 0; i < in->tallies; i++) {
		struct tally *t = &in->tally[i];
		uint64_t activity = atomic_load_explicit(
			&t->counters->activity, memory_order_relaxed);

		if (activity == t->activity)
			continue;
		t->activity = activity;
		kernel_stir(in->lbd->kernel);
		in->lbd->unread += grown(&t->counters->unread, &t->unread);
		take_services(in, t);
		for (uint64_t j = 0; j < COUNTERS_LINES; j++)
			take_line(in, t, j);
	}
}

void intake_confirm(struct intake *in)
{
	for (size_t i = 0; i < in->tallies; i++)
		tally_confirm(&in->tally[i]);
}

static void on_interval(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct intake *in = w->data;

	(void)loop;
	(void)revents;
	intake_take(in);
	kernel_tick(in->lbd->kernel);
	intake_confirm(in);
	audit_tell(in->lbd->audit);
	health_look_over(in->lbd);
}

unsigned intake_user(struct intake *in, uid_t uid)
{
	for (unsigned i = 0; i < in->users; i++)
		if (in->user[i] == uid)
			return i;
	if (in->users == USERS_MAX)
		return USERS_MAX - 1;
	in->user[in->users] = uid;
	return in->users++;
}

static struct tally *find_tally(struct intake *in, uid_t uid, bool foreign)
{
	for (size_t i = 0; i < in->tallies; i++)
		if (in->tally[i].uid == uid && in->tally[i].foreign == foreign)
			return &in->tally[i];
	return NULL;
}

static struct tally *new_tally(struct intake *in, uid_t uid, bool foreign)
{
	struct tally *t = &in->tally[in->tallies];
	uint64_t services = SERVICES_MIN;

	while (services < in->lbd->counters)
		services *= 2;
	if (!tally_open(t, services))
		return NULL;
	t->uid = uid;
	t->foreign = foreign;
	t->user = intake_user(in, uid);
	in->tallies++;
	return t;
}

/* Programs that have the smaller ones go on with them, uncounted. */
static void drop_outgrown(struct intake *in, struct tally *t)
{
	intake_take(in);
	tally_close(t);
	*t = in->tally[--in->tallies];
}

/* All are given out: any but those that are read in another way. */
static struct tally *share(struct intake *in, bool foreign)
{
	size_t at = (size_t)lrand48() % in->tallies;

	for (size_t i = 0; i < in->tallies; i++) {
		struct tally *t = &in->tally[(at + i) % in->tallies];

		if (t->foreign == foreign) {
			t->shared = true;
			return t;
		}
	}
	return NULL;
}

int intake_counters(struct intake *in, uid_t user, bool foreign)
{
	struct tally *t = find_tally(in, user, foreign);

	if (t && t->services < in->lbd->counters) {
		drop_outgrown(in, t);
		t = NULL;
	}
	if (!t)
		t = in->tallies < TALLIES_MAX ? new_tally(in, user, foreign)
					      : share(in, foreign);
	return t ? t->fd : -1;
}

static void forget_numbers(struct numbered *n)
{
	free(n->slot);
	*n = (struct numbered){0};
}

/* At most half full; false without memory. */
static bool make_room(struct numbered *n, size_t backends)
{
	size_t slots = 16;

	while (slots < 2 * backends)
		slots *= 2;
	n->slot = calloc(slots, sizeof(struct backend *));
	n->slots = n->slot ? slots : 0;
	return n->slot;
}

void intake_expect(struct lbd *lbd, const struct world *world)
{
	struct numbered *n = lbd->intake ? &lbd->intake->expected : NULL;
	size_t backends = 0;

	if (!n)
		return;
	for (size_t i = 0; i < world->services; i++)
		backends += world->service[i].backends;
	forget_numbers(n);
	if (!make_room(n, backends))
		return;
	for (size_t i = 0; i < world->services; i++) {
		const struct service *s = &world->service[i];

		interlude(lbd);
		for (size_t j = 0; j < s->backends; j++)
			*find_slot(n, s->backend[j]->number) = s->backend[j];
	}
}

void intake_rebind(struct intake *intake)
{
	const struct world *world;

	if (!intake)
		return;
	world = &intake->lbd->world;
	if (!intake->expected.slots)
		intake_expect(intake->lbd, world);
	free(intake->service);
	intake->service =
		calloc(intake->lbd->counters + 1, sizeof(*intake->service));
	intake->services = intake->service ? intake->lbd->counters : 0;
	for (size_t i = 0; intake->service && i < world->services; i++)
		intake->service[world->service[i].counter] = &world->service[i];
	forget_numbers(&intake->numbered);
	intake->numbered = intake->expected;
	intake->expected = (struct numbered){0};
	audit_rebind(intake->lbd->audit);
}

struct intake *intake_open(struct lbd *lbd)
{
	struct intake *in = calloc(1, sizeof(*in));

	if (!in)
		return NULL;
	in->lbd = lbd;
	ev_timer_init(&in->timer, on_interval, interval, interval);
	in->timer.data = in;
	ev_timer_start(lbd->loop, &in->timer);
	return in;
}

void intake_close(struct intake *intake)
{
	if (!intake)
		return;
	ev_timer_stop(intake->lbd->loop, &intake->timer);
	while (intake->tallies)
		tally_close(&intake->tally[--intake->tallies]);
	free(intake->service);
	forget_numbers(&intake->numbered);
	forget_numbers(&intake->expected);
	free(intake);
}
