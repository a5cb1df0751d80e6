/*
 * Is a backend to be used? Probes and callers bring what they saw; rise and
 * fall, ejection, sight and slow start, each a file of its own and pure, make
 * of it what is published.
 */
#ifndef LBD_HEALTH_H
#define LBD_HEALTH_H

#include "eject.h"
#include "judge.h"
#include "ramp.h"
#include "schedule.h"
#include "sight.h"
#include "use.h"

#include <ev.h>

struct backend;
struct lbd;
struct probe;

/* How time passes between questions; a simulation has ways of its own. */
struct errands {
	/* Then health_due(); another wait takes its place. */
	void (*wait)(struct probe *p, double pause);
	double (*left)(struct probe *p); /* of that */
	void (*ask)(struct probe *p);	 /* then health_answer() */
	void (*end)(struct probe *p);	 /* whichever it is at */
};

/* What lbd knows of all backends together. */
struct overview {
	double now;	/* as ev_now() was at the start; clocks set since, no */
	bool ticking;	/* `now` is that of the last loop iteration */
	bool stalled;	/* the loop stood still until this one */
	double clear;	/* silence on what was asked before says nothing */
	unsigned asked; /* probes begun in this iteration, */
	unsigned most;	/* of so many */
	struct sight sight;
	struct backend *moved;	       /* callers saw something there */
	struct backend *tended;	       /* ejected, or slow to start */
	const struct errands *errands; /* NULL: the loop's */
	double offset;
	ev_check check;
};

/* Once there is a loop, before there is a world. */
void health_open(struct lbd *lbd);

/* A loop iteration begins, at `now`. */
void health_tick(struct lbd *lbd, double now);

/*
 * The one door for verdicts: judges, logs a change, has the wheel turned.
 * `why` is for people; NULL where the verdict is OK.
 */
void health_verdict(struct lbd *lbd, struct backend *b, enum verdict verdict,
	const char *why);

/* A probe has its answer: the verdict, and when to ask again. */
void health_answer(struct probe *p, enum verdict verdict, const char *why);

/* A probe's wait is over. */
void health_due(struct probe *p);

/*
 * What callers of one user saw at a backend since they were last asked: `ok`
 * connects that stood, `failed` ones that did not. `user` is an index, the
 * same for the same user while lbd runs. Called every 100 ms, then once
 * health_look_over() when all were heard.
 */
void health_outcomes(struct lbd *lbd, struct backend *b, unsigned user,
	uint64_t ok, uint64_t failed);
void health_look_over(struct lbd *lbd);

/* May callers be sent there: health, ejection and operator agree. */
bool health_is_usable(const struct backend *b);

/* Did callers' failures take it out for a while? */
bool health_is_ejected(const struct backend *b);

/* The share of its weight that a backend gets, 0.1..1: it may be slow to
 * start. It changes where publish_health() is called, and only there. */
double health_share(const struct backend *b);

/* Begins, changes or ends the probing of a backend to what its conf and the
 * operator say. */
void health_watch(struct lbd *lbd, struct backend *b);

/* The backend goes. */
void health_unwatch(struct lbd *lbd, struct backend *b);

#endif
