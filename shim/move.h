/* One move: from a backend that failed to the next, on the same descriptor. */
#ifndef SHIM_MOVE_H
#define SHIM_MOVE_H

#include "pending.h"

/*
 * Sends a claimed connection on. `err` is what the host was or would be told; 0
 * where the kernel still has it. Returns
 *
 *	CONNECT	it is under way again
 *	PEER	the kernel waits for the first byte, to send it along
 *	NOT	there is no other backend; nothing has changed
 *	SPENT	it came to nothing; p->owed is the error
 */
enum pending_kind move_on(int fd, struct pending *p, int err);

/* The last backend that was tried has answered with `err`; 0 = it stands. */
void move_report(int fd, const struct pending *p, int err);

/* SO_ERROR of `fd`: the kernel tells once. */
int move_take_error(int fd);

#endif
