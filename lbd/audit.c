/*
 * The audit: connects are denied inside their programs, which count them for
 * each user and service. Where a count has grown a line is due, at once, then
 * after ever longer pauses; what was held back is in the next line's count.
 *
 *	attach denied -> suspects
 *	count grown   -> denial -> its own pause, lines left -> log
 *
 * Counts are what programs report: a user can lie about its own.
 */
#include "audit.h"
#include "callers.h"
#include "denial.h"
#include "log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	SETS = 256,
	WAYS = 4,
	DENIALS = SETS * WAYS,
	LINES_A_SECOND = 20, /* of all denials together */
	LINES_AT_THE_END = 100,
	USERS = 256,		/* kept apart; those beyond share */
	WAITING_OF_A_USER = 64, /* so that nobody fills the room alone */
	NUMBER_BYTES = 24,
};

struct audit {
	struct lbd *lbd;
	struct lineup *lineup;
	struct suspect newest; /* whom the last attach was by ... */
	double looked_at;      /* ... and when */
	struct denial denial[DENIALS];
	unsigned turn, waiting; /* whose line is next; how many wait */
	unsigned waiting_of[USERS];
	uint64_t further; /* connects that there was no room for */
	struct refrain further_refrain;
	double second; /* the one that lines are counted in */
	unsigned lines;
};

struct audit *audit_open(struct lbd *lbd)
{
	struct audit *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->lbd = lbd;
	a->lineup = lineup_open();
	if (a->lineup)
		return a;
	free(a);
	return NULL;
}

void audit_close(struct audit *audit)
{
	if (!audit)
		return;
	lineup_close(audit->lineup);
	free(audit);
}

/* One attach is denied many lists: its program is looked at once. */
void audit_refused(struct audit *a, const struct list *list,
	const struct identity *who, const struct rule *rule)
{
	double now;

	if (!a)
		return;
	now = ev_now(a->lbd->loop);
	if (a->looked_at != now || a->newest.pid != who->pid) {
		suspect_look_at(&a->newest, who->pid);
		a->looked_at = now;
	}
	a->newest.rule = rule ? (int)(rule - list->rules->rule) : -1;
	lineup_add(a->lineup, who->user, list->refusal, &a->newest, now);
}

/* NULL: others wait in all places that it could have. */
static struct denial *find_denial(
	struct audit *a, uid_t user, const struct service *s)
{
	uint64_t key = (uint64_t)user << 32 | s->tag;
	struct denial *set = &a->denial[table_mix(key) % SETS * WAYS];
	struct denial *place = NULL;

	for (int i = 0; i < WAYS; i++) {
		if (set[i].tag == s->tag && set[i].user == user)
			return &set[i];
		if (!set[i].connects &&
			(!place || set[i].refrain.next < place->refrain.next))
			place = &set[i];
	}
	if (place)
		*place = (struct denial){.user = user,
			.tag = s->tag,
			.is_known = callers_know_user(a->lbd->callers, user)};
	return place;
}

static unsigned *waiting_of(struct audit *a, uid_t user)
{
	return &a->waiting_of[table_mix(user) % USERS];
}

static void join_queue(struct audit *a, const struct denial *d)
{
	a->waiting++;
	++*waiting_of(a, d->user);
}

/* What it had to tell is told, here or elsewhere. */
static void leave_queue(struct audit *a, struct denial *d)
{
	a->waiting--;
	--*waiting_of(a, d->user);
	d->connects = 0;
}

void audit_denied(struct audit *a, struct service *s, uid_t user, bool shared,
	uint64_t connects)
{
	struct denial *d;

	if (!a || !connects)
		return;
	d = find_denial(a, user, s);
	if (!d || (!d->connects && *waiting_of(a, user) >= WAITING_OF_A_USER)) {
		a->further += connects;
		return;
	}
	if (!d->connects)
		join_queue(a, d);
	d->connects += connects;
	d->service = s;
	d->shared = shared;
}

/* A line for all for whom there is none of their own. */
static void say_further(struct audit *a, double now)
{
	char connects[NUMBER_BYTES];

	snprintf(connects, sizeof(connects), "%" PRIu64, a->further);
	log_event(LEVEL_WARNING, "denied",
		&(struct log_about){.more = {{"connects", connects}}},
		"further users and services: %s connects reported as denied",
		connects);
	a->further = 0;
	refrain_said(&a->further_refrain, now);
}

static void tell(struct audit *a, struct denial *d, double now)
{
	struct suspects *s =
		lineup_find(a->lineup, d->user, d->service->list->refusal);

	denial_say(d, s);
	if (s)
		suspects_told(s);
	leave_queue(a, d);
	refrain_said(&d->refrain, now);
}

static bool has_lines_left(struct audit *a, double now)
{
	if (now >= a->second + 1 || now < a->second) {
		a->second = now;
		a->lines = 0;
	}
	return a->lines < LINES_A_SECOND;
}

/* Whoever had no line this time is first the next. */
void audit_tell(struct audit *a)
{
	double now;

	if (!a || (!a->waiting && !a->further))
		return;
	now = a->lbd->overview.now;
	for (unsigned i = 0; i < DENIALS && a->waiting; i++) {
		struct denial *d = &a->denial[a->turn];

		if (d->connects && refrain_allows(&d->refrain, now)) {
			if (!has_lines_left(a, now))
				return;
			a->lines++;
			tell(a, d, now);
		}
		a->turn = (a->turn + 1) % DENIALS;
	}
	if (a->further && refrain_allows(&a->further_refrain, now))
		say_further(a, now);
}

/* It has no line of its own any more. */
static void give_up(struct audit *a, struct denial *d)
{
	a->further += d->connects;
	if (d->connects)
		leave_queue(a, d);
}

void audit_tell_all(struct audit *a)
{
	unsigned lines = 0;

	for (unsigned i = 0; a && i < DENIALS && a->waiting; i++) {
		struct denial *d = &a->denial[i];

		if (d->connects && lines++ < LINES_AT_THE_END)
			tell(a, d, a->lbd->overview.now);
		else
			give_up(a, d);
	}
	if (a && a->further)
		say_further(a, a->lbd->overview.now);
}

static struct service *find_service(const struct world *w, uint32_t tag)
{
	for (size_t i = 0; i < w->services; i++)
		if (w->service[i].tag == tag)
			return &w->service[i];
	return NULL;
}

/* Connects to a service that is gone are told without it. */
void audit_rebind(struct audit *a)
{
	for (unsigned i = 0; a && i < DENIALS; i++) {
		struct denial *d = &a->denial[i];

		if (!d->tag ||
			(d->service = find_service(&a->lbd->world, d->tag)))
			continue;
		give_up(a, d);
		*d = (struct denial){0};
	}
}
