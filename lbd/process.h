/* What /proc tells of a caller, where the rules ask for it. */
#ifndef LBD_PROCESS_H
#define LBD_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Room for what is read; the texts that are found stand in it. */
struct process_room {
	char exe[4096 + 16]; /* PATH_MAX, and " (deleted)" */
	char cgroup[65536];  /* every hierarchy has a path of 4,096 at most */
};

struct process {
	pid_t pid;
	int pidfd;		   /* -1: the kernel has none */
	char started[24];	   /* then it is known by this */
	const char *exe, *why_exe; /* NULL: not known, and why */
	const char *cgroup, *why_cgroup;
};

/*
 * Of the process that made the other end of socket `fd`, or with -1 of whoever
 * has that pid: the path of its program, and the control group it is in, each
 * if it is asked for.
 */
void process_read(struct process *p, struct process_room *room, int fd,
	pid_t pid, bool exe, bool cgroup);

/* The path in what /proc/PID/cgroup says, which is changed; NULL: `why`. */
const char *process_cgroup_path(char *text, const char **why);

#endif
