/*
 * Programs that lbd runs: few at a time, watched, and gone with all they left
 * when their time is up.
 *
 *	script_run -> started -> ended | script_kill
 */
#ifndef LBD_SCRIPT_H
#define LBD_SCRIPT_H

#include "health.h"

#include <stdbool.h>

enum {
	SCRIPTS_AT_ONCE = 16, /* the others wait for their turn */
	/* Killed ones that the kernel does not end, as they hang in it: beyond
	 * this many none is started. */
	SCRIPTS_UNENDED = 48,
};

struct scripts;
struct script;

/* What came of it. */
struct script_end {
	int err;	       /* it could not be started: why. 0: it was */
	int status;	       /* as from wait() */
	char said[REASON_MAX]; /* the first line on stderr; "" is none */
};

/* Who wants a script run; the strings are the caller's, to the end. */
struct script_order {
	char *const *argv;	      /* ends in a NULL; [0] is a path */
	char *const *env;	      /* all of its environment */
	void (*started)(void *owner); /* its turn has come */
	/* Nothing is called after this, and the script is forgotten. */
	void (*ended)(void *owner, const struct script_end *end);
	void *owner;
};

/*
 * Puts a script in the queue; nothing is called before the loop's next turn.
 * `lbd->scripts` is made by the first. NULL without memory, or in a loop that
 * hears of no children.
 */
struct script *script_run(struct lbd *lbd, const struct script_order *order);

/*
 * Nobody wants to know any more: killed with all of its process group, and
 * reaped when it is dead. A child that left the group by a setsid() of its own
 * is not found.
 */
void script_kill(struct script *s);

/* All that run are killed; nobody is told. NULL is fine. */
void scripts_close(struct scripts *scripts);

#endif
