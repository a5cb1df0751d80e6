/*
 * Beside a region its twin in the layout before, as soon as somebody reads it:
 * filled anew from the region's own slot with every publish, by the same
 * protocol; what health changes goes into both at once. Parts keep their order,
 * entries their places; what differs is what an entry looks like.
 */
#include "before.h"

/* How an entry of each part looked, and how to make it from one of now. */
struct form {
	uint64_t stride;
	void (*make)(void *to, const void *from); /* NULL: word by word */
};

#ifdef TABLE_TEST_MAJOR
struct backend_before {
	_Atomic uint64_t addr_hi, addr_lo, where, state;
};
static_assert(sizeof(struct backend_before) == 32, "layout was ABI");

static void make_backend(void *to, const void *from)
{
	struct backend_before *b = to;
	const struct table_backend *now = from;

	table_store(&b->addr_hi, table_load(&now->addr_hi));
	table_store(&b->addr_lo, table_load(&now->addr_lo));
	table_store(&b->where, table_load(&now->where));
	table_store(&b->state, table_load(&now->state));
}
#endif

static const struct form forms[][TABLE_PARTS] = {
	[TABLE_KEYS] =
		{
			[PART_KEYS] = {sizeof(struct table_key), NULL},
			[PART_NAMES] = {sizeof(struct table_name), NULL},
			[PART_TEXT] = {8, NULL},
		},
	[TABLE_LIST] =
		{
			[PART_SERVICES] = {sizeof(struct table_service), NULL},
#ifdef TABLE_TEST_MAJOR
			[PART_BACKENDS] = {sizeof(struct backend_before),
				make_backend},
#else
			[PART_BACKENDS] = {sizeof(struct table_backend), NULL},
#endif
			[PART_WHEELS] = {8, NULL},
			[PART_LABELS] = {8, NULL},
		},
};

bool before_is(uint32_t major)
{
	return TABLE_MAJOR_BEFORE && major == TABLE_MAJOR_BEFORE;
}

static void copy_words(void *to, const void *from, uint64_t bytes)
{
	_Atomic uint64_t *word = to;
	const _Atomic uint64_t *old = from;

	for (uint64_t i = 0; i < bytes / 8; i++)
		table_store(&word[i], table_load(&old[i]));
}

/* Entry `i`, of a part that begins at `to` and at `from`. */
static void make_entry(const struct form *form, char *to, const char *from,
	uint64_t stride, uint64_t i)
{
	to += i * form->stride;
	from += i * stride;
	/* GCOVR_EXCL_BR_START: nothing looks otherwise yet */
	if (form->make)
		form->make(to, from);
	else
		copy_words(to, from, form->stride);
	/* GCOVR_EXCL_BR_STOP */
}

static void make_part(struct region *region, const struct table_slot *from,
	struct table_slot *to, int part, uint64_t *at)
{
	const struct form *form = &forms[region->kind][part];
	uint64_t word = table_load(&from->part[part]);
	uint64_t count = word & UINT32_MAX;

	if (!form->stride) {
		table_store(&to->part[part], word);
		return;
	}
	table_store(&to->part[part], *at << 32 | count);
	for (uint64_t i = 0; i < count; i++)
		make_entry(form, (char *)to + *at,
			(const char *)from + (word >> 32),
			region->map.stride[part], i);
	*at += count * form->stride;
}

void before_publish(struct region *region)
{
	struct region *before = region->before;
	uint64_t g, at = sizeof(struct table_slot);
	const struct table_slot *from = table_open(&region->map, &g);
	struct table_slot *to;

	if (!before)
		return;
	to = table_begin(before->base, &before->map, &g);
	table_store(&to->seed, table_load(&from->seed));
	table_store(&to->flags, table_load(&from->flags));
	table_store(&to->networks, table_load(&from->networks));
	for (int i = 0; i < TABLE_PARTS; i++)
		make_part(region, from, to, i, &at);
	table_commit(before->base, to, g);
}

/* Enough for whatever a slot of the region can hold. */
static uint64_t need_of(const struct region *region)
{
	uint64_t need = region->map.slot_size;

	for (int i = 0; i < TABLE_PARTS; i++) {
		uint64_t now = region->map.stride[i];
		uint64_t then = forms[region->kind][i].stride;

		/* GCOVR_EXCL_BR_START: nothing was longer */
		if (now && then > now)
			need = region->map.slot_size / now * then;
		/* GCOVR_EXCL_BR_STOP */
	}
	return need;
}

struct region *before_of(struct region *region)
{
	uint64_t stride[TABLE_PARTS];

	if (region->before)
		return region->before;
	for (int i = 0; i < TABLE_PARTS; i++)
		stride[i] = forms[region->kind][i].stride;
	region->before = region_create_as(NULL, TABLE_MAJOR_BEFORE,
		region->kind, need_of(region), stride);
	if (!region->before)
		return NULL;
	before_publish(region);
	region_guard(region->before,
		table_load(&region_control(region)->flags) & TABLE_GUARDED);
	return region->before;
}

/* A part of the slot that readers are in. */
static char *part_of(const struct region *region, int part)
{
	uint64_t g;
	const struct table_slot *slot = table_open(&region->map, &g);

	return (char *)slot + (table_load(&slot->part[part]) >> 32);
}

void before_state(struct region *region, uint64_t backend)
{
	if (region->before)
		make_entry(&forms[TABLE_LIST][PART_BACKENDS],
			part_of(region->before, PART_BACKENDS),
			part_of(region, PART_BACKENDS),
			region->map.stride[PART_BACKENDS], backend);
}

_Atomic uint64_t *before_wheels(struct region *region)
{
	return region->before ? (void *)part_of(region->before, PART_WHEELS)
			      : NULL;
}
