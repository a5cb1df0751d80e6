/*
 * The loads of backends: what they are made of, and that callers get to know.
 * Only backends with something that fades cost anything.
 */
#ifndef LBD_FADING_H
#define LBD_FADING_H

#include "lbd.h"

struct fadings {
	struct lbd *lbd;
	struct fading *first;
	double faded;	/* up to then; ev_now() */
	double counted; /* at the end of the last count */
};

/* Without memory these do nothing: the load is a little low then. */
void fading_picked(struct fadings *f, struct backend *b, uint64_t picks);
void fading_failed(struct fadings *f, struct backend *b, uint64_t failed);
void fading_unseen(struct fadings *f, struct backend *b, uint64_t picks);

/* A count begins, and is over. */
void fading_mark(struct fadings *f);
void fading_count(struct fadings *f, double now);

/* There are no counts any more. */
void fading_lose(struct fadings *f);

/* Whether callers may be sent there changed, or may have. */
void fading_turned(struct fadings *f, struct backend *b);

/* Ages all of them, and publishes the loads that changed. */
void fading_age(struct fadings *f, double now);

/* Adds the load up; tells callers if it, or being full, changed. */
void fading_settle(struct lbd *lbd, struct backend *b);

/* The world changed: lets go of what belongs to no backend any more. */
void fading_rebind(struct fadings *f);
void fading_end(struct fadings *f);

#endif
