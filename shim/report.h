/* What became of a connect(): counted for lbd, and said if asked for. */
#ifndef SHIM_REPORT_H
#define SHIM_REPORT_H

#include "lookup.h"

/* The next draw of the service's cursor, shared by all programs of a uid. */
uint64_t report_draw(const struct attachment *a, const struct route *route);

/* A draw that is not the first of its connect(). */
void report_redraw(const struct attachment *a, const struct route *route);

/* A backend has failed, and another one is tried. */
void report_failover(const struct attachment *a, const struct route *route);

/* A program asked for a virtual address and was told no: DENIED, STRANGE or
 * EMPTY. */
void report_refused(const struct attachment *a, const struct route *route,
	enum found outcome);

/* An address was looked up as if there were no table: it was never whole. */
void report_unread(const struct attachment *a);

/* A connect() to route->to is about to begin: from here on it counts as load,
 * however long it takes. */
void report_pick(const struct attachment *a, const struct route *route);

/* Try number `try`, from 1, at route->to ended with `err`; 0 = connected. */
void report_try(const struct attachment *a, const struct route *route, int fd,
	unsigned try, int err);

/* A connection that was under way to the backend of `line` stands. */
void report_stands(const struct attachment *a, uint32_t line);

/* Is this a failure before the connection stood, that another may spare? */
bool report_is_refusal(int err);

#endif
