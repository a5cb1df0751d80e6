/* The use of a service: whose, and when last. */
#include "use.h"

static const double idle_least = 30, alone = 300;
enum { IDLE_INTERVALS = 5 };

void users_note(struct users *users, unsigned user, double now)
{
	if (!users->by[0].is || users->by[0].user != user)
		users->by[1] = users->by[0];
	users->by[0].is = true;
	users->by[0].user = user;
	users->by[0].when = now;
}

bool users_has_other(
	const struct users *users, unsigned user, double within, double now)
{
	for (int i = 0; i < 2; i++)
		if (users->by[i].is && users->by[i].user != user &&
			now - users->by[i].when < within)
			return true;
	return false;
}

bool use_note(struct use *use, uint64_t attempts, double now)
{
	if (attempts == use->attempts)
		return false;
	use->attempts = attempts;
	use->last = now;
	return true;
}

bool use_is_idle(
	const struct use *use, const struct service_conf *conf, double now)
{
	double quiet = IDLE_INTERVALS * (conf->interval_ms / 1000.0);

	return now - use->last >= (quiet > idle_least ? quiet : idle_least);
}

bool use_is_only_by(const struct use *use, unsigned user, double now)
{
	return !users_has_other(&use->users, user, alone, now);
}
