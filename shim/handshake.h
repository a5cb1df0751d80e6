/* The conversation of an attach, from socket() to the last close(). */
#ifndef SHIM_HANDSHAKE_H
#define SHIM_HANDSHAKE_H

#include "attach.h"

/*
 * Asks the lbd at `path` for its table, within `wait_ms`; or the one that gave
 * `known`, where there is no path any more. Returns a new attachment, for good,
 * or NULL and why not in `*reason`. Reentrant: works on the stack and on
 * mappings that nobody else knows.
 */
struct attachment *handshake(const char *path, const struct attachment *known,
	unsigned wait_ms, const char **reason);

/* Unmaps one that nobody has seen yet. */
void handshake_discard(struct attachment *got);

/* How many services the key region speaks of. */
uint64_t handshake_services(const struct attachment *a);

#endif
