/* Names, in the same way as naive.c has addresses. */
#include "naive.h"
#include "naive_view.h"

#include <string.h>

/* Does the entry have this text? Its addresses are in `found` if so. */
static bool is_named(const struct view *v, uint64_t place,
	const struct name *text, struct name *found)
{
	uint64_t size = place >> 16 & 0xffff, words = (size + 7) / 8;
	uint64_t addresses = place & 0xffff, at;
	struct part part;

	if (!part_of(v, PART_TEXT, &part) || size != text->length ||
		place >> 32 > part.count ||
		words + 2 * addresses > part.count - (place >> 32))
		return false;
	at = part.at + 8 * (place >> 32);
	for (uint64_t i = 0; i < words; i++, at += 8)
		if (word_at(v, at) != text->word[i])
			return false;
	found->count = 0;
	for (uint64_t i = 0; i < addresses && i < NAME_ADDRS; i++, at += 16)
		found->addr[found->count++] =
			(struct addr){word_at(v, at), word_at(v, at + 8), 0};
	return addresses > 0;
}

static bool find_name(
	const struct view *v, const struct name *text, struct name *found)
{
	uint64_t seed = word_at(v, v->slot + AT(table_slot, seed));
	uint64_t hash = table_sum(text->word, (text->length + 7) / 8, seed);
	struct part names;

	if (!part_of(v, PART_NAMES, &names))
		return false;
	for (int i = 0; i < TABLE_PROBES; i++) {
		uint64_t at = entry_at(&names, hash, i);
		uint64_t its = at ? word_at(v, at) : 0;

		if (!its)
			return false;
		if (its == hash && is_named(v, word_at(v, at + 8), text, found))
			return true;
	}
	return false;
}

void naive_name(const struct attachment *a, const struct published *keys,
	const char *asked, bool found, const struct name *name)
{
	uint64_t g = table_load(&table_control(&a->keys)->current);
	struct view v = naive_view(keys, &a->keys, g);
	struct name text = {.length = (unsigned)strlen(asked)}, other = {0};

	for (unsigned i = 0; i < text.length; i++)
		text.text[i] = (char)(asked[i] |
			(asked[i] >= 'A' && asked[i] <= 'Z' ? 0x20 : 0));
	if (text.text[text.length - 1] == '.')
		text.text[--text.length] = '\0';
	naive_want(
		found == (view_is_whole(&v, g) && find_name(&v, &text, &other)),
		"another answer for a name");
	if (!found)
		return;
	naive_want(name->count == other.count, "another number of addresses");
	for (unsigned i = 0; i < other.count; i++)
		naive_want(addr_same(&name->addr[i], &other.addr[i]),
			"another address");
}
