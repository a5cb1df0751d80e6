/* Children of lbd, without anything of it that could do harm. */
#ifndef LBD_FORK_H
#define LBD_FORK_H

#include <sys/types.h>
#include <unistd.h>

enum { FORK_KEPT = STDERR_FILENO + 1 };

/*
 * As fork(). No handler of lbd's can run in the child, where all signals wait
 * until fork_plain_signals() gives them back what they do by default.
 */
pid_t fork_quietly(void);
void fork_plain_signals(void);

/*
 * `fd` becomes FORK_KEPT; beside that and the three standard ones the child has
 * no descriptor then. That execve() would close them is not enough: one that
 * hangs, on a file server that is gone, keeps what lbd has locked and listens
 * at, even when lbd is dead.
 */
void fork_keep_only(int fd);

#endif
