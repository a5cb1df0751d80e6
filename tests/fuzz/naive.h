/*
 * Tables as a reader reads them who has all the time in the world: one word at a
 * time, each looked at first whether it is in there. What the library found is
 * compared with that; a difference ends the process.
 */
#ifndef TESTS_NAIVE_H
#define TESTS_NAIVE_H

#include "published.h"
#include "shim/lookup.h"
#include "shim/names.h"

/* What was believed of these regions lies in them; to be called first. */
void naive_maps(const struct attachment *a, const struct published *region);

void naive_service(const struct attachment *a, enum found found,
	const struct addr *vip, int protocol, const struct route *route);

/* That the route's service is where the route says. */
void naive_elsewhere(const struct attachment *a, const struct route *route);

/* That the route's backend is one of its service, and may be taken. */
void naive_backend(const struct attachment *a, enum found found,
	const struct tried *tried, const struct route *route);

void naive_name(const struct attachment *a, const struct published *keys,
	const char *asked, bool found, const struct name *name);

#endif
