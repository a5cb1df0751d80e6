/* A second reader of the table, written from table.h and not from lookup.c. */
#include "naive.h"
#include "naive_view.h"

enum { WALKED = 1024 /* stops; with more, not all are looked at */ };

static const struct published *here; /* the keys, and then the lists */

static struct view view_of(
	const struct table_map *map, unsigned region, uint64_t generation)
{
	return naive_view(&here[region], map, generation);
}

static uint64_t generation_of(const struct table_map *map)
{
	return table_load(&table_control(map)->current);
}

static void check_map(const struct table_map *map, const struct published *p)
{
	static const uint64_t least[2][TABLE_PARTS] = {
		{64, 16, 8, 0}, {64, 32, 8, 8}};
	bool is_keys = p == here;

	naive_want(map->base == p->base && map->capacity == p->size,
		"another size");
	naive_want(
		map->slot_size >= 64 && map->slot_size <= p->size, "slot size");
	for (int i = 0; i < TABLE_SLOTS; i++)
		naive_want(map->slot[i] % 64 == 0 && map->slot[i] >= 4096 &&
				map->slot[i] <= p->size - map->slot_size,
			"a slot is not inside the region");
	for (int i = 0; i < TABLE_PARTS; i++)
		naive_want(map->stride[i] >= least[!is_keys][i] &&
				map->stride[i] % 8 == 0,
			"entries are shorter than they are");
}

void naive_maps(const struct attachment *a, const struct published *region)
{
	here = region;
	if (a->keys.base)
		check_map(&a->keys, &region[0]);
	for (unsigned i = 0; i < a->lists; i++)
		if (a->list[i].map.base)
			check_map(&a->list[i].map, &region[i + 1]);
}

/* The entry of the address, or 0. */
static uint64_t find_key(const struct view *v, const struct addr *vip,
	uint16_t port, int protocol)
{
	uint64_t seed = word_at(v, v->slot + AT(table_slot, seed));
	uint64_t hash = table_hash(vip->hi, vip->lo, port, seed), at, where;
	struct part keys;

	if (!part_of(v, PART_KEYS, &keys))
		return 0;
	for (int i = 0; i < TABLE_PROBES; i++) {
		at = entry_at(&keys, hash, i);
		where = at ? word_at(v, at + AT(table_key, where)) : 0;
		if (!where)
			return 0;
		if (word_at(v, at + AT(table_key, addr_hi)) == vip->hi &&
			word_at(v, at + AT(table_key, addr_lo)) == vip->lo &&
			where >> 48 == port &&
			(!protocol || !(where & KEY_SHARED) ||
				(where >> 8 & 255) ==
					(uint64_t)(protocol == 262 ? 6
								   : protocol)))
			return at;
	}
	return 0;
}

static enum found judge(const struct attachment *a, const struct view *v,
	uint64_t at, int protocol)
{
	uint64_t list = word_at(v, at + AT(table_key, list));
	uint64_t refusal = word_at(v, at + AT(table_key, refusal));
	const struct attached_list *l = &a->list[list & UINT32_MAX];

	if (!protocol && word_at(v, at + AT(table_key, where)) & KEY_SHARED)
		return FOUND_SHARED;
	if ((list & UINT32_MAX) >= a->lists)
		return FOUND_STRANGE;
	if (l->map.base)
		return l->id == list >> 32 ? FOUND_SERVICE : FOUND_STRANGE;
	return l->id == (refusal ? refusal : list >> 32) ? FOUND_DENIED
							 : FOUND_STRANGE;
}

void naive_service(const struct attachment *a, enum found found,
	const struct addr *vip, int protocol, const struct route *route)
{
	uint64_t g = generation_of(&a->keys), at, service;
	struct view v = view_of(&a->keys, 0, g);

	if (!view_is_whole(&v, g)) {
		naive_want(found == FOUND_CHANGED, "a torn table is believed");
		return;
	}
	at = find_key(&v, vip, vip->port, protocol);
	if (!at && word_at(&v, v.slot + AT(table_slot, flags)) & SLOT_WILDCARDS)
		at = find_key(&v, vip, 0, protocol);
	naive_want(found == (at ? judge(a, &v, at, protocol) : FOUND_NOTHING),
		"another answer for an address");
	if (!at || found == FOUND_SHARED)
		return;
	service = word_at(&v, at + AT(table_key, service));
	naive_want(route->list ==
				(uint32_t)word_at(
					&v, at + AT(table_key, list)) &&
			route->service == (uint32_t)service &&
			route->tag == service >> 32 &&
			route->counter ==
				word_at(&v, at + AT(table_key, counter)) &&
			addr_same(&route->vip, vip),
		"a route that is not the key's");
}

/* The route's service in one slot, or 0. */
static uint64_t service_in(const struct view *v, const struct route *route)
{
	struct part services;
	uint64_t at;

	if (!part_of(v, PART_SERVICES, &services) ||
		route->service >= services.count)
		return 0;
	at = services.at + route->service * services.stride;
	return word_at(v, at) >> 32 == route->tag ? at : 0;
}

/*
 * In the slot of now, or in that of before: whose view `v` is then. Not to be in
 * one that is being wiped says nothing: then it is not looked for before.
 */
static uint64_t find_service(
	const struct attachment *a, const struct route *route, struct view *v)
{
	const struct table_map *map = &a->list[route->list].map;
	uint64_t g = generation_of(map), at;

	naive_want(route->list < a->lists && map->base,
		"a list that is not there");
	for (int back = 0; back < 2; back++, g--) {
		*v = view_of(map, route->list + 1, g);
		at = service_in(v, route);
		if (!view_is_whole(v, g))
			return 0;
		if (at)
			return at;
	}
	return 0;
}

void naive_elsewhere(const struct attachment *a, const struct route *route)
{
	const struct table_map *map = &a->list[route->list].map;
	uint64_t g = generation_of(map);
	struct view now, then;

	naive_want(route->list < a->lists && map->base,
		"a list that is not there");
	now = view_of(map, route->list + 1, g);
	then = view_of(map, route->list + 1, g - 1);
	naive_want((view_is_whole(&now, g) && service_in(&now, route)) ||
			(view_is_whole(&then, g - 1) &&
				service_in(&then, route)),
		"a service that is not there");
}

/* Stops of the wheel that turns, as a part; false where it makes no sense. */
static bool find_stops(const struct view *v, uint64_t service,
	const struct route *route, struct part *stops, bool *panic)
{
	uint64_t family = addr_is_v4(&route->vip) ? FAMILY_V4 : FAMILY_V6;
	uint64_t word =
		word_at(v, service + AT(table_service, wheel) + 8 * family);
	uint64_t first = word >> 32, room = word & UINT32_MAX, turn, size;
	struct part wheels;

	if (!part_of(v, PART_WHEELS, &wheels) || !room ||
		first > wheels.count || 10 + 3 * room > wheels.count - first)
		return false;
	turn = word_at(v, wheels.at + 8 * first);
	stops->at = wheels.at + 8 * (first + 1 + turn % 3 * (3 + room));
	size = word_at(v, stops->at + 8);
	stops->count = size >> 32;
	*panic = size & WHEEL_PANIC;
	if (!turn || word_at(v, stops->at) != turn ||
		!(word_at(v, stops->at + 16) >> 32))
		return false;
	stops->at += 24;
	stops->stride = 8;
	return stops->count <= room;
}

/* A backend that there is no doubt about, or that the library has taken. */
static bool may_be_taken(const struct view *v, uint64_t at,
	const struct tried *tried, const struct route *route, bool down_too)
{
	uint64_t where = word_at(v, at + AT(table_backend, where));
	uint64_t state = word_at(v, at + AT(table_backend, state));
	struct addr a = {word_at(v, at), word_at(v, at + 8), where >> 48};
	uint16_t tag = table_mark(a.hi, a.lo, a.port) >> 48;

	if (!a.port)
		a.port = route->vip.port;
	for (unsigned i = 0; i < tried->count; i++)
		if (tried->mark[i] == tried_mark(&a))
			return false;
	return state >> 48 == tag && (!(state & STATE_FULL) || route->adrift) &&
		(!(state & STATE_DOWN) || down_too);
}

static void check_taken(const struct view *v, uint64_t at,
	const struct tried *tried, const struct route *route, bool panic)
{
	uint64_t where = word_at(v, at + AT(table_backend, where));
	struct addr a = {word_at(v, at), word_at(v, at + 8), where >> 48};

	if (!a.port)
		a.port = route->vip.port;
	naive_want(addr_same(&a, &route->to) && (uint32_t)where == route->line,
		"an address that is not the backend's");
	naive_want(may_be_taken(v, at, tried, route, panic || !tried->count),
		"a backend that is not to be taken");
}

void naive_backend(const struct attachment *a, enum found found,
	const struct tried *tried, const struct route *route)
{
	struct part stops, backends;
	uint64_t service, range, left;
	bool panic, seen = false;
	struct view v;

	naive_want(found == FOUND_BACKEND || found == FOUND_EMPTY ||
			found == FOUND_CHANGED,
		"no such answer");
	service = find_service(a, route, &v);
	range = service ? word_at(&v, service + AT(table_service, backends))
			: 0;
	left = range & UINT32_MAX;
	if (!service || !find_stops(&v, service, route, &stops, &panic) ||
		!part_of(&v, PART_BACKENDS, &backends) ||
		range >> 32 > backends.count ||
		left > backends.count - (range >> 32)) {
		naive_want(found != FOUND_BACKEND, "a backend out of nothing");
		return;
	}
	backends.at += (range >> 32) * backends.stride;
	for (uint64_t i = 0; i < stops.count; i++) {
		uint64_t ordinal = word_at(&v, stops.at + 8 * i) & UINT32_MAX;
		uint64_t at = backends.at + ordinal * backends.stride;

		if (ordinal >= left)
			continue;
		if (found == FOUND_BACKEND && ordinal == route->ordinal) {
			check_taken(&v, at, tried, route, panic);
			seen = true;
		}
		naive_want(found == FOUND_BACKEND || stops.count > WALKED ||
				!may_be_taken(&v, at, tried, route, panic),
			"there was one");
	}
	naive_want(seen == (found == FOUND_BACKEND), "it is on no wheel");
}
