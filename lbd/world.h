/* From a configuration to what runs: keeps what the file still has. */
#ifndef LBD_WORLD_H
#define LBD_WORLD_H

#include "lbd.h"

/*
 * Goes over to `conf`, which the world then owns: services are known by name,
 * backends by address, lists by their rules; what is known keeps its health,
 * numbers and region. False if memory is short; nothing has changed then, and
 * `conf` is still the caller's. With the world's own, callers are judged anew by
 * rules that ask for this host's addresses. It has interludes: until it returns
 * nobody else may call it.
 */
bool world_change(struct lbd *lbd, struct conf *conf);

/* What a file takes: bytes of the region of keys, and of the list regions, in all
 * and of the largest. False without memory. */
struct world_size {
	size_t lists;
	uint64_t keys, all, largest;
};
bool world_measure(struct conf *conf, struct world_size *size);

/* Ends all probing and frees everything; callers keep what they have mapped. */
void world_end(struct lbd *lbd);

#endif
