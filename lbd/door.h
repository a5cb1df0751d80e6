/* Unix sockets that lbd listens on. */
#ifndef LBD_DOOR_H
#define LBD_DOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum door {
	DOOR_OPEN,
	DOOR_TAKEN,  /* by a living lbd */
	DOOR_FAILED, /* `why` says what */
};

enum { DOOR_WHY = 256 };

/*
 * Makes the directory of `path` (one level, 0755) if it is missing, and takes
 * the lock beside it, PATH.lock, which ends with the process. Waits for half a
 * second, if it must, for a lock that is about to end.
 */
enum door door_lock(const char *path, char why[DOOR_WHY]);

/* Listens at `path`, replacing a socket that nobody listens at any more, and
 * nothing else. The fd, or -1. */
int door_listen(const char *path, int type, mode_t mode, char why[DOOR_WHY]);

/* May every user connect to the socket at `path`? */
bool door_is_open_to_all(const char *path);

/*
 * Listens for programs that cannot reach `path` any more, at an abstract
 * socket whose name goes into `door`. The fd; or -1, and zeros for a name.
 */
int door_listen_unnamed(const char *path, uint64_t door[2]);

#endif
