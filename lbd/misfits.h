/* Programs whose library reads a layout that lbd does not serve, by pid. */
#ifndef LBD_MISFITS_H
#define LBD_MISFITS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { MISFITS_MAX = 32 };

struct misfit {
	pid_t pid;
	uint32_t layout;
	double asked; /* last, on the clock of the calls below */
};

struct misfits {
	struct misfit of[MISFITS_MAX];
	size_t count;
};

/* One has asked. A pid that is not known, 0, is not kept; where there is no room
 * it takes the place of whoever asked longest ago. */
void misfits_note(struct misfits *m, pid_t pid, uint32_t layout, double now);

/* Forgets who has ended, or has not asked for so long that it must be somebody
 * else by now, or well served. */
void misfits_settle(struct misfits *m, double now);

#endif
