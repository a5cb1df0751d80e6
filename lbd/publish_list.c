/*
 * List regions: services, their backends and wheels. A configuration fills a
 * fresh slot; what health changes goes into it later, see publish_state.c.
 */
#include "publish_list.h"
#include "interlude.h"
#include "publish.h"
#include "publish_labels.h"
#include "publish_wheels.h"

#include <string.h>

static uint64_t wheel_words(const struct service *s)
{
	uint64_t words = 0;

	for (int f = 0; f < FAMILIES; f++) {
		uint32_t room = publish_wheel_room(s, f);

		words += room ? table_wheel_words(room) : 0;
	}
	return words;
}

/* Adds the service's entries of each part. */
static void count_service(const struct service *s, uint64_t count[TABLE_PARTS])
{
	count[PART_SERVICES]++;
	count[PART_BACKENDS] += s->backends;
	count[PART_WHEELS] += wheel_words(s);
	count[PART_LABELS] += publish_label_words(s);
}

/* Of an entry of each part; whole words, all of them. */
static const uint64_t part_size[TABLE_PARTS] = {
	[PART_SERVICES] = sizeof(struct table_service),
	[PART_BACKENDS] = sizeof(struct table_backend),
	[PART_WHEELS] = 8,
	[PART_LABELS] = 8,
};

static uint64_t slot_bytes(const uint64_t count[TABLE_PARTS])
{
	uint64_t bytes = sizeof(struct table_slot);

	for (int i = 0; i < TABLE_PARTS; i++)
		bytes += count[i] * part_size[i];
	return bytes;
}

bool publish_reserve(const struct world *world)
{
	return publish_wheels_reserve(world) && publish_labels_reserve(world);
}

void publish_end(void)
{
	publish_wheels_end();
	publish_labels_end();
}

/* A service with no more backends than so many. */
static struct service cut(const struct service *s, size_t most)
{
	struct service less = *s;

	if (less.backends > most)
		less.backends = most;
	return less;
}

uint64_t publish_list_need(const struct list *list)
{
	uint64_t count[TABLE_PARTS] = {0};

	for (size_t i = 0; i < list->services; i++)
		count_service(list->service[i], count);
	return slot_bytes(count);
}

size_t publish_list_fitting(struct lbd *lbd, const struct list *list,
	const struct region *region, size_t most)
{
	uint64_t count[TABLE_PARTS] = {0};

	for (size_t i = 0; i < list->services; i++) {
		struct service s = cut(list->service[i], most);

		interlude(lbd);
		count_service(&s, count);
		if (!region_fits(region, slot_bytes(count)))
			return i;
	}
	return list->services;
}

static void clear_wheels(_Atomic uint64_t *words, const struct service *s)
{
	for (int f = 0; f < FAMILIES; f++) {
		uint64_t place = s->placement.wheel[f];
		uint64_t room = place & UINT32_MAX;
		uint64_t size = room ? table_wheel_words(room) : 0;

		table_clear(words + (place >> 32), size);
	}
}

static void write_backend(struct table_backend *to, const struct backend *b,
	const struct backend_conf *c)
{
	const struct addr *a = &c->addr;

	table_store(&to->addr_hi, a->hi);
	table_store(&to->addr_lo, a->lo);
	table_store(&to->where, (uint64_t)a->port << 48 | b->number);
	table_store(&to->state, publish_state_word(b, c));
}

static void write_service(
	struct table_slot *slot, struct service *s, uint64_t label)
{
	struct table_service *to = publish_part(slot, PART_SERVICES);
	struct table_backend *b = publish_part(slot, PART_BACKENDS);
	const struct service_conf *conf = s->conf;
	_Atomic uint64_t *labels = publish_part(slot, PART_LABELS);
	_Atomic uint64_t *wheels = publish_part(slot, PART_WHEELS);

	to += s->placement.index;
	table_store(&to->id, (uint64_t)s->tag << 32);
	table_store(&to->policy,
		(uint64_t)conf->balance | (uint64_t)conf->retries << 8 |
			(uint64_t)conf->no_backend << 16 |
			(uint64_t)conf->hash_on << 32 |
			(conf->peer_is_real ? POLICY_PEER_IS_REAL : 0));
	table_store(&to->connect_timeout, conf->connect_timeout_ms);
	table_store(&to->backends,
		(uint64_t)s->placement.first << 32 | s->backends);
	for (int f = 0; f < FAMILIES; f++)
		table_store(&to->wheel[f], s->placement.wheel[f]);
	table_store(&to->label, label << 32 | publish_label_size(s));
	table_store(&to->spare, 0);
	for (size_t i = 0; i < s->backends; i++)
		write_backend(b + s->placement.first + i, s->backend[i],
			&conf->backend[i]);
	publish_labels(labels + label, s);
	clear_wheels(wheels, s);
	publish_wheels_write(wheels, s);
}

/* Where the service goes in the slot; moves the ends of the parts on. */
static void place_service(
	struct service *s, uint32_t index, uint64_t end[TABLE_PARTS])
{
	s->placement.index = index;
	s->placement.first = (uint32_t)end[PART_BACKENDS];
	end[PART_BACKENDS] += s->backends;
	for (int f = 0; f < FAMILIES; f++) {
		uint32_t room = publish_wheel_room(s, f);

		s->placement.wheel[f] = end[PART_WHEELS] << 32 | room;
		end[PART_WHEELS] += room ? table_wheel_words(room) : 0;
	}
}

static void lay_out(
	struct table_slot *slot, const struct list *list, struct extent extent)
{
	uint64_t count[TABLE_PARTS] = {0}, at = sizeof(*slot);

	for (size_t i = 0; i < extent.services; i++) {
		struct service s = cut(list->service[i], extent.backends);

		count_service(&s, count);
	}
	table_store(&slot->flags, 0);
	table_store(&slot->seed, 0);
	table_store(&slot->networks, 0);
	for (int i = 0; i < TABLE_PARTS; i++) {
		table_store(&slot->part[i], at << 32 | count[i]);
		at += count[i] * part_size[i];
	}
}

void publish_list_write(struct lbd *lbd, const struct list *list,
	struct region *region, struct extent extent)
{
	uint64_t end[TABLE_PARTS] = {0};
	struct table_slot *slot = region_fill(region);

	lay_out(slot, list, extent);
	for (size_t i = 0; i < extent.services; i++) {
		struct service less, *s = list->service[i];

		interlude(lbd);
		if (region != list->region) {
			less = cut(s, extent.backends);
			s = &less; /* where it stands there nobody notes */
		}
		s->stale = false;
		place_service(s, (uint32_t)i, end);
		write_service(slot, s, end[PART_LABELS]);
		end[PART_LABELS] += publish_label_words(s);
	}
}

void publish_list_fill(struct lbd *lbd, struct list *list)
{
	const struct extent all = {list->services, SIZE_MAX};

	publish_list_write(lbd, list, list->region, all);
}

void publish_list(struct list *list)
{
	publish_list_fill(NULL, list);
	publish_list_show(list);
}

struct region *publish_list_next(
	const struct list *list, const struct region *region)
{
	if (!region)
		return list->region;
	if (region == list->region && list->replaced)
		return list->replaced;
	return region == list->region || region == list->replaced
		? list->outgrown
		: region->next;
}

void publish_list_show(struct list *list)
{
	struct region *r = NULL;

	while ((r = publish_list_next(list, r))) {
		publish_commit(r);
		region_guard(r, list->rules->count > 0);
	}
}

void publish_list_hide(struct list *list)
{
	struct region *r = NULL;

	while ((r = publish_list_next(list, r)))
		r->filled = NULL;
}
