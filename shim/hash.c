/*
 * Who calls, as maglev asks it: the machine and the user as lbd says, the
 * process as it says itself.
 */
#include "hash.h"

/*
 * A process draws its key at its first need, from what no other process of the
 * user is given: the number of this draw, or else where its memory lies.
 */
static uint64_t process_hash(
	const struct attachment *a, uint64_t draw, const struct route *route)
{
	uint64_t key, none = 0;

	if (!a->process_key)
		return a->user_hash;
	key = table_load(a->process_key);
	if (key)
		return key;
	key = table_mix(table_mix(a->user_hash + draw) + route->tag) ^
		a->host_hash ^ (uintptr_t)a->process_key;
	if (!key || atomic_compare_exchange_strong(a->process_key, &none, key))
		return key;
	return none; /* another thread was faster */
}

uint64_t hash_caller(
	const struct attachment *a, uint64_t draw, const struct route *route)
{
	switch (route->hash_on) {
	case HASH_ON_HOST:
		return a->host_hash;
	case HASH_ON_PROCESS:
		return process_hash(a, draw, route);
	default:
		return a->user_hash;
	}
}
