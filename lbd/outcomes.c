/*
 * Outcomes: what callers saw, read ten times a second. Only backends at which
 * something moved are looked at, and those that are ejected or slow to start.
 */
#include "health_parts.h"
#include "probe.h"
#include "publish.h"

#include <inttypes.h>
#include <stdio.h>

static const double lately = 10;

static void push(
	struct backend **list, struct backend **next, struct backend *b)
{
	*next = *list;
	*list = b;
}

void health_outcomes(struct lbd *lbd, struct backend *b, unsigned user,
	uint64_t ok, uint64_t failed)
{
	struct service *s = b->service;

	ask_note_use(lbd, s);
	b->ok += ok;
	b->failed += failed;
	if (!ok && !failed)
		return;
	users_note(&s->use.users, user, lbd->overview.now);
	if (ok)
		s->use.worked = lbd->overview.now;
	eject_hear(&b->ejection, user, ok, failed, lbd->overview.now);
	if (b->probe) {
		b->probe->pace.worked |= ok > 0;
		b->probe->pace.failed |= failed > 0;
	}
	if (!b->moved) {
		b->moved = true;
		push(&lbd->overview.moved, &b->next_moved, b);
	}
}

static enum table_family family_of(const struct backend *b)
{
	return addr_is_v4(&b->conf->addr) ? FAMILY_V4 : FAMILY_V6;
}

/* Is another one left for callers of its address family, backup or not? */
static bool others_can_stand_in(const struct backend *b)
{
	const struct service *s = b->service;

	for (size_t i = 0; i < s->backends; i++)
		if (s->backend[i] != b && health_is_usable(s->backend[i]) &&
			family_of(s->backend[i]) == family_of(b))
			return true;
	return false;
}

static bool may_eject(const struct backend *b)
{
	return health_is_usable(b) &&
		b->service->ejected < eject_most(b->service->backends) &&
		others_can_stand_in(b);
}

static void eject(
	struct lbd *lbd, struct backend *b, bool probe_saw, const char *reason)
{
	if (!may_eject(b))
		return;
	eject_begin(&b->ejection, b->service->conf->eject_time_ms / 1000.0,
		probe_saw, lbd->overview.now, health_chance());
	b->service->ejected++;
	health_log_ejected(b, reason);
	outcomes_tend(lbd, b);
	health_leave(lbd, b);
}

static void take_back(struct lbd *lbd, struct backend *b, const char *reason)
{
	eject_end(&b->ejection, lbd->overview.now);
	b->service->ejected--;
	health_log_returned(b, reason);
	health_come_back(lbd, b);
}

static void suspect(struct lbd *lbd, struct backend *b)
{
	if (!b->probe || b->ejection.suspected)
		return;
	b->ejection.suspected = true;
	b->ejection.suspected_at = lbd->overview.now;
	ask_soon(b->probe, 0);
}

/* Whose network is gone blames everybody: while we cannot see, failures count
 * only where others of the service work. */
static bool counts(const struct lbd *lbd, const struct backend *b)
{
	const struct overview *o = &lbd->overview;

	return health_is_usable(b) &&
		(!o->sight.lost || o->now - b->service->use.worked < lately);
}

/* The outcomes of this round are in. */
static void weigh(struct lbd *lbd, struct backend *b)
{
	struct ejection *e = &b->ejection;
	double now = lbd->overview.now;
	bool alone = use_is_only_by(&b->service->use, e->by.by[0].user, now);
	char reason[REASON_MAX];

	eject_heard_all(e);
	if (!counts(lbd, b)) {
		eject_forget(e);
		return;
	}
	switch (eject_ground(e, b->service->conf->eject_after, alone, now)) {
	case EJECT_NOT:
		return;
	case EJECT_ASK:
		suspect(lbd, b);
		return;
	case EJECT_USERS:
	case EJECT_ONLY_USER:
		snprintf(reason, sizeof(reason),
			"%" PRIu32 " failed connects, %s", e->failures,
			eject_has_users(e, now) ? "2 users or more"
						: "its only user");
		eject(lbd, b, false, reason);
	}
}

void outcomes_probed(struct lbd *lbd, struct backend *b, double asked,
	enum verdict verdict, const char *why)
{
	struct ejection *e = &b->ejection;
	char reason[2 * REASON_MAX];

	if (verdict == VERDICT_LOCAL ||
		(lbd->overview.sight.lost && verdict_is_blind(verdict)))
		return;
	if (eject_probed(e, asked, verdict == VERDICT_OK))
		take_back(lbd, b, "its probe is good");
	if (!e->suspected || asked < e->suspected_at)
		return;
	snprintf(reason, sizeof(reason),
		"%" PRIu32 " failed connects and its probe: %s", e->failures,
		why ? why : "no answer");
	eject_deny(e);
	if (verdict != VERDICT_OK)
		eject(lbd, b, true, reason);
}

void outcomes_relieve(struct lbd *lbd, const struct backend *b)
{
	struct service *s = b->service;

	if (!s->ejected || others_can_stand_in(b))
		return;
	for (size_t i = 0; i < s->backends; i++) {
		struct backend *other = s->backend[i];

		if (other->ejection.out && other->will == WILL_READY &&
			other->health.state != HEALTH_DOWN &&
			family_of(other) == family_of(b))
			take_back(lbd, other, "no other is left");
	}
}

void outcomes_limit(struct lbd *lbd, struct backend *b)
{
	if (b->ejection.out &&
		b->service->ejected > eject_most(b->service->backends))
		take_back(lbd, b, "too many are ejected");
}

void outcomes_tend(struct lbd *lbd, struct backend *b)
{
	if (b->tended)
		return;
	b->tended = true;
	push(&lbd->overview.tended, &b->next_tended, b);
}

/* False once there is nothing more to do for it. */
static bool tend(struct lbd *lbd, struct backend *b)
{
	double now = lbd->overview.now;

	if (eject_is_over(&b->ejection, now))
		take_back(lbd, b, "its time is over");
	if (ramp_steps(&b->ramp, b->service->conf->slow_start_ms / 1000.0, now))
		publish_health(lbd, b);
	return b->ejection.out || b->ramp.on;
}

void health_look_over(struct lbd *lbd)
{
	struct overview *o = &lbd->overview;
	struct backend **at = &o->tended;

	while (o->moved) {
		struct backend *b = o->moved;

		o->moved = b->next_moved;
		b->moved = false;
		weigh(lbd, b);
	}
	while (*at) {
		struct backend *b = *at;

		if (tend(lbd, b)) {
			at = &b->next_tended;
			continue;
		}
		*at = b->next_tended;
		b->tended = false;
	}
}

void outcomes_forget(struct lbd *lbd, struct backend *b)
{
	struct backend **at = &lbd->overview.moved;

	while (b->moved && *at != b)
		at = &(*at)->next_moved;
	if (b->moved)
		*at = b->next_moved;
	at = &lbd->overview.tended;
	while (b->tended && *at != b)
		at = &(*at)->next_tended;
	if (b->tended)
		*at = b->next_tended;
	b->moved = b->tended = false;
}
