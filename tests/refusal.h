/*
 * What the system refuses: memory, files that are memory, a look at a file, what
 * a probe does with a socket or a child; and what keys can refuse, a place in
 * their table. In the unit tests every such call of lbd's own passes here first
 * (the linker's --wrap sees to it, so that sanitizers keep their malloc), and the
 * one that a test picks fails.
 */
#ifndef TESTS_REFUSAL_H
#define TESTS_REFUSAL_H

#include <stdbool.h>

struct refusal {
	const char *call; /* "open"; NULL: any of them */
	unsigned long nth;
	bool lasting; /* all after it too */
	int err;      /* NULL and errno; 0: what is usual for the call */

	/* Instead of a failure, this happens right before it. */
	void (*meanwhile)(void);
};

/* From here on; the n-th from now. */
void refusal_begin(struct refusal what);

/* None fails any more. Was it asked so often? */
bool refusal_end(void);

#endif
