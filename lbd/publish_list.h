/* A list in its regions: the one that callers are given, the one that it is to
 * replace, and those that it has outgrown. */
#ifndef LBD_PUBLISH_LIST_H
#define LBD_PUBLISH_LIST_H

#include "lbd.h"

/* How much of a list goes into a region. */
struct extent {
	size_t services; /* the first so many, */
	size_t backends; /* of each the first so many */
};

/* One of the list's regions after the other: NULL comes first and last. */
struct region *publish_list_next(
	const struct list *list, const struct region *region);

/* How many services the region holds, where each has at most so many backends.
 * With interludes, as what follows; lbd NULL: at once. */
size_t publish_list_fitting(struct lbd *lbd, const struct list *list,
	const struct region *region, size_t most);

/* Into one of the list's regions, where nobody looks yet. */
void publish_list_write(struct lbd *lbd, const struct list *list,
	struct region *region, struct extent extent);

/* A part of a slot. */
static inline void *publish_part(struct table_slot *slot, int part)
{
	return (char *)slot + (table_load(&slot->part[part]) >> 32);
}

/* As callers are told of `b`; `c`: what the file says of it, or will as soon as
 * a reload is done. */
uint64_t publish_state_word(
	const struct backend *b, const struct backend_conf *c);

#endif
