/*
 * How what was published is taken back: readers are told first, and a reader who
 * is in there finds another generation at the end.
 */
#include "interlude.h"
#include "region.h"

/* The generation comes first. */
static void wipe(
	struct lbd *lbd, struct table_slot *slot, uint64_t from, uint64_t to)
{
	while (from < to) {
		uint64_t bytes = region_piece(to - from);

		table_clear((void *)((char *)slot + from), bytes / 8);
		from += bytes;
		interlude(lbd);
	}
}

static void wipe_all(struct lbd *lbd, struct region *region)
{
	for (int i = 0; i < TABLE_SLOTS; i++)
		wipe(lbd, (void *)(region->base + region->map.slot[i]), 0,
			region->map.slot_size);
	if (region->before)
		wipe_all(lbd, region->before);
}

/* Readers that are ours ask this before anything else. */
static void close_to_readers(struct region *region)
{
	atomic_fetch_or(&region_control(region)->flags,
		TABLE_REVOKED | TABLE_SUPERSEDED);
	if (region->before)
		close_to_readers(region->before);
}

void region_revoke(struct lbd *lbd, struct region *region)
{
	close_to_readers(region);
	wipe_all(lbd, region);
}

void region_revoke_all(struct lbd *lbd, struct region *first)
{
	for (struct region *r = first; r; r = r->next)
		close_to_readers(r);
	for (struct region *r = first; r; r = r->next)
		wipe_all(lbd, r);
}

/* Where the last part of the slot ends. */
static uint64_t used_of(const struct region *region)
{
	uint64_t g, used = sizeof(struct table_slot);
	const struct table_slot *slot = table_open(&region->map, &g);

	for (int i = 0; i < TABLE_PARTS; i++) {
		uint64_t part = table_load(&slot->part[i]);
		uint64_t end = (part >> 32) +
			(part & UINT32_MAX) * region->map.stride[i];

		/* GCOVR_EXCL_BR_START: a list has all parts, one behind the other */
		if (region->map.stride[i] && end > used)
			used = end;
		/* GCOVR_EXCL_BR_STOP */
	}
	return used;
}

void region_forget(struct lbd *lbd, struct region *region, uint64_t used)
{
	uint64_t g, size = region->map.slot_size;
	const struct table_slot *current = table_open(&region->map, &g);

	for (int i = 0; i < TABLE_SLOTS; i++) {
		struct table_slot *slot =
			(void *)(region->base + region->map.slot[i]);

		wipe(lbd, slot, slot == current ? used : 0, size);
	}
	if (region->before)
		region_forget(lbd, region->before, used_of(region->before));
}
