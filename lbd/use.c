/*
 * The use of a service. Two users are enough to know whether there is another
 * than a given one: the last two that came.
 */
#include "use.h"

static const double idle_least = 30, alone = 300;
enum { IDLE_INTERVALS = 5 };

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

void use_note_user(struct use *use, unsigned user, double now)
{
	if (!use->by[0].is || use->by[0].user != user)
		use->by[1] = use->by[0];
	use->by[0].is = true;
	use->by[0].user = user;
	use->by[0].when = now;
}

bool use_is_only_by(const struct use *use, unsigned user, double now)
{
	for (int i = 0; i < 2; i++)
		if (use->by[i].is && use->by[i].user != user &&
			now - use->by[i].when < alone)
			return false;
	return true;
}
