/* A probe: one kind of question, asked of one backend again and again. */
#ifndef LBD_PROBE_H
#define LBD_PROBE_H

#include "health.h"

#include <ev.h>

struct probe {
	struct lbd *lbd;
	struct backend *backend;
	ev_timer timer; /* the next question, or the time for its answer */
	ev_io io;
	int fd; /* -1: nothing asked */
};

/*
 * Asks. Ends in exactly one probe_done(), maybe before it returns, unless
 * probe_tcp_stop() comes first.
 */
void probe_tcp_start(struct probe *p);
void probe_tcp_stop(struct probe *p);

/* Where every question ends. `why` as in health_verdict(). */
void probe_done(struct probe *p, enum verdict verdict, const char *why);

#endif
