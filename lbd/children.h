/* Processes that lbd has forked, and who waits for them. */
#ifndef LBD_CHILDREN_H
#define LBD_CHILDREN_H

#include <stdbool.h>
#include <sys/types.h>

struct ev_loop;

struct child {
	pid_t pid;
	int status; /* as from wait(), when it has ended */
	void (*ended)(struct child *child);
	void *data;
	struct child *next;
};

/* In the loop that signals are heard of in. */
void children_open(void);

/* True if the end of a child can be heard of in that loop. */
bool children_end_in(const struct ev_loop *loop);

/* Of a child just forked, of which pid and `ended` are set: that is called once,
 * and `child` is not looked at after that. */
void children_watch(struct child *child);

/* Nobody waits for it any more; if it lives, it is reaped when it has ended. */
void children_forget(struct child *child);

#endif
