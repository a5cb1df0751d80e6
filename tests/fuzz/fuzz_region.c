/*
 * Any bytes as a table, in memory that ends where the table ends: whatever they
 * are, nothing beyond is read, and what is found is what stands there.
 *
 * An input is a table of lbd's and what is changed in it, or, with the first
 * byte 0, all of a list region but what the headers check:
 *
 *	table | options | draw, 2 | changes, 12 each: see struct change
 *	0     | options | draw, 2 | header, 14 words | control, 8 | slots
 */
#include "fuzz.h"
#include "lbd/conf.h"
#include "naive.h"
#include "published.h"
#include "shim/mapping.h"
#include "tables.h"

#include <stdlib.h>
#include <string.h>

enum { SEALED = 1, UNCOUNTED = 2, DENIED = 4, ADRIFT = 8, KEYLESS = 16 };
enum { ADDRESSES = 10, NAMES = 3, RAW_MOST = 4000 };

/* One word of a region becomes another. */
struct change {
	uint8_t region;
	uint8_t how;	/* place, 3 bits; what becomes of it, the others */
	uint16_t index; /* of a word there */
	uint64_t value;
} __attribute__((packed));

enum place { IN_REGION, IN_HEADER, IN_CONTROL, IN_SLOT, IN_PART };

/* One that is always the same, and what has been made of it. */
struct ground {
	struct published region[PUBLISHED_REGIONS];
	unsigned regions;
	struct addr address[ADDRESSES];
	unsigned addresses;
};

static struct ground ground[TABLES];
static struct counters *counters;
static _Atomic uint64_t process_key;
static char *labels; /* 82 bytes, and no more */

static void begin(void)
{
	for (int i = 0; i < TABLES; i++) {
		const struct table_text *t = &tables[i];
		struct ground *g = &ground[i];
		char before[TABLE_TEXT_MOST], after[TABLE_TEXT_MOST];

		strcat(strcpy(before, t->stays), t->gone);
		strcat(strcpy(after, t->stays), t->comes);
		if (!*after) {
			tables_many(before);
			tables_many(after);
		}
		g->regions = published_make(g->region, before, after);
		while (t->address[g->addresses]) {
			struct addr *to = &g->address[g->addresses];

			if (!conf_address(t->address[g->addresses++], to))
				abort();
		}
	}
	counters = (void *)published_fence(counters_size(0));
	labels = published_fence(82);
}

static uint64_t place_of(const struct published *p, const struct change *c)
{
	const struct table_header *h = (const void *)p->whole;
	const struct table_slot *slot = (const void *)(p->whole + h->slot[2]);
	enum place place = c->how & 7;
	uint64_t index = c->index;

	switch (place) {
	case IN_REGION:
		break;
	case IN_HEADER:
		index %= sizeof(*h) / 8;
		break;
	case IN_CONTROL:
		index = TABLE_CONTROL / 8 + index % 8;
		break;
	case IN_SLOT:
		index = h->slot[index / 8 % TABLE_SLOTS] / 8 + index % 8;
		break;
	default:
		index += (h->slot[2] +
				 (table_load(&slot->part[place - IN_PART]) >>
					 32)) /
			8;
	}
	return index % (p->size / 8) * 8;
}

static void change(const struct published *p, const struct change *c)
{
	uint64_t *word = (uint64_t *)(p->base + place_of(p, c));

	switch (c->how >> 3 & 7) {
	case 0:
		*word = c->value;
		break;
	case 1:
		*word += c->value;
		break;
	case 2:
		*word = *word >> 32 << 32 | (uint32_t)c->value;
		break;
	case 3:
		*word = *word << 32 >> 32 | c->value << 32;
		break;
	case 4:
		*word ^= 1ULL << c->value % 64;
		break;
	default: /* as it is elsewhere */
		*word = *(uint64_t *)(p->base + c->value % (p->size / 8) * 8);
	}
}

static void change_all(const struct ground *g, const uint8_t *data, size_t size)
{
	struct change c;

	for (unsigned i = 0; i < g->regions; i++)
		memcpy(g->region[i].base, g->region[i].whole,
			g->region[i].size);
	for (; size >= sizeof(c); data += sizeof(c), size -= sizeof(c)) {
		memcpy(&c, data, sizeof(c));
		change(&g->region[c.region % g->regions], &c);
	}
}

/* A list region of the input's; made anew each time, for its size is its own. */
static void take_raw(struct published *p, const uint8_t *data, size_t size)
{
	static char *room;
	const size_t head = sizeof(struct table_header),
		     control = sizeof(struct table_control);
	uint8_t bytes[RAW_MOST] = {0};
	uint64_t slots;

	if (!room)
		room = published_fence(TABLE_FIRST_SLOT + RAW_MOST);
	memcpy(bytes, data, size < RAW_MOST ? size : RAW_MOST);
	slots = size > head + control ? (size - head - control) / 8 * 8 : 0;
	if (slots > RAW_MOST - head - control)
		slots = (RAW_MOST - head - control) / 8 * 8;
	p->size = TABLE_FIRST_SLOT + slots;
	p->base = room + RAW_MOST - slots;
	memset(p->base, 0, TABLE_FIRST_SLOT);
	memcpy(p->base, bytes, head);
	memcpy(p->base + TABLE_CONTROL, bytes + head, control);
	memcpy(p->base + TABLE_FIRST_SLOT, bytes + head + control, slots);
}

/* What a program that was given these would have. */
static struct attachment *attach(const struct published *region,
	unsigned regions, unsigned options, bool *ok)
{
	static union {
		struct attachment a;
		char room[sizeof(struct attachment) +
			PUBLISHED_LISTS * sizeof(struct attached_list)];
	} u;

	memset(&u, 0, sizeof(u));
	*ok = mapping_parse(
		region[0].base, region[0].size, TABLE_KEYS, &u.a.keys);
	u.a.counters = options & UNCOUNTED ? NULL : counters;
	u.a.process_key = options & KEYLESS ? NULL : &process_key;
	u.a.lists = regions - 1;
	for (unsigned i = 0; i + 1 < regions; i++) {
		const struct published *p = &region[i + 1];
		struct attached_list *list = &u.a.list[i];

		list->id = p->id;
		if ((options & DENIED && i + 2 == regions) ||
			!mapping_parse(
				p->base, p->size, TABLE_LIST, &list->map))
			list->map.base = NULL;
	}
	naive_maps(&u.a, region);
	return &u.a;
}

static void try_all(
	const struct attachment *a, uint64_t draw, struct route *route)
{
	struct tried tried = {0};

	for (int i = 0; i <= TRIED_MAX; i++) {
		enum found found = lookup_backend(a, draw + i, &tried, route);

		naive_backend(a, found, &tried, route);
		if (found != FOUND_BACKEND)
			break;
		lookup_labels(a, route, labels);
		if (!memchr(labels, '\0', 82))
			abort();
		tried_add(&tried, &route->to);
	}
	lookup_superseded(a, route);
	lookup_revoked(a, route);
}

static void look_up(const struct attachment *a, const struct addr *vip,
	uint64_t draw, bool adrift)
{
	static const int protocol[] = {0, 6, 17, 262};

	for (int i = 0; i < 4; i++) {
		struct route route = {.adrift = adrift};
		enum found found = lookup_service(a, vip, protocol[i], &route);

		naive_service(a, found, vip, protocol[i], &route);
		if (found == FOUND_SERVICE)
			try_all(a, draw, &route);
		if ((found == FOUND_STRANGE || found == FOUND_DENIED) &&
			lookup_elsewhere(a, &route)) {
			naive_elsewhere(a, &route);
			try_all(a, draw, &route);
		}
	}
}

static void ask_all(const struct ground *g, const struct table_text *text,
	const struct attachment *a, uint64_t draw, bool adrift)
{
	for (unsigned i = 0; i < g->addresses; i++)
		look_up(a, &g->address[i], draw, adrift);
	for (unsigned i = 0; i < NAMES && text->name[i]; i++) {
		struct name name;

		naive_name(a, g->region, text->name[i],
			names_find(&a->keys, text->name[i], &name), &name);
	}
}

/* With nothing changed there is what is asked for first: else all of this would
 * be about tables in which nothing is. */
static void check_whole(const struct ground *g, const struct attachment *a)
{
	const struct tried tried = {0};
	struct route route = {.adrift = false};

	if (!lookup_may_be_virtual(a, &g->address[0]) ||
		lookup_service(a, &g->address[0], 6, &route) != FOUND_SERVICE ||
		lookup_backend(a, 0, &tried, &route) != FOUND_BACKEND)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct published with_raw[2];
	const struct attachment *a;
	struct ground *g;
	uint16_t draw;
	bool ok;

	if (!counters)
		begin();
	if (size < 4)
		return 0;
	memcpy(&draw, data + 2, sizeof(draw));
	process_key = draw & 1;
	g = &ground[data[0] ? data[0] % TABLES : 3];
	change_all(g, data + 4, data[0] ? size - 4 : 0);
	for (unsigned i = 0; i < g->regions && data[1] & SEALED; i++)
		published_seal(&g->region[i]);
	if (data[0]) {
		a = attach(g->region, g->regions, data[1], &ok);
	} else {
		with_raw[0] = g->region[0];
		with_raw[1].id = g->region[1].id;
		take_raw(&with_raw[1], data + 4, size - 4);
		published_seal(&with_raw[1]);
		a = attach(with_raw, 2, data[1], &ok);
	}
	if (data[0] && size < 4 + sizeof(struct change) && !(data[1] & DENIED))
		check_whole(g, a);
	if (ok)
		ask_all(g, &tables[g - ground], a, draw, data[1] & ADRIFT);
	return 0;
}
