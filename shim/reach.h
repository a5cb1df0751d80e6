/* The way to lbd: by its path, or by its door where there is no path. */
#ifndef SHIM_REACH_H
#define SHIM_REACH_H

#include "attach.h"

/*
 * Connects to the lbd at `path`; or, if that leads nowhere or to a stranger, to
 * the one that gave `known`, which may be NULL. Returns a descriptor, and lbd's
 * uid in `*server`; or -1, and why not in `*reason`. Done by `deadline`, as
 * real_precise_ms() counts.
 */
int reach_lbd(const char *path, const struct attachment *known,
	uint64_t deadline, uint32_t *server, const char **reason);

/* How long there is until `deadline`, in ms. */
int reach_ms_left(uint64_t deadline);

/* Waits for `events` of `fd`, or, if that is -1, for nothing. */
void reach_wait(int fd, int events, int ms);

#endif
