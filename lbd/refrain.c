/*
 * Pauses between lines: they double while the thing goes on, up to a minute,
 * so that what is broken for a week fills no disk, and what is new is said at
 * once.
 */
#include "refrain.h"

static const double shortest = 1, longest = 60;

bool refrain_allows(const struct refrain *p, double now)
{
	return now >= p->next;
}

void refrain_said(struct refrain *p, double now)
{
	bool goes_on = p->pause > 0 && now < p->next + p->pause;

	p->pause = goes_on ? 2 * p->pause : shortest;
	if (p->pause > longest)
		p->pause = longest;
	p->next = now + p->pause;
}
