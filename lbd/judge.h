/* From verdicts to a state: the first decides alone, then rise and fall of
 * them in a row do. Pure. */
#ifndef LBD_JUDGE_H
#define LBD_JUDGE_H

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
	VERDICT_TIMEOUT,     /* no sign of it in time */
	VERDICT_MUTE,	     /* it took the connection, and no answer in time */
	VERDICT_UNREACHABLE, /* the network said no */
	VERDICT_LOCAL,	     /* we could not ask: says nothing about it */
	VERDICT_SILENT,	     /* asked, and need not answer: nothing refuses */
};

enum { REASON_MAX = 80 };

struct health {
	enum health_state state;
	unsigned streak;	  /* verdicts in a row against the state */
	unsigned verdicts;	  /* ever; 0 = the next decides alone */
	double since;		  /* of the state */
	enum health_state before; /* it went down */
	bool first; /* it went down by a verdict that decided alone */
	bool blind; /* it is down, and has given no sign of life since */
	bool met;   /* it gave one, ever */
	char reason[REASON_MAX]; /* of the last verdict that was not OK */
};

/* Takes a verdict in; true if the state changed. */
bool health_judge(struct health *h, const struct service_conf *conf,
	enum verdict verdict, double now);

/* No answer of any kind: the network between may be to blame, or we are. */
bool verdict_is_blind(enum verdict verdict);

/*
 * We were blind: takes back what verdicts without an answer made of it, if it
 * went down after `earliest`. True if the state changed.
 */
bool health_restore(struct health *h, double earliest, double now);

const char *health_word(enum health_state state); /* "up", ... */

#endif
