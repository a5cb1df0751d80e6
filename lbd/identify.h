/* Who is at the other end of a Unix socket, as the kernel knows it. */
#ifndef LBD_IDENTIFY_H
#define LBD_IDENTIFY_H

#include "acl.h"

/* Room for what is found out; NULL if memory is short. */
struct identify *identify_new(void);
void identify_free(struct identify *room);

/*
 * Fills `who`, but for this host's addresses; its pointers are good until the
 * next call. `needs` are the SUBJECT_* that rules ask for: program and control
 * group are found out only then. False if the peer is gone.
 */
bool identify_peer(
	struct identify *room, int fd, unsigned needs, struct identity *who);

/* Does every user have a number in this process's user namespace? */
bool identify_sees_all_users(void);

/*
 * The same of a process by its pid, with the program, as if it attached now.
 * Not for decisions: the pid may be another's by then.
 */
bool identify_process(struct identify *room, pid_t pid, struct identity *who);

#endif
