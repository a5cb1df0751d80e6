/*
 * lbd.ini -> lbd's own writer -> packed: a region is mostly room for what comes
 * later, and who reads beyond a part of it would find that, and no fault.
 */
#include "published.h"
#include "lbd/world.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 4096, YOUNGEST = 2 };

char *published_fence(uint64_t size)
{
	uint64_t room = (size + PAGE - 1) / PAGE * PAGE;
	char *at = mmap(NULL, room + 2 * PAGE, PROT_NONE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED ||
		mprotect(at + PAGE, room, PROT_READ | PROT_WRITE))
		abort();
	return at + PAGE + room - size;
}

void published_seal(struct published *p)
{
	struct table_header *h = (void *)p->base;

	h->checksum = table_sum((const uint64_t *)h,
		offsetof(struct table_header, checksum) / 8, 0);
	memcpy(p->base + TABLE_HEADER_COPY, h, sizeof(*h));
}

/* Bytes of a slot that something stands in. */
static uint64_t used(const struct table_map *map, const char *slot)
{
	uint64_t most = sizeof(struct table_slot);

	for (int i = 0; i < TABLE_PARTS; i++) {
		uint64_t word =
			table_load(&((const struct table_slot *)slot)->part[i]);
		uint64_t end =
			(word >> 32) + (word & UINT32_MAX) * map->stride[i];

		if (map->stride[i] && end > most)
			most = end;
	}
	return (most + TABLE_LINE - 1) / TABLE_LINE * TABLE_LINE;
}

static void put_slot(struct published *p, const struct table_header *h,
	uint64_t generation, const char *from, uint64_t size)
{
	char *to = p->base + h->slot[generation];

	memcpy(to, from, size);
	table_store(&((struct table_slot *)to)->generation, generation);
}

static void pack(struct published *p, const struct region *region)
{
	const struct table_map *map = &region->map;
	uint64_t g, before;
	const char *now = (const void *)table_open(map, &g), *then;
	struct table_header h;

	before = g;
	then = (const void *)table_open_previous(map, &before);
	memcpy(&h, region->base, sizeof(h));
	h.slot_size = used(map, now) > used(map, then) ? used(map, now)
						       : used(map, then);
	for (uint64_t i = 0; i < TABLE_SLOTS; i++)
		h.slot[i] = TABLE_FIRST_SLOT + i * h.slot_size;
	h.capacity = TABLE_FIRST_SLOT + TABLE_SLOTS * h.slot_size;
	h.id = 1; /* of chance, else */
	p->size = h.capacity;
	p->base = published_fence(p->size);
	memcpy(p->base, &h, sizeof(h));
	memcpy(p->base + TABLE_CONTROL, region->base + TABLE_CONTROL,
		sizeof(struct table_control));
	table_store(
		&((struct table_control *)(p->base + TABLE_CONTROL))->current,
		YOUNGEST);
	put_slot(p, &h, YOUNGEST, now, used(map, now));
	put_slot(p, &h, YOUNGEST - 1, then, used(map, then));
	published_seal(p);
	p->whole = malloc(p->size);
	if (!p->whole)
		abort();
	memcpy(p->whole, p->base, p->size);
}

static void change(struct lbd *lbd, const char *text)
{
	struct complaints said = {0};
	struct conf *conf = conf_parse("F", text, strlen(text), &said);

	if (!conf)
		complaints_print(&said, stderr);
	complaints_free(&said);
	if (!conf || !world_change(lbd, conf))
		abort();
}

unsigned published_make(
	struct published *to, const char *before, const char *text)
{
	struct lbd lbd = {.loop = ev_loop_new(0)};
	unsigned n = 0;

	change(&lbd, before);
	change(&lbd, text);
	pack(&to[n++], lbd.keys);
	for (size_t i = 0; i < lbd.world.lists; i++) {
		const struct list *list = lbd.world.list[i];

		if (!list || n == PUBLISHED_REGIONS)
			abort(); /* of another text than was thought of */
		to[n].id = list->id;
		pack(&to[n++], list->region);
	}
	world_end(&lbd);
	ev_loop_destroy(lbd.loop);
	return n;
}
