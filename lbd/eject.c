/*
 * Ejection by outcomes. Numbers from callers are bounded here, and only ever
 * compared with other numbers.
 */
#include "eject.h"

static const double longest = 300, together = 60;
enum { FAILURES_MAX = 1000 * 1000 * 1000, PERCENT_MAX = 30 };

void eject_hear(struct ejection *e, unsigned user, uint64_t ok, uint64_t failed,
	double now)
{
	if (ok)
		e->worked = true;
	if (!failed)
		return;
	users_note(&e->by, user, now);
	if (failed > FAILURES_MAX - e->failures)
		failed = FAILURES_MAX - e->failures;
	e->failures += (uint32_t)failed;
}

void eject_deny(struct ejection *e)
{
	e->denied = e->failures;
	e->suspected = false;
}

void eject_forget(struct ejection *e)
{
	e->failures = e->denied = 0;
	e->by = (struct users){0};
	e->suspected = false;
}

void eject_heard_all(struct ejection *e)
{
	if (e->worked)
		eject_forget(e);
	e->worked = false;
}

bool eject_has_users(const struct ejection *e, double now)
{
	return users_has_other(&e->by, e->by.by[0].user, together, now);
}

enum eject_ground eject_ground(
	const struct ejection *e, unsigned eject_after, bool alone, double now)
{
	if (!e->failures || e->failures < eject_after)
		return EJECT_NOT;
	if (eject_has_users(e, now))
		return EJECT_USERS;
	if (alone)
		return EJECT_ONLY_USER;
	return e->failures - e->denied < eject_after ? EJECT_NOT : EJECT_ASK;
}

size_t eject_most(size_t backends)
{
	size_t most = backends * PERCENT_MAX / 100;

	return most ? most : 1;
}

static double time_out(const struct ejection *e, double eject_time)
{
	double length = eject_time * e->repeats;

	return length < longest ? length : longest;
}

void eject_begin(struct ejection *e, double eject_time, bool probe_saw,
	double now, double chance)
{
	double length;

	if (now - e->returned >= time_out(e, eject_time))
		e->repeats = 0;
	if (e->repeats < UINT16_MAX)
		e->repeats++;
	length = time_out(e, eject_time) * (0.9 + 0.2 * chance);
	eject_forget(e);
	e->out = true;
	e->probe_saw = probe_saw;
	e->since = now;
	e->until = now + (length < longest ? length : longest);
}

void eject_end(struct ejection *e, double now)
{
	e->out = false;
	e->returned = now;
	eject_forget(e);
}

bool eject_is_over(const struct ejection *e, double now)
{
	return e->out && now >= e->until;
}

bool eject_probed(struct ejection *e, double asked, bool good)
{
	if (!e->out || asked < e->since)
		return false;
	if (!good)
		e->probe_saw = true;
	return good && (e->repeats == 1 || e->probe_saw);
}
