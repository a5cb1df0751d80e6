/*
 * In goes every identity that attaches, once each however many processes have
 * it; out comes whether new rules take something from any of them. What a
 * program was given it may keep for as long as it lives, and nobody says when
 * that ends: an identity is never forgotten. What can be remembered is bounded;
 * beyond that, somebody is taken to lose.
 */
#include "holders.h"
#include "net.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { HOLDERS_MAX = 1024, BYTES_MAX = 1024 * 1024 };

/*
 * What an identity points to: so many things of that size, or a text, which may
 * be NULL.
 */
static const struct {
	size_t at, count, size;
} arrays[] = {
	{offsetof(struct identity, group), offsetof(struct identity, groups),
		sizeof(gid_t)},
	{offsetof(struct identity, address),
		offsetof(struct identity, addresses), sizeof(struct addr)},
};
static const size_t texts[] = {
	offsetof(struct identity, exe),
	offsetof(struct identity, cgroup),
};

enum {
	ARRAYS = sizeof(arrays) / sizeof(arrays[0]),
	TEXTS = sizeof(texts) / sizeof(texts[0]),
	PARTS = ARRAYS + TEXTS,
};

/* Where the pointer to a part of it is. */
static void *part_at(const struct identity *who, int i)
{
	return (char *)(uintptr_t)who +
		(i < ARRAYS ? arrays[i].at : texts[i - ARRAYS]);
}

static const void *part_of(const struct identity *who, int i)
{
	const void *part;

	memcpy(&part, part_at(who, i), sizeof(part));
	return part;
}

static void set_part(struct identity *who, int i, const void *part)
{
	memcpy(part_at(who, i), &part, sizeof(part));
}

/* Bytes; of a text with its end. */
static size_t part_size(const struct identity *who, int i)
{
	const void *part = part_of(who, i);
	size_t count;

	if (i >= ARRAYS)
		return part ? strlen(part) + 1 : 0;
	memcpy(&count, (const char *)who + arrays[i].count, sizeof(count));
	return count * arrays[i].size;
}

static bool same(const struct identity *a, const struct identity *b)
{
	if (a->user_known != b->user_known ||
		a->groups_known != b->groups_known ||
		a->addresses_known != b->addresses_known || a->user != b->user)
		return false;
	for (int i = 0; i < PARTS; i++) {
		size_t size = part_size(a, i);

		if (size != part_size(b, i) ||
			(size && memcmp(part_of(a, i), part_of(b, i), size)))
			return false;
	}
	return true;
}

/* FNV-1a */
static uint64_t stir(uint64_t h, const void *bytes, size_t n)
{
	const unsigned char *at = bytes;

	while (n--)
		h = (h ^ *at++) * 0x100000001b3ULL;
	return h;
}

static uint64_t mark_of(const struct identity *who)
{
	uint64_t h = stir(0xcbf29ce484222325ULL, &who->user, sizeof(who->user));

	for (int i = 0; i < PARTS; i++)
		h = stir(h, part_of(who, i), part_size(who, i));
	return h;
}

static void free_parts(struct identity *who)
{
	for (int i = 0; i < PARTS; i++)
		free((void *)(uintptr_t)part_of(who, i));
}

static size_t size_of(const struct identity *who)
{
	size_t bytes = 0;

	for (int i = 0; i < PARTS; i++)
		bytes += part_size(who, i);
	return bytes;
}

/* With parts of its own, that many bytes; false if memory is short. */
static bool copy(struct identity *to, const struct identity *who, size_t *bytes)
{
	bool whole = true;

	*to = *who;
	to->pid = 0;
	*bytes = size_of(who);
	for (int i = 0; i < PARTS; i++) {
		size_t size = part_size(who, i);
		void *part = size ? malloc(size) : NULL;

		if (part)
			memcpy(part, part_of(who, i), size);
		set_part(to, i, part);
		whole &= part || !size;
	}
	if (!whole)
		free_parts(to);
	return whole;
}

/* All of the room at once: it is little, and few reach the bound. */
static bool has_room(struct holders *h)
{
	if (!h->mark)
		h->mark = calloc(HOLDERS_MAX, sizeof(*h->mark));
	if (!h->who)
		h->who = calloc(HOLDERS_MAX, sizeof(*h->who));
	return h->mark && h->who && h->count < HOLDERS_MAX;
}

void holders_remember(struct holders *h, const struct identity *who)
{
	uint64_t mark = mark_of(who);
	struct identity to;
	size_t bytes;

	for (size_t i = 0; i < h->count; i++)
		if (h->mark[i] == mark && same(&h->who[i], who))
			return;
	if (h->more)
		return;
	if (!has_room(h) || !copy(&to, who, &bytes)) {
		h->more = true;
		return;
	}
	if (h->bytes + bytes > BYTES_MAX) {
		free_parts(&to);
		h->more = true;
		return;
	}
	h->mark[h->count] = mark;
	h->who[h->count++] = to;
	h->bytes += bytes;
}

/* As `who` is judged now. */
static struct identity of_now(
	const struct holders *h, const struct rules *rules, size_t i)
{
	struct identity who = h->who[i];

	if (h->net && acl_needs(rules) & SUBJECT_NET)
		net_tell(h->net, &who);
	return who;
}

bool holders_lose(const struct holders *h, const struct rules *before,
	const struct rules *after)
{
	const struct rule *rule;

	if (!after->count)
		return false;
	for (size_t i = 0; i < h->count; i++) {
		struct identity now = of_now(h, after, i);

		if (acl_judge(before, &h->who[i], &rule) == ACL_PERMIT &&
			acl_judge(after, &now, &rule) != ACL_PERMIT)
			return true;
	}
	return h->more;
}

/* Where memory is short, what is remembered no longer tells who holds what. */
void holders_settle(struct holders *h)
{
	for (size_t i = 0; h->net && i < h->count; i++) {
		struct identity now = h->who[i], to;
		size_t had = size_of(&now), bytes;

		net_tell(h->net, &now);
		if (same(&now, &h->who[i]))
			continue;
		if (!copy(&to, &now, &bytes)) {
			h->more = true;
			return;
		}
		h->bytes += bytes - had;
		free_parts(&h->who[i]);
		h->who[i] = to;
		h->mark[i] = mark_of(&to);
	}
	h->moved = false;
}

void holders_free(struct holders *h)
{
	for (size_t i = 0; i < h->count; i++)
		free_parts(&h->who[i]);
	free(h->mark);
	free(h->who);
	*h = (struct holders){0};
}
