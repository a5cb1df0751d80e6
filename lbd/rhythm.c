/*
 * Counting takes a fiftieth of the time, however many sockets there are: it
 * follows soon when callers come, for little is known then, and seldom while
 * none does.
 */
#include "rhythm.h"

static const double interval = 0.1;  /* from one count to the next */
static const double slowly = 1;	     /* while no caller picks anything, */
static const double restless = 2;    /* and has not for so long */
static const double briskly = 0.025; /* when callers come again, */
static const double brisk = 0.5;     /* for so long: little is known then */
static const double share = 0.02;    /* of the time, for counting */
static const double longest = 30;    /* what is older says nothing any more */

double rhythm_every(double unheard, double awake)
{
	if (unheard > restless)
		return slowly;
	return awake < brisk ? briskly : interval;
}

double rhythm_pause(double took, double cost, double every)
{
	double pause = cost * (1 - share) / share;
	double least = every - took;

	if (pause < least)
		pause = least;
	return pause < longest ? pause : longest;
}

double rhythm_next(struct rhythm *rhythm, double now, double cost)
{
	double took = now - rhythm->began;

	rhythm->earliest = now + rhythm_pause(took, cost, interval);
	return rhythm_pause(took, cost,
		rhythm_every(now - rhythm->stirred, now - rhythm->woken));
}

double rhythm_again(double cost)
{
	return rhythm_pause(0, cost, interval);
}

bool rhythm_stir(struct rhythm *rhythm, double now)
{
	bool slow = now > rhythm->stirred + restless;

	rhythm->stirred = now;
	if (slow)
		rhythm->woken = now;
	return slow;
}
