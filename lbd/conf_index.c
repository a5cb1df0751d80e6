/*
 * Finds what stands twice: a hash table of pointers, never more than half
 * full. Made empty again it keeps its memory, as most of them are small and
 * there is one after the other.
 */
#include "conf_parts.h"

#include <stdlib.h>
#include <string.h>

bool index_clear(struct draft *d, struct index *ix, size_t items)
{
	size_t room = 16;

	while (room < 2 * items)
		room *= 2;
	if (ix->held < room) {
		const void **slot = reallocarray(ix->slot, room, sizeof(*slot));

		if (!slot) {
			d->exhausted = true;
			return false;
		}
		ix->slot = slot;
		ix->held = room;
	}
	ix->room = room;
	memset(ix->slot, 0, room * sizeof(*ix->slot));
	return true;
}

static const void **find_slot(
	const struct index *ix, uint64_t hash, const void *like)
{
	size_t at = hash & (ix->room - 1);

	while (ix->slot[at] && !ix->same(ix->slot[at], like))
		at = (at + 1) & (ix->room - 1);
	return &ix->slot[at];
}

const void *index_add(struct index *ix, uint64_t hash, const void *item)
{
	const void **slot = find_slot(ix, hash, item), *first = *slot;

	if (!first)
		*slot = item;
	return first;
}

const void *index_find(const struct index *ix, uint64_t hash, const void *like)
{
	return *find_slot(ix, hash, like);
}

void index_free(struct index *ix)
{
	free(ix->slot);
	*ix = (struct index){0};
}

/* FNV-1a */
uint64_t hash_text(struct span text)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < text.size; i++)
		h = (h ^ (unsigned char)text.at[i]) * 0x100000001b3ULL;
	return table_mix(h);
}

uint64_t hash_address(const struct addr *a, unsigned seed)
{
	return table_hash(a->hi, a->lo, a->port, seed);
}
