/*
 * When to ask. Each state of a backend has its interval, and every pause is
 * spread by 20 %, so that probes which once fell together drift apart.
 */
#include "schedule.h"

enum { PASSED_MAX = 9 }; /* of ten: probe-when-busy = tenth */

static unsigned at_most(unsigned ms, unsigned most)
{
	return ms < most ? ms : most;
}

double health_pause(const struct health *h, const struct service_conf *conf,
	enum demand demand, double chance)
{
	unsigned ms = conf->interval_ms;

	if (h->streak || demand == DEMAND_BLIND)
		ms = conf->interval_change_ms;
	else if (h->state == HEALTH_DOWN)
		ms = conf->interval_down_ms;
	if (!h->streak && demand == DEMAND_IDLE && ms < conf->interval_idle_ms)
		ms = conf->interval_idle_ms;
	return ms / 1000.0 * (0.9 + 0.2 * chance);
}

double health_first_pause(const struct service_conf *conf, double chance)
{
	return at_most(conf->interval_ms, 1000) / 1000.0 * chance;
}

bool pace_passes(struct pace *pace, const struct health *h,
	const struct service_conf *conf)
{
	bool vouched = pace->worked && !pace->failed;

	pace->worked = false;
	if (!vouched || pace->wanted || conf->probe_full_when_busy ||
		h->state != HEALTH_UP || h->streak || !h->verdicts ||
		pace->passed == PASSED_MAX)
		return false;
	pace->passed++;
	return true;
}

void pace_ask(struct pace *pace, const struct service_conf *conf, double now)
{
	if (pace->wanted)
		pace->next_forced = now + conf->interval_change_ms / 1000.0;
	pace->asked = now;
	pace->passed = 0;
	pace->wanted = pace->worked = pace->failed = false;
}

double pace_window(const struct service_conf *conf)
{
	return (conf->interval_ms + conf->timeout_ms) / 1000.0;
}
