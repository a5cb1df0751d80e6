/* A child that is stopped after every single one of its instructions. */
#ifndef TESTS_STEPPED_H
#define TESTS_STEPPED_H

#include <stdbool.h>
#include <sys/types.h>

/* It waits, stopped, right before `act`, and ends right after. */
pid_t stepped_start(void (*act)(void *), void *with);

/* One instruction. False once the child has ended. */
bool stepped_step(pid_t pid);

/* Lets it go on to where it stops by itself. False once it has ended. */
bool stepped_continue(pid_t pid);

/* Lets it go until it has ended, wherever it stops by itself. */
void stepped_finish(pid_t pid);

#endif
