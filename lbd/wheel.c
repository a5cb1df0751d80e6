/*
 * The wheel: from health, tiers and weights to stops. Who is on it is decided
 * here and nowhere else; callers only decide where it stops.
 */
#include "wheel.h"
#include "conf.h"

enum tier { TIER_USABLE, TIER_BACKUP, TIER_ALL_PRIMARY, TIER_ALL };

static bool on_tier(const struct wheel_item *item, enum tier tier)
{
	switch (tier) {
	case TIER_USABLE:
		return item->usable && !item->backup;
	case TIER_BACKUP:
		return item->usable && item->backup;
	case TIER_ALL_PRIMARY:
		return !item->backup;
	default:
		return true;
	}
}

static size_t count(const struct wheel_item *item, size_t items, enum tier tier)
{
	size_t n = 0;

	for (size_t i = 0; i < items; i++)
		n += on_tier(&item[i], tier);
	return n;
}

/* A share of nothing usable is not panic's while backups can help. */
static enum tier choose_tier(
	const struct wheel_item *item, size_t items, int panic)
{
	size_t usable = count(item, items, TIER_USABLE);
	size_t primary = count(item, items, TIER_ALL_PRIMARY);

	if (usable)
		return panic != PANIC_OFF && usable < primary &&
				usable * 100 <= primary * (size_t)panic
			? TIER_ALL_PRIMARY
			: TIER_USABLE;
	if (panic == PANIC_OFF || count(item, items, TIER_BACKUP))
		return TIER_BACKUP;
	return TIER_ALL;
}

static uint32_t gcd(uint32_t a, uint32_t b)
{
	while (b) {
		uint32_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

uint32_t wheel_step(uint32_t total)
{
	uint32_t near = (uint32_t)((uint64_t)total * 618 / 1000);

	for (uint32_t off = 0; total > 2 && off < total; off++) {
		if (near + off < total && gcd(near + off, total) == 1)
			return near + off;
		if (off < near && gcd(near - off, total) == 1)
			return near - off;
	}
	return 1;
}

void wheel_make(struct wheel_plan *plan, const struct wheel_item *item,
	size_t items, int panic)
{
	enum tier tier = choose_tier(item, items, panic);

	plan->panic = tier == TIER_ALL || tier == TIER_ALL_PRIMARY;
	plan->stops = 0;
	plan->total = 0;
	for (size_t i = 0; i < items; i++) {
		if (!on_tier(&item[i], tier))
			continue;
		plan->total += item[i].weight;
		plan->stop[plan->stops++] =
			(uint64_t)plan->total << 32 | item[i].ordinal;
	}
	plan->step = wheel_step(plan->total);
}
