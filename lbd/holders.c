/*
 * In goes every identity that attaches, once each however many processes have
 * it; out comes whether new rules take something from any of them. What a
 * program was given it may keep for as long as it lives, and nobody says when
 * that ends: an identity is never forgotten. What can be remembered is bounded;
 * beyond that, somebody is taken to lose.
 */
#include "holders.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { HOLDERS_MAX = 1024, BYTES_MAX = 1024 * 1024 };

/* The texts of an identity; each may be NULL. */
static const size_t texts[] = {
	offsetof(struct identity, exe),
	offsetof(struct identity, cgroup),
};

enum { TEXTS = sizeof(texts) / sizeof(texts[0]) };

static const char **text_of(struct identity *who, int i)
{
	return (const char **)((char *)who + texts[i]);
}

static const char *const_text_of(const struct identity *who, int i)
{
	return *(const char *const *)((const char *)who + texts[i]);
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same(const struct identity *a, const struct identity *b)
{
	if (a->user_known != b->user_known ||
		a->groups_known != b->groups_known || a->user != b->user ||
		a->groups != b->groups ||
		(a->groups &&
			memcmp(a->group, b->group,
				a->groups * sizeof(*a->group))))
		return false;
	for (int i = 0; i < TEXTS; i++)
		if (!same_text(const_text_of(a, i), const_text_of(b, i)))
			return false;
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

	h = stir(h, who->group, who->groups * sizeof(*who->group));
	for (int i = 0; i < TEXTS; i++) {
		const char *text = const_text_of(who, i);

		if (text)
			h = stir(h, text, strlen(text) + 1);
	}
	return h;
}

static void free_copy(struct identity *who)
{
	free((void *)who->group);
	for (int i = 0; i < TEXTS; i++)
		free((void *)*text_of(who, i));
}

/* What `who` points to, of its own; false if memory is short. */
static bool copy(struct identity *to, const struct identity *who, size_t *bytes)
{
	size_t size = who->groups * sizeof(*who->group);
	gid_t *group = malloc(size + 1);
	bool whole = group;

	*to = *who;
	to->pid = 0;
	to->address = NULL; /* those are the host's */
	to->addresses = 0;
	to->group = group;
	if (group && size)
		memcpy(group, who->group, size);
	*bytes = size;
	for (int i = 0; i < TEXTS; i++) {
		const char *text = const_text_of(who, i);

		*text_of(to, i) = text ? strdup(text) : NULL;
		whole &= !text || *text_of(to, i);
		*bytes += text ? strlen(text) + 1 : 0;
	}
	if (!whole)
		free_copy(to);
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
		free_copy(&to);
		h->more = true;
		return;
	}
	h->mark[h->count] = mark;
	h->who[h->count++] = to;
	h->bytes += bytes;
}

bool holders_lose(const struct holders *h, const struct rules *before,
	const struct rules *after)
{
	const struct rule *rule;

	if (!after->count)
		return false;
	for (size_t i = 0; i < h->count; i++)
		if (acl_judge(before, &h->who[i], &rule) == ACL_PERMIT &&
			acl_judge(after, &h->who[i], &rule) != ACL_PERMIT)
			return true;
	return h->more;
}

void holders_free(struct holders *h)
{
	for (size_t i = 0; i < h->count; i++)
		free_copy(&h->who[i]);
	free(h->mark);
	free(h->who);
	*h = (struct holders){0};
}
