/* Who is at the other end of a Unix socket, as the kernel knows it. */
#ifndef LBD_IDENTIFY_H
#define LBD_IDENTIFY_H

#include "acl.h"

/* Room for what is found out; NULL if memory is short. */
struct identify *identify_new(void);
void identify_free(struct identify *room);

/*
 * Fills `who`; its pointers are good until the next call. `exe` says whether
 * the program is to be found out too. False if the peer is gone.
 */
bool identify_peer(
	struct identify *room, int fd, bool exe, struct identity *who);

/*
 * The same of a process by its pid, with the program, as if it attached now.
 * Not for decisions: the pid may be another's by then.
 */
bool identify_process(struct identify *room, pid_t pid, struct identity *who);

#endif
