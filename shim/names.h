/* Name -> addresses, read from the key region. Pure: memory only. */
#ifndef SHIM_NAMES_H
#define SHIM_NAMES_H

#include "addr.h"
#include "table.h"

enum {
	NAME_MAX_BYTES = 253, /* as long as DNS has them */
	NAME_WORDS = 32,      /* that, a dot, a NUL, in whole words */
	NAME_ADDRS = 64,      /* of one name; what stands behind is left out */
};

struct name {
	union {
		char text[NAME_WORDS * 8]; /* lower case, NULs to the end */
		uint64_t word[NAME_WORDS];
	};
	unsigned length;
	unsigned count; /* never 0 */
	struct addr addr[NAME_ADDRS];
};

/*
 * Is `asked` a service's name? In any case, with or without the root's dot.
 * Fills `name` if so; else it holds nothing of use. `asked` is read up to its
 * NUL, but not further than a name can be long.
 */
bool names_find(
	const struct table_map *keys, const char *asked, struct name *name);

/*
 * The address as getaddrinfo() reads it, in at least `length` characters (up
 * to NAME_MAX_BYTES): "00012.96.0.10", "fd00::10%000".
 */
void names_literal(
	const struct addr *a, unsigned length, char out[NAME_WORDS * 8]);

#endif
