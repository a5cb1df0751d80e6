/* When a backend is asked next, and when its callers' word will do. Pure. */
#ifndef LBD_SCHEDULE_H
#define LBD_SCHEDULE_H

#include "judge.h"

/* What is wanted of a service's probes. */
enum demand {
	DEMAND_USED,  /* the intervals of the file */
	DEMAND_IDLE,  /* nobody uses it */
	DEMAND_BLIND, /* we cannot see: the first answer is awaited */
};

/* How the probes of one backend have gone. */
struct pace {
	double asked;	      /* when the question now or last asked began */
	double next_forced;   /* not brought forward again before that */
	unsigned char passed; /* questions in a row that callers answered */
	bool wanted;	      /* callers' word will not do */
	bool worked;	      /* for a caller, since the last was due */
	bool failed;	      /* a caller, since the last question */
};

/* Seconds until the next probe; `chance` in [0, 1) spreads it by 20 %. */
double health_pause(const struct health *h, const struct service_conf *conf,
	enum demand demand, double chance);

/* Seconds until the first one: within min(interval, 1 s). */
double health_first_pause(const struct service_conf *conf, double chance);

/*
 * A probe is due. True if it may be passed over, because callers connect and
 * none fails: nine of ten, while the backend is up without a doubt.
 */
bool pace_passes(struct pace *pace, const struct health *h,
	const struct service_conf *conf);

/* A probe begins; the next may be brought forward after interval-change. */
void pace_ask(struct pace *pace, const struct service_conf *conf, double now);

/* How long a verdict tells of the present: until the next should be there. */
double pace_window(const struct service_conf *conf);

#endif
