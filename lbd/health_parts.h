/* Between the files of health: the door, the questions, the outcomes. */
#ifndef LBD_HEALTH_PARTS_H
#define LBD_HEALTH_PARTS_H

#include "lbd.h"

/* From 0 to below 1. */
double health_chance(void);

/* health.c */

/* Nobody is sent to `b` any more: on-down, and those who must stand in. */
void health_leave(struct lbd *lbd, struct backend *b);
/* It is used again after it was not: by and by. */
void health_come_back(struct lbd *lbd, struct backend *b);

/* ask.c */

const struct errands *ask_errands(const struct lbd *lbd);
void ask_in(struct probe *p, double pause);
/* A pause that spreads probes which would be due together. */
double ask_spread(const struct probe *p);

/* The next probe comes now, or within that many seconds; not again before
 * interval-change has passed. One that is under way is not disturbed. */
void ask_soon(struct probe *p, double within);
/* Somebody is silent: is everybody? Asks some others. */
void ask_around(struct lbd *lbd);
/* Its service is used. */
void ask_note_use(struct lbd *lbd, struct service *s);

/* outcomes.c */

/* A probe that began at `asked` says what it says of suspicion, ejection. */
void outcomes_probed(struct lbd *lbd, struct backend *b, double asked,
	enum verdict verdict, const char *why);
/* `b` is not used: where nobody else is left, ejected ones are taken back. */
void outcomes_relieve(struct lbd *lbd, const struct backend *b);
/* A reload: fewer may be ejected now. */
void outcomes_limit(struct lbd *lbd, struct backend *b);
/* Looks after a backend in every round until there is nothing to do. */
void outcomes_tend(struct lbd *lbd, struct backend *b);
void outcomes_forget(struct lbd *lbd, struct backend *b);

/* health_log.c */
void health_log_change(const struct backend *b, const char *reason);
void health_log_local(const struct backend *b, const char *why);
void health_log_ejected(const struct backend *b, const char *reason);
void health_log_returned(const struct backend *b, const char *reason);
void health_log_sight(const struct sight *sight);
void health_log_stall(double seconds);

#endif
