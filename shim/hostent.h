/* A name's addresses as gethostbyname() hands them out. Pure: memory only. */
#ifndef SHIM_HOSTENT_H
#define SHIM_HOSTENT_H

#include "names.h"

#include <netdb.h>
#include <netinet/in.h>

enum hostent_filled {
	HOSTENT_FILLED,
	HOSTENT_NO_ADDRESS, /* none of the family */
	HOSTENT_NO_SPACE,   /* `size` is too small */
};

/* Room for any answer, wherever it begins. */
enum {
	HOSTENT_ROOM = sizeof(char *) * (1 + 1 + NAME_ADDRS + 1) +
		NAME_ADDRS * sizeof(struct in6_addr) + NAME_MAX_BYTES + 1
};

/*
 * Fills `entry`, whose pointers lead into the `size` bytes at `room`, with the
 * addresses of `family` (AF_INET or AF_INET6). Does not touch either unless it
 * says FILLED.
 */
enum hostent_filled hostent_fill(const struct name *name, int family,
	struct hostent *entry, char *room, size_t size);

#endif
