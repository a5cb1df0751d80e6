/* Programs that were denied services when they attached: whoever's connects
 * are denied is one of them. */
#ifndef LBD_SUSPECTS_H
#define LBD_SUSPECTS_H

#include <stdint.h>
#include <sys/types.h>

enum { SUSPECTS_MOST = 4, SUSPECT_EXE_BYTES = 128 };

struct suspect {
	pid_t pid; /* 0: in a pid namespace that is none of ours */
	int rule;  /* index in the list's rules; -1: none matched */
	char exe[SUSPECT_EXE_BYTES]; /* the end of a long one; "": unknown */
};

/* Those of one user that were denied one list. */
struct suspects {
	uid_t user;
	uint32_t list; /* its id; 0: nobody's yet */
	double last;
	unsigned count, forgotten;
	struct suspect one[SUSPECTS_MOST]; /* the newest first */
};

struct lineup;

struct lineup *lineup_open(void); /* NULL if memory is short */
void lineup_close(struct lineup *lineup);

/* One more; where there are too many, the oldest is forgotten. */
void lineup_add(struct lineup *lineup, uid_t user, uint32_t list,
	const struct suspect *suspect, double now);

/* NULL: none, or all forgotten. */
struct suspects *lineup_find(
	const struct lineup *lineup, uid_t user, uint32_t list);

/* What they did is told: who has ended since can do no more. */
void suspects_told(struct suspects *suspects);

/* Fills in the program of a process, if lbd may know it; without what would
 * disturb a log. */
void suspect_look_at(struct suspect *suspect, pid_t pid);

#endif
