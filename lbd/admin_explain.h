/* Between the admin_explain*.c files: a connect() that is only thought of. */
#ifndef LBD_ADMIN_EXPLAIN_H
#define LBD_ADMIN_EXPLAIN_H

#include "acl.h"
#include "lbd.h"
#include "wheel.h"

#include <jansson.h>

enum { PLACES_MOST = 64 };

/* A service by one of its addresses. */
struct place {
	const struct service *service;
	const struct addr *address; /* port 0: every port */
	uint16_t port;		    /* that was asked for; 0: none was */
};

struct places {
	struct place at[PLACES_MOST];
	size_t count; /* beyond the most they are left out */
};

/* ---- admin_explain_find.c ---- */

/*
 * Where "10.0.0.1:80", "10.0.0.1", "[fd00::1]:80", "name", "name:80" or the
 * name of a service leads. Where it leads nowhere there is no place, and what is
 * returned is the reason, as an error for people; NULL if memory is short.
 */
json_t *explain_find(
	const struct world *world, const char *text, struct places *places);

/* ---- admin_explain_wheel.c ---- */

/* A service's wheel, as its callers have it now. */
struct spin {
	struct wheel_item *item;
	struct wheel_plan plan;
	size_t items, open;	     /* open: on the wheel and not full */
	const struct backend *first; /* of those */
	bool primary, backup;
};

/* False if memory is short; explain_spin_end() is due in any case. */
bool explain_spin(
	struct spin *to, const struct service *s, enum table_family family);
void explain_spin_end(struct spin *s);

/* Which backends are on it: "usable", ... */
const char *explain_tier(const struct spin *s);

/* A new reference; NULL if memory is short. */
json_t *explain_backends(const struct lbd *lbd, const struct spin *s,
	const struct service *service);

/* ---- admin_explain_json.c: new references; NULL if memory is short ---- */

json_t *explain_identity(const struct identity *who);
json_t *explain_place(const struct lbd *lbd, const struct place *place,
	const struct identity *who);

#endif
