#include "naive_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void naive_want(bool is_so, const char *broken)
{
	if (is_so)
		return;
	fprintf(stderr, "%s\n", broken);
	abort();
}

uint64_t word_at(const struct view *v, uint64_t at)
{
	uint64_t word;

	naive_want(at >= v->slot && at % 8 == 0 &&
			at + 8 <= v->slot + v->map->slot_size &&
			at + 8 <= v->p->size,
		"the reader of the test reads beyond a slot");
	memcpy(&word, v->p->base + at, sizeof(word));
	return word;
}

struct view naive_view(const struct published *p, const struct table_map *map,
	uint64_t generation)
{
	return (struct view){p, map, map->slot[generation % TABLE_SLOTS]};
}

bool view_is_whole(const struct view *v, uint64_t generation)
{
	return generation &&
		word_at(v, v->slot + AT(table_slot, generation)) == generation;
}

bool part_of(const struct view *v, int number, struct part *part)
{
	uint64_t word = word_at(
		v, v->slot + AT(table_slot, part) + 8 * (uint64_t)number);
	uint64_t at = word >> 32;

	part->stride = v->map->stride[number];
	part->count = word & UINT32_MAX;
	part->at = v->slot + at;
	return at % 8 == 0 && at <= v->map->slot_size &&
		part->count <= (v->map->slot_size - at) / part->stride;
}

uint64_t entry_at(const struct part *part, uint64_t hash, int turn)
{
	if (!part->count || part->count & (part->count - 1))
		return 0;
	return part->at + (hash + (uint64_t)turn) % part->count * part->stride;
}
