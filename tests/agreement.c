#include "agreement.h"

static enum table_family family_of(const struct backend *b)
{
	return addr_is_v4(&b->conf->addr) ? FAMILY_V4 : FAMILY_V6;
}

/* The rules of the wheel once more, in other words. */
static void check_wheel(const struct outside *o, const struct service *s,
	enum table_family family)
{
	uint64_t tier[2] = {0}, willing = 0, wheel;
	bool panic;

	for (size_t i = 0; i < s->backends; i++) {
		const struct backend *b = s->backend[i];

		if (family_of(b) != family)
			continue;
		if (b->will == WILL_READY)
			willing |= 1ULL << i;
		if (b->will == WILL_READY && b->health.state != HEALTH_DOWN &&
			!b->ejection.out)
			tier[b->conf->backup] |= 1ULL << i;
	}
	wheel = outside_wheel(s, family, &panic);
	if (tier[0] || tier[1] || s->conf->panic == PANIC_OFF) {
		outside_holds(o, !panic, s->backend[0],
			"panic while some are usable");
		outside_holds(o, wheel == (tier[0] ? tier[0] : tier[1]),
			s->backend[0],
			"the wheel is not that of the usable ones");
	} else if (willing) {
		outside_holds(o, panic && (wheel & willing) == willing,
			s->backend[0],
			"nobody is usable, and not all are tried");
	}
}

static void check_state_word(const struct outside *o, const struct backend *b)
{
	const struct service *s = b->service;
	uint64_t g;
	const struct table_slot *slot = table_open(&s->list->region->map, &g);
	const struct table_backend *at = (const void *)((const char *)slot +
		(table_load(&slot->part[PART_BACKENDS]) >> 32));
	bool down = table_load(&at[s->placement.first + b->ordinal].state) &
		STATE_DOWN;

	outside_holds(o, down == !health_is_usable(b), b,
		"its state word is another");
}

void agreement_check(const struct outside *o, const struct service *s)
{
	for (size_t i = 0; i < s->backends; i++)
		check_state_word(o, s->backend[i]);
	for (int f = 0; f < FAMILIES; f++)
		check_wheel(o, s, f);
}
