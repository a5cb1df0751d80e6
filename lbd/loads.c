/*
 * The load of a backend: connections as counted, and what counts like one.
 * Failures fade within about a second, picks that no count confirms within
 * about five, the warmth of one that came back in two.
 */
#include "loads.h"
#include "shim/table.h"

#include <math.h>

static const double failures_s = 1, unseen_s = 5; /* to 1/e */
static const double warm_up_s = 2;
static const double least = 0.05; /* ten of them are half a connection */

static double faded(double v, double seconds, double constant_s)
{
	return v > 0 ? v * exp(-seconds / constant_s) : 0;
}

void load_fade(struct load *l, double seconds)
{
	double left = l->warm_s - seconds;

	l->failures = faded(l->failures, seconds, failures_s);
	l->unseen = faded(l->unseen, seconds, unseen_s);
	l->warmth = left > 0 ? l->warmth * left / l->warm_s : 0;
	l->warm_s = left > 0 ? left : 0;
}

bool load_is_plain(const struct load *l)
{
	return l->failures < least && l->unseen < least && l->warmth < least;
}

/* Less than half a failure is none: else who failed once would not be tried
 * again for seconds, where connections are short. */
uint32_t load_sum(double connections, const struct load *l)
{
	double sum = connections;

	if (l)
		sum += (l->failures < 0.5 ? 0 : l->failures) + l->unseen +
			l->warmth;
	sum = sum * LOAD_UNIT + 0.5;
	return sum < LOAD_MOST ? (uint32_t)sum : LOAD_MOST;
}

void load_warm(struct load *l, double mean_per_weight, unsigned weight)
{
	l->warmth = mean_per_weight * weight;
	l->warm_s = warm_up_s;
}

bool load_is_full(uint32_t connections, unsigned most)
{
	return most && connections >= most;
}
