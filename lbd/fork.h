/* Children of lbd, without anything of it that could do harm. */
#ifndef LBD_FORK_H
#define LBD_FORK_H

#include <sys/types.h>

/*
 * As fork(). No handler of lbd's can run in the child, where all signals wait
 * until fork_plain_signals() gives them back what they do by default.
 */
pid_t fork_quietly(void);
void fork_plain_signals(void);

#endif
