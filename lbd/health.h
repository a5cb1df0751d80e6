/*
 * Is a backend up? Probes, and one day callers, bring verdicts; rise and fall
 * turn them into a state. Decisions are pure: time and chance are arguments.
 */
#ifndef LBD_HEALTH_H
#define LBD_HEALTH_H

#include "conf.h"

#include <stdbool.h>

enum health_state {
	HEALTH_UNKNOWN, /* usable */
	HEALTH_UP,
	HEALTH_DOWN,
};

enum verdict {
	VERDICT_OK,
	VERDICT_REFUSED,     /* it answered: no */
	VERDICT_TIMEOUT,     /* it did not answer in time */
	VERDICT_UNREACHABLE, /* the network said no */
	VERDICT_LOCAL,	     /* we could not ask: says nothing about it */
};

enum { REASON_MAX = 80 };

struct health {
	enum health_state state;
	unsigned streak;	 /* verdicts in a row against the state */
	unsigned verdicts;	 /* ever; 0 = the next decides alone */
	double since;		 /* of the state; ev_now() */
	char reason[REASON_MAX]; /* of the last verdict that was not OK */
};

struct backend;
struct lbd;
struct probe;

/* Takes a verdict in; true if the state changed. */
bool health_judge(struct health *h, const struct service_conf *conf,
	enum verdict verdict, double now);

/* Seconds until the next probe; `chance` in [0, 1) spreads it by 20 %. */
double health_pause(
	const struct health *h, const struct service_conf *conf, double chance);

/* Seconds until the first one: within min(interval, 1 s). */
double health_first_pause(const struct service_conf *conf, double chance);

const char *health_word(enum health_state state); /* "up", ... */

/*
 * The one door for verdicts: judges, logs a change, has the wheel turned.
 * `why` is for people; NULL where the verdict is OK.
 */
void health_verdict(struct lbd *lbd, struct backend *b, enum verdict verdict,
	const char *why);

/* A probe has its answer: the verdict, and when to ask again. */
void health_answer(struct probe *p, enum verdict verdict, const char *why);

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
 * start. */
double health_share(const struct backend *b, double now);

/* Begins, changes or ends the probing of a backend to what its conf says. */
void health_watch(struct lbd *lbd, struct backend *b);
void health_unwatch(struct lbd *lbd, struct backend *b);

#endif
