/*
 * A probe: one kind of question, asked of one backend again and again.
 *
 *	due -> probe_start -> the kind's start ... probe_done -> health_verdict
 *
 * probe.c keeps the time; a kind only knows how to ask, and how to stop.
 */
#ifndef LBD_PROBE_H
#define LBD_PROBE_H

#include "health.h"

#include <ev.h>

struct probe {
	struct lbd *lbd;
	struct backend *backend;
	const struct probe_kind_ops *ops; /* of the question being asked */
	ev_timer timer; /* the next question, or the time for its answer */
	bool asking;
	struct pace pace;
	struct sighting sighting;
	ev_io io; /* the kind's; fd -1: nothing open */
	int fd;
	void *state; /* the kind's own, from one question to the next */
};

struct probe_kind_ops {
	/*
	 * Asks. Ends in one probe_done(), maybe before it returns, unless stop
	 * comes first: the time is up, or nobody wants to know any more. What
	 * the conf says may be pointed at until then.
	 */
	void (*start)(struct probe *p);
	/* The time is up: ends in one probe_done(). NULL: that is a timeout. */
	void (*late)(struct probe *p);
	/* Ends the question that is being asked, if one is. */
	void (*stop)(struct probe *p);
	/* Frees `state`; NULL where the kind has none. */
	void (*forget)(struct probe *p);
};

extern const struct probe_kind_ops probe_tcp, probe_http, probe_grpc,
	probe_talk, probe_udp, probe_script;

/* The address to ask: the backend's, or its port=. */
struct addr probe_target(const struct probe *p);

/* Asks now; the answer has the service's timeout. */
void probe_start(struct probe *p);

/* For a kind that cannot ask yet: the time for the answer stands still until
 * probe_run(), and is whole again then. */
void probe_wait(struct probe *p);
void probe_run(struct probe *p);

/* Where every question ends. `why` as in health_verdict(). */
void probe_done(struct probe *p, enum verdict verdict, const char *why);

/* Ends the question being asked, and forgets what the kind knows: before what
 * the conf says goes away. The timer is off then. */
void probe_end(struct probe *p);

/* True where the loop cannot wait for the question's socket, which is our
 * trouble: it has been ended as that. For a kind's callbacks. */
bool probe_is_unwatched(struct probe *p, int revents);

/* What an errno that a socket of ours brought says of the backend. */
enum verdict probe_verdict(int err);	     /* later, from the network */
enum verdict probe_verdict_at_once(int err); /* from the call itself */

#endif
