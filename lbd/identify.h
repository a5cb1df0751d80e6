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

/* Does this number, as the kernel reports it, mean one user alone? */
bool identify_knows_user(const struct identify *room, uid_t user);

/*
 * The same of a process by its pid, with the program, as if it attached now.
 * Not for decisions: the pid may be another's by then.
 */
bool identify_process(struct identify *room, pid_t pid, struct identity *who);

/*
 * Of somebody who is only spoken of, by numbers: those that mean nobody here
 * become unknown. `group` are the groups, which are put together.
 */
void identify_described(
	const struct identify *room, gid_t *group, struct identity *who);

#endif
