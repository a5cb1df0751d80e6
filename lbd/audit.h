/* Denials, told: who, what, by which rule, how often. */
#ifndef LBD_AUDIT_H
#define LBD_AUDIT_H

#include "acl.h"
#include "lbd.h"

/* NULL if memory is short; all else does nothing then. */
struct audit *audit_open(struct lbd *lbd);
void audit_close(struct audit *audit);

/* A program attached that may not use the services of the list; `rule` is the
 * one that decided, or NULL. */
void audit_refused(struct audit *audit, const struct list *list,
	const struct identity *who, const struct rule *rule);

/*
 * Programs of `user` report connects to the service that were denied. `shared`:
 * other users count at the same place.
 */
void audit_denied(struct audit *audit, struct service *s, uid_t user,
	bool shared, uint64_t connects);

/* Says what is due; called every 100 ms. */
void audit_tell(struct audit *audit);

/* lbd ends: says all that was held back. */
void audit_tell_all(struct audit *audit);

/* The world has changed. */
void audit_rebind(struct audit *audit);

#endif
