/*
 * List regions: services, their backends and wheels. A configuration fills a
 * fresh slot; what health changes is written into the slot that readers are in:
 * a backend's state word, and a turn of its service's wheel.
 */
#include "before.h"
#include "interlude.h"
#include "publish.h"
#include "publish_labels.h"
#include "publish_wheels.h"

#include <string.h>

static uint64_t padded(uint64_t bytes)
{
	return (bytes + 7) / 8 * 8;
}

static uint64_t wheel_words(const struct service *s)
{
	uint64_t words = 0;

	for (int f = 0; f < FAMILIES; f++) {
		uint32_t room = publish_wheel_room(s, f);

		words += room ? table_wheel_words(room) : 0;
	}
	return words;
}

/* Entries of each part, in enum order. */
static void count_parts(const struct list *list, uint64_t count[TABLE_PARTS])
{
	memset(count, 0, TABLE_PARTS * sizeof(*count));
	count[PART_SERVICES] = list->services;
	for (size_t i = 0; i < list->services; i++) {
		count[PART_BACKENDS] += list->service[i]->backends;
		count[PART_WHEELS] += wheel_words(list->service[i]);
		count[PART_LABELS] += publish_label_words(list->service[i]);
	}
}

static const uint64_t part_size[TABLE_PARTS] = {
	[PART_SERVICES] = sizeof(struct table_service),
	[PART_BACKENDS] = sizeof(struct table_backend),
	[PART_WHEELS] = 8,
	[PART_LABELS] = 8,
};

bool publish_reserve(const struct world *world)
{
	return publish_wheels_reserve(world) && publish_labels_reserve(world);
}

void publish_end(void)
{
	publish_wheels_end();
	publish_labels_end();
}

uint64_t publish_list_need(const struct list *list)
{
	uint64_t count[TABLE_PARTS], need = sizeof(struct table_slot);

	count_parts(list, count);
	for (int i = 0; i < TABLE_PARTS; i++)
		need += padded(count[i] * part_size[i]);
	return need;
}

static struct table_slot *current_slot(const struct region *region)
{
	uint64_t g;

	return (struct table_slot *)table_open(&region->map, &g);
}

static void *part_at(struct table_slot *slot, int part)
{
	return (char *)slot + (table_load(&slot->part[part]) >> 32);
}

/* `c`: what the file says of it, or will as soon as a reload is done. */
static uint64_t state_word(
	const struct backend *b, const struct backend_conf *c)
{
	const struct addr *a = &c->addr;

	return (uint64_t)table_tag(a->hi, a->lo, a->port) << 48 |
		(health_is_usable(b) ? 0 : STATE_DOWN) |
		(b->full ? STATE_FULL : 0) |
		state_room(c->max_conns, b->standing) |
		state_pick(b->pick ? b->pick : 256) | state_load(b->load);
}

static void write_backend(struct table_backend *to, const struct backend *b,
	const struct backend_conf *c)
{
	const struct addr *a = &c->addr;

	table_store(&to->addr_hi, a->hi);
	table_store(&to->addr_lo, a->lo);
	table_store(&to->where, (uint64_t)a->port << 48 | b->number);
	table_store(&to->state, state_word(b, c));
}

static void write_service(
	struct table_slot *slot, struct service *s, uint64_t label)
{
	struct table_service *to = part_at(slot, PART_SERVICES);
	struct table_backend *b = part_at(slot, PART_BACKENDS);
	const struct service_conf *conf = s->conf;
	_Atomic uint64_t *labels = part_at(slot, PART_LABELS);

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
	for (size_t i = 0; i < s->backends; i++)
		write_backend(b + s->placement.first + i, s->backend[i],
			&conf->backend[i]);
	publish_labels(labels + label, s);
	publish_wheels_write(part_at(slot, PART_WHEELS), s);
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

static void lay_out(struct table_slot *slot, const struct list *list)
{
	uint64_t count[TABLE_PARTS], at = sizeof(*slot);

	count_parts(list, count);
	table_store(&slot->flags, 0);
	table_store(&slot->seed, 0);
	for (int i = 0; i < TABLE_PARTS; i++) {
		table_store(&slot->part[i], at << 32 | count[i]);
		at += padded(count[i] * part_size[i]);
	}
	table_clear(part_at(slot, PART_WHEELS), count[PART_WHEELS]);
}

void publish_list_fill(struct lbd *lbd, struct list *list)
{
	uint64_t end[TABLE_PARTS] = {0};
	struct table_slot *slot = region_fill(list->region);

	lay_out(slot, list);
	for (size_t i = 0; i < list->services; i++) {
		struct service *s = list->service[i];

		if (lbd)
			interlude(lbd);
		s->stale = false;
		place_service(s, (uint32_t)i, end);
		write_service(slot, s, end[PART_LABELS]);
		end[PART_LABELS] += publish_label_words(s);
	}
}

static void show(struct region *region, const struct list *list)
{
	if (!region || !region->filled)
		return;
	publish_commit(region);
	region_guard(region, list->rules->count > 0);
}

void publish_list_show(struct list *list)
{
	show(list->region, list);
	show(list->replaced, list);
	for (struct region *r = list->outgrown; r; r = r->next)
		show(r, list);
}

static void hide(struct region *region)
{
	if (region)
		region->filled = NULL;
}

void publish_list_hide(struct list *list)
{
	hide(list->region);
	hide(list->replaced);
	for (struct region *r = list->outgrown; r; r = r->next)
		hide(r);
}

void publish_list(struct list *list)
{
	publish_list_fill(NULL, list);
	show(list->region, list);
}

/* Once more, into a slot that nobody has seen. */
static void refresh(struct service *s)
{
	struct table_slot *slot = s->list->region->filled;
	struct table_backend *to = part_at(slot, PART_BACKENDS);

	s->stale = false;
	for (size_t i = 0; i < s->backends; i++)
		table_store(&to[s->placement.first + i].state,
			state_word(s->backend[i], &s->conf->backend[i]));
	publish_wheels_write(part_at(slot, PART_WHEELS), s);
	s->list->stirred = true;
}

void publish_catch_up(struct lbd *lbd, struct world *world)
{
	for (size_t i = 0; i < world->services; i++) {
		if (!world->service[i].stale)
			continue;
		if (lbd)
			interlude(lbd);
		refresh(&world->service[i]);
	}
}

void publish_state(struct backend *b)
{
	struct service *s = b->service;
	struct table_backend *to;

	if (s->gone)
		return;
	if (s->heir)
		s->heir->stale = true;
	to = part_at(current_slot(s->list->region), PART_BACKENDS);
	to += s->placement.first + b->ordinal;
	table_store(&to->state, state_word(b, b->conf));
	before_state(s->list->region, s->placement.first + b->ordinal);
	s->list->stirred = true;
}

void publish_wheels(struct service *s)
{
	struct region *region = s->list->region;

	publish_wheels_write(part_at(current_slot(region), PART_WHEELS), s);
	if (region->before)
		publish_wheels_write(before_wheels(region), s);
}
