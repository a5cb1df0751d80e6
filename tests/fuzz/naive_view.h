/* A slot of a table, of which every word is looked for in the region first. */
#ifndef TESTS_NAIVE_VIEW_H
#define TESTS_NAIVE_VIEW_H

#include "published.h"

/* One slot of a region. */
struct view {
	const struct published *p;
	const struct table_map *map;
	uint64_t slot;
};

/* Entries: where in the region the first is, and how far each is from it. */
struct part {
	uint64_t at, count, stride;
};

#define AT(type, field) (offsetof(struct type, field))

/* Ends the process, and says what is broken, if it is not so. */
void naive_want(bool is_so, const char *broken);

struct view naive_view(const struct published *p, const struct table_map *map,
	uint64_t generation);
bool view_is_whole(const struct view *v, uint64_t generation);

uint64_t word_at(const struct view *v, uint64_t at);

/* False where it is not inside the slot. */
bool part_of(const struct view *v, int number, struct part *part);

/* The entry that a search beginning there looks at in its turn; 0: none. */
uint64_t entry_at(const struct part *part, uint64_t hash, int turn);

#endif
