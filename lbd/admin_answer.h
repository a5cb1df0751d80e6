/* Between the admin_*.c files: requests on their way to an answer. */
#ifndef LBD_ADMIN_ANSWER_H
#define LBD_ADMIN_ANSWER_H

#include "admin_path.h"
#include "operator.h"

#include <jansson.h>
#include <microhttpd.h>

enum { NAME_SHOWN = 100 }; /* bytes of what was asked that are quoted */

struct request {
	struct lbd *lbd;
	struct asker from;
	struct path_names names; /* service, backend, N */
	struct MHD_Connection *connection;
};

struct pending;

struct answer {
	unsigned status;
	struct MHD_Response *response; /* NULL: memory is short, 503 */
	bool is_long;		       /* made while it is sent */
	struct pending *pending;       /* there is no answer yet */
};

/* Lets go of `value`; NULL: memory is short, and so says the answer. */
struct answer answer_json(unsigned status, json_t *value);

/* ---- admin_find.c: NULL where there is none, which `wrong` then says ---- */

struct service *admin_find_service(
	const struct request *r, struct answer *wrong);
struct backend *admin_find_backend(
	const struct request *r, struct answer *wrong);

/* ---- admin_backend.c: the endpoints of a backend ---- */

struct answer admin_give_backend(const struct request *r);
struct answer admin_drain(const struct request *r);
struct answer admin_ready(const struct request *r);
struct answer admin_maint(const struct request *r);
struct answer admin_weight(const struct request *r);

/* ---- admin_reload.c: an answer that may take a while ---- */

struct answer admin_reload(const struct request *r);

/* The connection is held until there is one; admin_on_request() then comes
 * again, with `p` in *seen, and has this answer to send. */
enum MHD_Result pending_hold(struct pending *p, void **seen);
struct answer pending_take(struct pending *p);

/* The connection is over, whether or not it was sent. */
void pending_end(struct pending *p);

/* ---- admin_query.c: what stands behind the path ---- */

/*
 * Is every parameter one of `known`, which ends in a NULL, given once, and with
 * a value? If not, `wrong` says what is; NULL: memory is short.
 */
bool query_is_sound(
	const struct request *r, const char *const *known, json_t **wrong);

/* The value without its escapes, free()d by the caller; NULL where it is not
 * given. False if memory is short. */
bool query_value(const struct request *r, const char *key, char **value);

/* ---- admin_explain.c ---- */

extern const char *const explain_parameters[]; /* ends in a NULL */

struct answer admin_explain(const struct request *r);

#endif
