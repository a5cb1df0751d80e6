/*
 * Little's law: what stands is what ends a second times how long it stands.
 * From one count to the next, what was there and what callers began has ended
 * or is there; so it is known for how long the connections of a backend stand,
 * and what is likely left of them at any time.
 */
#include "flow.h"

#include <math.h>

static const double shortest_s = 3; /* memory of both means, to 1/e */
static const double counts = 30;    /* and that many, for less is chance */
static const double over_s = 30;
static const double enough = 3; /* ends in that time, to tell anything */
static const double sure = 10;	/* connections met, to trust a mean alone */

double flow_stay(const struct flow *f)
{
	double met = f->carried * counts, trust = met / sure;
	double stay;

	if (f->ending * f->memory_s < enough)
		return met < enough && f->around_s > 0 ? f->around_s : INFINITY;
	stay = f->carried / f->ending;
	if (trust >= 1 || f->around_s <= 0)
		return stay;
	return stay * trust + f->around_s * (1 - trust);
}

double flow_share(const struct flow *f, double seconds)
{
	double stay = flow_stay(f);

	if (isinf(stay) || seconds <= 0)
		return 1;
	return stay > 0 ? stay / seconds * (1 - exp(-seconds / stay)) : 0;
}

double flow_ahead(const struct flow *f, double seconds)
{
	return f->open * flow_share(f, seconds);
}

void flow_pass(struct flow *f, double begun, double seconds)
{
	double stay = flow_stay(f);
	double left = isinf(stay) ? 1 : stay > 0 ? exp(-seconds / stay) : 0;
	double more = begun * flow_share(f, seconds);

	f->open = f->open * left + more;
	f->fresh = f->fresh * left + more;
	f->begun += begun;
	f->idle_s = begun > 0 ? 0 : f->idle_s + seconds;
}

void flow_mark(struct flow *f)
{
	f->due = f->begun;
	f->begun = f->fresh = 0;
}

/* Both means begin at nothing: what is short of evidence is not believed. */
void flow_count(struct flow *f, double connections, double seconds)
{
	double part;

	f->memory_s =
		seconds * counts > shortest_s ? seconds * counts : shortest_s;
	part = 1 - exp(-seconds / f->memory_s);
	if (f->counted && seconds > 0) {
		double ended = f->last + f->due - connections;

		f->ending += part * (ended / seconds - f->ending);
		f->carried += part * ((f->last + connections) / 2 - f->carried);
	}
	f->counted = true;
	f->last = connections;
	f->open = connections + f->fresh;
}

bool flow_is_over(const struct flow *f)
{
	return f->idle_s > over_s;
}
