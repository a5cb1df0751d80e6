/* Tables that lbd publishes, in memory that ends where they end. */
#ifndef TESTS_PUBLISHED_H
#define TESTS_PUBLISHED_H

#include "shim/attach.h"

#include <stdbool.h>

enum { PUBLISHED_REGIONS = 4, PUBLISHED_LISTS = PUBLISHED_REGIONS - 1 };

/* One region: `size` bytes at `base`, and not a byte behind them. */
struct published {
	char *base;
	uint64_t size;
	char *whole; /* as it was published */
	uint32_t id; /* of a list */
};

/*
 * What lbd makes of the one text and then of the other: the key region and up
 * to PUBLISHED_LISTS list regions. Both generations stand there, and nothing
 * else: a slot is as long as what is in it, and the region ends with the
 * youngest. Returns how many there are.
 */
unsigned published_make(
	struct published *to, const char *before, const char *text);

/* Memory with a page behind it that cannot be touched; never freed. */
char *published_fence(uint64_t size);

/* Both headers are of what stands in the first, or adds up there. */
void published_seal(struct published *p);

#endif
