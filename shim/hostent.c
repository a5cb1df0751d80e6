/*
 * struct hostent: a name and its addresses of one family, laid out in memory
 * that somebody else brought and that may begin and end anywhere:
 *
 *	(up to a pointer's alignment) | no alias | addresses | their bytes | name
 */
#include "hostent.h"

#include <endian.h>

static bool is_of_family(const struct addr *a, int family)
{
	return addr_is_v4(a) == (family == AF_INET);
}

static unsigned count_family(const struct name *name, int family)
{
	unsigned n = 0;

	for (unsigned i = 0; i < name->count; i++)
		n += is_of_family(&name->addr[i], family);
	return n;
}

static void put_address(const struct addr *a, int family, char *to)
{
	uint32_t v4 = htobe32((uint32_t)a->lo);
	uint64_t v6[2] = {htobe64(a->hi), htobe64(a->lo)};

	if (family == AF_INET)
		__builtin_memcpy(to, &v4, sizeof(v4));
	else
		__builtin_memcpy(to, v6, sizeof(v6));
}

enum hostent_filled hostent_fill(const struct name *name, int family,
	struct hostent *entry, char *room, size_t size)
{
	unsigned n = count_family(name, family);
	size_t length = family == AF_INET ? 4 : 16;
	size_t skip = -(uintptr_t)room % sizeof(char *);
	size_t pointers = sizeof(char *) * (1 + n + 1);
	char **list, *at;

	if (!n)
		return HOSTENT_NO_ADDRESS;
	if (size < skip + pointers + n * length + name->length + 1)
		return HOSTENT_NO_SPACE;
	list = (void *)(room + skip);
	at = room + skip + pointers;
	entry->h_addrtype = family;
	entry->h_length = (int)length;
	entry->h_aliases = list;
	*list++ = NULL;
	entry->h_addr_list = list;
	for (unsigned i = 0; i < name->count; i++) {
		if (!is_of_family(&name->addr[i], family))
			continue;
		put_address(&name->addr[i], family, at);
		*list++ = at;
		at += length;
	}
	*list = NULL;
	entry->h_name = at;
	__builtin_memcpy(at, name->text, name->length + 1);
	return HOSTENT_FILLED;
}
