/* What callers report: counters, one memfd per uid, read ten times a
 * second. */
#ifndef LBD_INTAKE_H
#define LBD_INTAKE_H

#include "lbd.h"

/* NULL if memory is short. */
struct intake *intake_open(struct lbd *lbd);
void intake_close(struct intake *intake); /* NULL is fine */

enum { USERS_MAX = 1024 };

/* The number of a uid, below USERS_MAX, the same while lbd runs; the last one
 * stands for all whom there was no number left for. */
unsigned intake_user(struct intake *intake, uid_t uid);

/*
 * The counters that programs of `user` write to, made at the first need; -1 if
 * there can be none. Those of programs in another network namespace, `foreign`,
 * are apart. The descriptor stays the intake's.
 */
int intake_counters(struct intake *intake, uid_t user, bool foreign);

/* Reads what callers wrote, into the model. */
void intake_take(struct intake *intake);

/* The loads that were published have all in them that was taken: callers are
 * told so. */
void intake_confirm(struct intake *intake);

/*
 * What the numbers in the counters mean: in a world to come, with interludes;
 * and from now on, that world having come. Where memory is short, they mean
 * nothing. Without an intake both do nothing.
 */
void intake_expect(struct lbd *lbd, const struct world *world);
void intake_rebind(struct intake *intake);

#endif
