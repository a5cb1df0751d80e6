/* From a descriptor somebody sent to memory that can be read safely. */
#ifndef SHIM_MAPPING_H
#define SHIM_MAPPING_H

#include "counters.h"
#include "table.h"

enum mapping {
	MAPPING_OK,
	MAPPING_FAILED,	    /* not a sealed memory file, or no memory */
	MAPPING_UNREADABLE, /* another layout, or damaged */
};

/* Maps a region read-only. The descriptor stays the caller's. */
enum mapping mapping_region(
	int fd, enum table_kind kind, struct table_map *map);

/* Maps counters for writing; NULL where they make no sense. */
struct counters *mapping_counters(int fd, uint64_t *services);

/* Unmaps what nobody else has seen yet; NULL is fine. */
void mapping_drop(const void *at, uint64_t size);

/*
 * Takes a region of `size` bytes at `base` apart: one of the two headers must
 * be whole, of our major, and have everything inside the region.
 */
bool mapping_parse(const char *base, uint64_t size, enum table_kind kind,
	struct table_map *map);

#endif
