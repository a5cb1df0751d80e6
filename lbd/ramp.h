/* Slow start: a backend that comes back gets its load little by little. Pure.
 */
#ifndef LBD_RAMP_H
#define LBD_RAMP_H

#include <stdbool.h>

struct ramp {
	bool on;
	double share;	   /* since the last step */
	double from, step; /* when it began; when the next step is due */
};

/* `length` in seconds, as slow-start says; 0: there is none. */
void ramp_begin(struct ramp *ramp, double length, double now);

/* 0.1 at its beginning, 1 at its end. */
double ramp_share(const struct ramp *ramp, double length, double now);

/* Is a step due, or the end? Takes it. */
bool ramp_steps(struct ramp *ramp, double length, double now);

#endif
