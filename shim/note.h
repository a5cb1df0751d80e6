/* What a program has left with epoll_ctl(), by the number of the descriptor. */
#ifndef SHIM_NOTE_H
#define SHIM_NOTE_H

#include <stdbool.h>
#include <stdint.h>

/* A note as it stands. */
struct noted {
	uint64_t data;
	uint64_t events; /* 0: there is none */
};

/*
 * `fd` is registered with this now, in whatever epoll; what was noted before.
 * Numbers beyond those that are remembered are not noted.
 */
struct noted note_take(int fd, uint64_t data, uint32_t events);

/* The kernel has refused it. */
void note_put_back(int fd, struct noted before);

/* The number is another's: it is registered nowhere. */
void note_forget(int fd);

/* Was `fd` left `data`? */
bool note_is(int fd, uint64_t data);

/* The events that `fd` was registered for; 0 if it was not. */
uint32_t note_events(int fd);

/* The first number from `fd` on, below `end`, that was left `data`; else `end`. */
int note_find(int fd, int end, uint64_t data);

/* No number from here on was left anything but its own number. */
int note_end(void);

#endif
