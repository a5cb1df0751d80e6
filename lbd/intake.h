/* What callers report: counters, one memfd per uid, read ten times a second. */
#ifndef LBD_INTAKE_H
#define LBD_INTAKE_H

#include "lbd.h"

/* NULL if memory is short. */
struct intake *intake_open(struct lbd *lbd);
void intake_close(struct intake *intake); /* NULL is fine */

/*
 * The counters that programs of `user` write to, made at the first need; -1 if
 * there can be none. The descriptor stays the intake's.
 */
int intake_counters(struct intake *intake, uid_t user);

/* The world has changed: what the numbers in the counters mean. */
void intake_rebind(struct intake *intake);

#endif
