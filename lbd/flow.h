/*
 * What becomes of connections between two counts, which can be far apart: how
 * many of those that were counted, and of those begun since, still stand, by
 * how long they stand on average. Pure.
 */
#ifndef LBD_FLOW_H
#define LBD_FLOW_H

#include <stdbool.h>

struct flow {
	double ending;	 /* connections that end, a second, lately */
	double carried;	 /* connections that stood, lately */
	double memory_s; /* that both look back, to 1/e */
	double around_s; /* how long they stand at its siblings; 0 = unknown */
	double last;	 /* as counted */
	double begun;	 /* since the mark */
	double due;	 /* from the mark before to the mark */
	double open;	 /* likely stand by now */
	double fresh;	 /* those of them that were begun since the mark */
	double idle_s;	 /* since one was begun */
	bool counted;	 /* `last` holds */
};

/* So long a connection stands; INFINITY while that is not known, or they do not
 * end. What is drawn from few of them leans on what siblings have. */
double flow_stay(const struct flow *f);

/* The share of connections begun in the last `seconds`, evenly, that stand. */
double flow_share(const struct flow *f, double seconds);

/* How many of those that stand do so in the next `seconds`, on average. */
double flow_ahead(const struct flow *f, double seconds);

/* So many were begun in the last `seconds`; the others have aged by that. */
void flow_pass(struct flow *f, double begun, double seconds);

/* A count begins. */
void flow_mark(struct flow *f);

/* It is over, `seconds` after the one before, and found so many. */
void flow_count(struct flow *f, double connections, double seconds);

/* Nothing has begun for so long that a count says it all. */
bool flow_is_over(const struct flow *f);

#endif
