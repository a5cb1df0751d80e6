/*
 * The ramp: linear, in some twenty steps, none shorter than 100 ms: each is a
 * turn of the service's wheel.
 */
#include "ramp.h"

static const double least = 0.1, shortest_step = 0.1;
enum { STEPS = 20 };

static double step(double length)
{
	double s = length / STEPS;

	return s > shortest_step ? s : shortest_step;
}

void ramp_begin(struct ramp *ramp, double length, double now)
{
	ramp->on = length > 0;
	ramp->from = now;
	ramp->step = now + step(length);
	ramp->share = least;
}

double ramp_share(const struct ramp *ramp, double length, double now)
{
	double gone = now - ramp->from;

	if (gone >= length)
		return 1;
	return gone > 0 ? least + (1 - least) * gone / length : least;
}

bool ramp_steps(struct ramp *ramp, double length, double now)
{
	if (!ramp->on || (now < ramp->step && now - ramp->from < length))
		return false;
	ramp->step = now + step(length);
	ramp->share = ramp_share(ramp, length, now);
	ramp->on = ramp->share < 1;
	return true;
}
