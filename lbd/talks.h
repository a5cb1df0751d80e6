/* Conversations with callers: who gets attention, when, and for how long. */
#ifndef LBD_TALKS_H
#define LBD_TALKS_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>

struct talks;

enum served {
	SERVED_NOT_YET, /* the request is not there */
	SERVED_NOTHING, /* nothing was given: the connection can be closed */
	SERVED,		/* descriptors are on their way */
};

/*
 * Reads the request at `fd` and answers it. SERVED: `*held` is how many
 * descriptors were sent.
 */
typedef enum served talks_serve(void *data, int fd, size_t *held);

/* One has ended, and its descriptor is free. */
typedef void talks_ended(void *data);

/* NULL: no memory, or no descriptor. */
struct talks *talks_open(struct ev_loop *loop, talks_serve *serve,
	talks_ended *ended, void *data);

/* Ends all of them. NULL is fine. */
void talks_close(struct talks *talks);

/*
 * Begins one; `fd` is theirs from here on. `answer_size` is what an answer to
 * the most entitled takes, in descriptors.
 */
void talks_begin(struct talks *talks, int fd, size_t answer_size);

/* Ends one that waits, for its descriptor. False: none does. */
bool talks_make_way(struct talks *talks);

#endif
