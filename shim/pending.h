/*
 * Connections that were begun and not finished: a second connect() on such a
 * socket goes where the first one went.
 */
#ifndef SHIM_PENDING_H
#define SHIM_PENDING_H

#include "lookup.h"

#include <stdatomic.h>

/* Whether any was ever noted: a host that has none pays one load. */
extern atomic_bool pending_any;

/* Makes room; called at attach, so that later calls need no memory. */
void pending_prepare(void);

/* A word that a forked child finds 0 again; NULL without memory. */
_Atomic uint64_t *pending_process_key(void);

/* The connection of `fd` is under way to route->to. Keeps errno. */
void pending_note(int fd, const struct route *route);

/* True if `fd` is on its way to route->vip: fills line and to. Keeps errno. */
bool pending_find(int fd, struct route *route);

/* The host gave the connection up, or it ended. */
void pending_forget(int fd);

#endif
