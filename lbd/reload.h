/* Reading lbd.ini again: on SIGHUP, or when asked over the control API. */
#ifndef LBD_RELOAD_H
#define LBD_RELOAD_H

#include "lbd.h"

/* Somebody who wants the file read again. */
struct reload_request {
	struct reload_request *next;
	/* Called once, with what there is to say. */
	void (*answer)(struct reload_request *r, bool reloaded,
		const struct complaints *said);
};

/*
 * Reads the file again, soon, and goes over to it, or leaves everything as it
 * is. The request, which stays the caller's, is answered later: names may have to
 * be looked up, a reload under way goes first, and the loop goes on meanwhile.
 */
void reload_ask(struct lbd *lbd, struct reload_request *r);

/* The same file, but the addresses of this host are others: soon, whoever was
 * judged by them is judged again. */
void reload_rejudge(struct lbd *lbd);

/* Reloads on SIGHUP: many of them at once are one. False: no memory. */
bool reload_watch(struct lbd *lbd);

/* Answers those who still wait: nothing is read any more. */
void reload_close(struct lbd *lbd);

#endif
