/* Who the process is, as far as rules go: set*id(2), setgroups(2). */
#ifndef SHIM_IDENTITY_H
#define SHIM_IDENTITY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* What lbd judges by, and the kernel tells it of whoever connects. */
struct ids {
	uint32_t user, group; /* effective */
	uint64_t groups;      /* a fingerprint; 0: could not be told */
};

/* Another one with every call that changed who the process is, or may have. */
extern _Atomic uint64_t identity_epoch;

/* Who the process was, and where it stood in that. */
struct identity_moment {
	struct ids who;
	uint64_t epoch, begun;
};

static inline bool identity_same(const struct ids *a, const struct ids *b)
{
	return a->user == b->user && a->group == b->group && a->groups &&
		a->groups == b->groups;
}

void identity_note(struct identity_moment *now);

/* Has it been the same one ever since, without a break? */
bool identity_lasted(const struct identity_moment *since);

/* Every identity that the process can still take on. */
struct identity_ways {
	uint32_t user[3], group[3]; /* real, effective, saved */
	uint64_t groups;
};

void identity_find_ways(struct identity_ways *ways);

bool identity_leads_to(const struct identity_ways *ways, const struct ids *who);

/*
 * Is the memory that of another process, which has attached? So it is after
 * vfork(2), whose child is on its way to be another program.
 */
bool identity_is_borrowed(void);

/* True if this surely is the process that the memory belongs to. */
bool identity_is_own(void);

#endif
