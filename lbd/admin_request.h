/* From an HTTP request to its answer. */
#ifndef LBD_ADMIN_REQUEST_H
#define LBD_ADMIN_REQUEST_H

#include "lbd.h"

#include <microhttpd.h>

/*
 * libmicrohttpd's handler; `data` is the lbd. Called once with the headers,
 * and again when the request is complete: only then is anything done.
 */
enum MHD_Result admin_on_request(void *data, struct MHD_Connection *c,
	const char *url, const char *method, const char *version,
	const char *body, size_t *body_size, void **seen);

/* The same request is over, in whatever way. */
void admin_on_end(void *data, struct MHD_Connection *c, void **seen,
	enum MHD_RequestTerminationCode how);

#endif
