/* A reader in a child that is stopped after so many of its instructions. */
#ifndef TESTS_FROZEN_H
#define TESTS_FROZEN_H

#include "fixture.h"

#include <sys/types.h>

struct frozen {
	const struct fixture *f;
	const char *vip;
	uint64_t draw;
	bool unchecked; /* it does not ask whether a slot is whole */
	char *route;	/* what it found; "no backend"; "" until it knows */
};

/* Room for what readers find, one at a time. */
char *frozen_route(void);
void frozen_forget(char *route);

/* Is about to look `vip` up, all the way from the question whether it may be
 * virtual, where it is "passed on" if it is not. */
pid_t frozen_start(struct frozen *r);

/* Steps, or fewer: false if the reader was done before. stepped_finish() is
 * what it takes to know what it found. */
bool frozen_advance(pid_t pid, const struct frozen *r, long steps);

#endif
