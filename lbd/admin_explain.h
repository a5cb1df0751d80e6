/* Between the admin_explain*.c files: a connect() that is only thought of. */
#ifndef LBD_ADMIN_EXPLAIN_H
#define LBD_ADMIN_EXPLAIN_H

#include "acl.h"
#include "lbd.h"

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
 * name of a service leads. NULL, or where it leads nowhere the reason, as an
 * error for people.
 */
json_t *explain_find(
	const struct world *world, const char *text, struct places *places);

/* ---- admin_explain_json.c: new references; NULL if memory is short ---- */

json_t *explain_identity(const struct identity *who);
json_t *explain_place(const struct lbd *lbd, const struct place *place,
	const struct identity *who);

#endif
