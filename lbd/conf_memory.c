/*
 * Where a model stands. Strings go into chunks, items of one kind into one
 * list: a million backends are a few allocations, and freeing is as cheap.
 * Without memory the draft is marked once and whoever asked gets NULL.
 */
#include "conf_parts.h"

#include <stdlib.h>
#include <string.h>

struct chunk {
	struct chunk *next;
	size_t used;
	char text[65536 - 2 * sizeof(void *)];
};
static_assert(sizeof((struct chunk){0}.text) % sizeof(void *) == 0,
	"aligned, no place is behind the end");

void *list_add(struct draft *d, struct list *l, size_t item_size)
{
	if (l->count == l->room) {
		size_t room = l->room ? 2 * l->room : 16;
		void *item = reallocarray(l->item, room, item_size);

		if (!item) {
			d->exhausted = true;
			return NULL;
		}
		l->item = item;
		l->room = room;
	}
	return memset((char *)l->item + l->count++ * item_size, 0, item_size);
}

void *list_at(const struct list *l, struct run run, size_t item_size)
{
	return run.count ? (char *)l->item + run.first * item_size : NULL;
}

/* So many bytes of the open chunk, or of a new one. */
static char *take_room(struct draft *d, size_t size, size_t alignment)
{
	struct chunk *c = d->memory->chunk;
	size_t at = c ? (c->used + alignment - 1) & -alignment : 0;

	if (!c || size > sizeof(c->text) - at) {
		/* GCOVR_EXCL_BR_START: no line is longer */
		c = size <= sizeof(c->text) ? malloc(sizeof(*c)) : NULL;
		/* GCOVR_EXCL_BR_STOP */
		if (!c) {
			d->exhausted = true;
			return NULL;
		}
		c->next = d->memory->chunk;
		d->memory->chunk = c;
		at = 0;
	}
	c->used = at + size;
	return c->text + at;
}

char *keep_text(struct draft *d, const char *text, size_t size)
{
	char *to = take_room(d, size + 1, 1);

	if (!to)
		return NULL;
	memcpy(to, text, size);
	to[size] = '\0';
	return to;
}

void *keep_items(struct draft *d, const void *items, size_t size)
{
	void *to = size ? take_room(d, size, sizeof(void *)) : NULL;

	return to ? memcpy(to, items, size) : NULL;
}

void memory_free(struct conf_memory *m)
{
	struct chunk *next;

	if (!m)
		return;
	for (struct chunk *c = m->chunk; c; c = next) {
		next = c->next;
		free(c);
	}
	free(m->addresses.item);
	free(m->names.item);
	free(m->backends.item);
	free(m->rules.item);
	free(m->lookups.item);
	free(m);
}
