/* A child that asks what lbd must not wait for. */
#ifndef LBD_ERRAND_H
#define LBD_ERRAND_H

#include "conf.h"

#include <ev.h>

/* Answers to `reading` have been heard, all of them, or it was given up. */
typedef void errand_done(void *data);

/*
 * Sends a child for the answers; it has `limit` seconds. The errand is gone
 * when `done` is called, which is not before this returns. NULL with errno.
 * `loop` is the one that hears of children.
 */
struct errand *errand_send(struct ev_loop *loop, struct reading *reading,
	double limit, errand_done *done, void *data);

/* Kills the child; nothing is called any more. NULL is fine. */
void errand_cancel(struct errand *errand);

#endif
