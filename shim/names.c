/*
 * Names in the key region: what a host asked for becomes what the table holds
 * (lower case, no dot at the end, whole words), the hash says where to look,
 * the words say whether it is the one. As in lookup.c, every index is checked,
 * every search bounded, and a copy counts only if the slot stayed.
 */
#include "names.h"

static bool normalize(const char *asked, struct name *name)
{
	unsigned n = 0;

	__builtin_memset(name->text, 0, sizeof(name->text));
	for (; asked[n]; n++) {
		unsigned char c = (unsigned char)asked[n];

		if (n > NAME_MAX_BYTES || c >= 0x80)
			return false;
		name->text[n] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
	}
	if (n && name->text[n - 1] == '.')
		name->text[--n] = '\0';
	name->length = n;
	return n > 0 && n <= NAME_MAX_BYTES;
}

static uint64_t words_of(const struct name *name)
{
	return (name->length + 7) / 8;
}

/* Copies the addresses of an entry, if it is the name's. */
static bool take_entry(const struct table_map *map,
	const struct table_slot *slot, uint64_t place, struct name *name)
{
	uint64_t room, at = place >> 32, bytes = place >> 16 & 0xffff;
	uint64_t addrs = place & 0xffff, words = words_of(name);
	const _Atomic uint64_t *word = table_part(map, slot, PART_TEXT, &room);

	if (!word || bytes != name->length || at > room ||
		words + 2 * addrs > room - at)
		return false;
	word += at;
	for (uint64_t i = 0; i < words; i++)
		if (table_load(word++) != name->word[i])
			return false;
	name->count = addrs < NAME_ADDRS ? (unsigned)addrs : NAME_ADDRS;
	for (unsigned i = 0; i < name->count; i++) {
		name->addr[i].hi = table_load(word++);
		name->addr[i].lo = table_load(word++);
		name->addr[i].port = 0;
	}
	return name->count > 0;
}

static bool find_entry(const struct table_map *map,
	const struct table_slot *slot, struct name *name)
{
	uint64_t count;
	const char *names = table_part(map, slot, PART_NAMES, &count);
	uint64_t hash =
		table_sum(name->word, words_of(name), table_load(&slot->seed));

	if (!names || !count || count & (count - 1))
		return false;
	for (uint64_t probe = 0; probe < TABLE_PROBES; probe++) {
		const struct table_name *n = (const void *)(names +
			((hash + probe) & (count - 1)) *
				map->stride[PART_NAMES]);
		uint64_t found = table_load(&n->hash);

		if (!found)
			return false;
		if (found == hash &&
			take_entry(map, slot, table_load(&n->text), name))
			return true;
	}
	return false;
}

bool names_find(
	const struct table_map *keys, const char *asked, struct name *name)
{
	if (!normalize(asked, name))
		return false;
	for (int tries = 0; tries < TABLE_READ_TRIES; tries++) {
		uint64_t g;
		const struct table_slot *slot = table_open(keys, &g);
		bool found = find_entry(keys, slot, name);

		if (table_whole(slot, g))
			return found;
	}
	return false;
}

/* Zeros in front of a first number in octal: 10.96.0.10 is 0012.96.0.10. */
static char *pad_v4(uint8_t octet, unsigned zeros, char *at)
{
	do
		*at++ = '0';
	while (zeros-- > 1);
	*at++ = (char)('0' + (octet >> 6));
	*at++ = (char)('0' + (octet >> 3 & 7));
	*at++ = (char)('0' + (octet & 7));
	return at;
}

void names_literal(
	const struct addr *a, unsigned length, char out[NAME_WORDS * 8])
{
	char text[ADDR_TEXT_MAX], *rest = text;
	unsigned n = addr_text(a, false, text);
	bool padded = n < length;

	if (padded && addr_is_v4(a)) {
		while (*rest != '.')
			rest++;
		n -= (unsigned)(rest - text);
		out = pad_v4((uint8_t)(a->lo >> 24),
			length > n + 3 ? length - n - 3 : 1, out);
	}
	while (*rest)
		*out++ = *rest++;
	if (padded && !addr_is_v4(a)) { /* no zone is zone 0 */
		*out++ = '%';
		do
			*out++ = '0';
		while (++n + 1 < length);
	}
	*out = '\0';
}
