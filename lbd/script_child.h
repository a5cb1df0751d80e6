/* The child's side of a script: from fork() to another program. */
#ifndef LBD_SCRIPT_CHILD_H
#define LBD_SCRIPT_CHILD_H

#include <sys/types.h>

/* Read ends: of what it writes to stderr; of an int, why it did not start:
 * nothing if it did. Both do not block. */
struct script_pipes {
	int said, trouble;
};

/*
 * Runs argv[0] in a session of its own. Its pid, or -1 with errno. fork() and
 * not vfork(): a program on a file server that hangs hangs the child alone.
 */
pid_t script_fork(
	char *const argv[], char *const env[], struct script_pipes *pipes);

#endif
