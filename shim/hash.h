/* Whose connections maglev sends to one and the same backend. */
#ifndef SHIM_HASH_H
#define SHIM_HASH_H

#include "lookup.h"

/* Equal for equal callers, by the route's hash_on. */
uint64_t hash_caller(
	const struct attachment *a, uint64_t draw, const struct route *route);

#endif
