/* Signals, as callbacks of the loop. */
#ifndef LBD_LOOP_SIGNALS_H
#define LBD_LOOP_SIGNALS_H

#include <ev.h>
#include <stdbool.h>

typedef void loop_signals_heard(void *data);

/*
 * From here on what loop_signals_on() names is heard of in that loop, and in
 * no other: a process has one. False with errno.
 */
bool loop_signals_open(struct ev_loop *loop);

/* The loop that signals are heard of in; NULL: none. */
struct ev_loop *loop_signals_of(void);

/*
 * Never again does that signal what signals do by themselves: `heard` is called
 * for one or more of them. NULL: nobody is.
 */
void loop_signals_on(int sig, loop_signals_heard *heard, void *data);

/* Before the loop is gone. What was named waits, for ever. */
void loop_signals_close(void);

#endif
