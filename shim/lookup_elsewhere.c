/*
 * Where a service was: its list is new, and lbd does not say to whom it is
 * open. Searched by its tag, from the front; this is not the usual way.
 */
#include "lookup.h"

/* The service with the route's tag in one slot; its index, or the count. */
static uint64_t find_tag(const struct table_map *map,
	const struct table_slot *slot, uint64_t *count, uint32_t tag)
{
	const char *part = table_part(map, slot, PART_SERVICES, count);
	uint64_t i = 0;

	if (!part)
		*count = 0;
	for (; i < *count; i++, part += map->stride[PART_SERVICES]) {
		const struct table_service *s = (const void *)part;

		if (table_load(&s->id) >> 32 == tag)
			break;
	}
	return i;
}

static bool find_in_list(const struct table_map *map, struct route *route)
{
	uint64_t g, i, count;
	const struct table_slot *slot = table_open(map, &g);

	for (int back = 0; back < 2; back++) {
		i = find_tag(map, slot, &count, route->tag);
		if (i < count && table_whole(slot, g)) {
			route->service = (uint32_t)i;
			return true;
		}
		slot = table_open_previous(map, &g);
	}
	return false;
}

bool lookup_elsewhere(const struct attachment *a, struct route *route)
{
	for (uint32_t i = 0; i < a->lists; i++)
		if (a->list[i].map.base &&
			find_in_list(&a->list[i].map, route)) {
			route->list = i;
			return true;
		}
	return false;
}
