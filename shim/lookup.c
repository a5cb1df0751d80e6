/*
 * The reader's half of the table: every index is checked against the copy made
 * at attach, every search is bounded, and what was copied counts only if the
 * slot still holds the generation it was opened with.
 */
#include "lookup.h"
#include "hash.h"
#include "pick.h"
#include "shim.h"

#include <netinet/in.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

enum { LABEL_MAX = 40 };

/* One entry, out of the region. */
struct key {
	uint64_t where, list, service, counter, refusal, wheel;
};

static bool protocol_fits(uint64_t where, int protocol)
{
	int of_entry = where >> 8 & 0xff;

	if (protocol == IPPROTO_MPTCP)
		protocol = IPPROTO_TCP;
	return !(where & KEY_SHARED) || !protocol || of_entry == protocol;
}

static bool find_key(const struct table_map *map, const struct table_slot *slot,
	const struct addr *vip, uint16_t port, int protocol, struct key *key)
{
	uint64_t count;
	const char *keys = table_part(map, slot, PART_KEYS, &count);
	uint64_t at =
		table_hash(vip->hi, vip->lo, port, table_load(&slot->seed));

	if (!keys || !count || count & (count - 1))
		return false;
	for (int probe = 0; probe < TABLE_PROBES; probe++, at++) {
		const struct table_key *k = (const void *)(keys +
			(at & (count - 1)) * map->stride[PART_KEYS]);

		key->where = table_load(&k->where);
		if (!key->where)
			return false;
		if (key->where >> 48 != port ||
			table_load(&k->addr_lo) != vip->lo ||
			table_load(&k->addr_hi) != vip->hi ||
			!protocol_fits(key->where, protocol))
			continue;
		key->list = table_load(&k->list);
		key->service = table_load(&k->service);
		key->counter = table_load(&k->counter);
		key->refusal = table_load(&k->refusal);
		key->wheel = table_load(&k->wheel);
		return true;
	}
	return false;
}

/* An exact port beats one that takes every port. */
static bool find_address(const struct table_map *map,
	const struct table_slot *slot, const struct addr *vip, int protocol,
	struct key *key)
{
	return find_key(map, slot, vip, vip->port, protocol, key) ||
		(table_load(&slot->flags) & SLOT_WILDCARDS &&
			find_key(map, slot, vip, 0, protocol, key));
}

/*
 * Who was denied a list has been given the number of that refusal, which is
 * another as soon as its rules are: a reason to ask again, once.
 */
__attribute__((noinline, cold)) static enum found judge_refused(
	const struct attached_list *list, const struct key *key)
{
	uint64_t id = key->refusal ? key->refusal : key->list >> 32;

	return list->id == id ? FOUND_DENIED : FOUND_STRANGE;
}

/* Which of its buffers it will be is as far away as they are. */
static void expect_wheel(const _Atomic uint64_t *at, uint64_t room)
{
	__builtin_prefetch(at);
	for (uint64_t t = 0; t < WHEEL_BUFFERS; t++)
		__builtin_prefetch(table_wheel_at(at, room, t));
}

/*
 * What will be read of the service, if all is well: lines that are far away
 * take as long together as one does.
 */
static void expect_service(
	const struct attachment *a, const struct route *route, uint64_t wheel)
{
	const struct table_map *map = &a->list[route->list].map;
	uint64_t g, count, words, at = wheel >> 32, room = wheel & UINT32_MAX;
	const struct table_slot *slot = table_open(map, &g);
	const char *services = table_part(map, slot, PART_SERVICES, &count);
	const _Atomic uint64_t *part =
		table_part(map, slot, PART_WHEELS, &words);

	if (services && route->service < count)
		__builtin_prefetch(
			services + route->service * map->stride[PART_SERVICES]);
	if (a->counters && route->counter < a->services)
		__builtin_prefetch(
			counters_service(a->counters, route->counter), 1);
	if (part && at <= words && table_wheel_words(room) <= words - at)
		expect_wheel(part + at, room);
}

static enum found judge(const struct attachment *a, const struct key *key,
	int protocol, struct route *route)
{
	uint32_t list = (uint32_t)key->list;

	if (key->where & KEY_SHARED && !protocol)
		return FOUND_SHARED;
	route->list = list;
	route->service = (uint32_t)key->service;
	route->tag = key->service >> 32;
	route->counter = key->counter;
	route->guarded = key->where & KEY_GUARDED;
	if (list >= a->lists)
		return FOUND_STRANGE;
	if (!a->list[list].map.base)
		return judge_refused(&a->list[list], key);
	if (a->list[list].id != key->list >> 32)
		return FOUND_STRANGE;
	expect_service(a, route, key->wheel);
	return FOUND_SERVICE;
}

HOT enum found lookup_service(const struct attachment *a,
	const struct addr *vip, int protocol, struct route *route)
{
	const struct table_map *map = &a->keys;

	for (int tries = 0; tries < TABLE_READ_TRIES; tries++) {
		uint64_t g;
		const struct table_slot *slot = table_open(map, &g);
		struct key key;
		bool found = find_address(map, slot, vip, protocol, &key);

		if (!table_whole(slot, g))
			continue;
		if (!found)
			return FOUND_NOTHING;
		route->vip = *vip;
		return judge(a, &key, protocol, route);
	}
	return FOUND_CHANGED;
}

static const struct table_service *service_at(const struct table_map *map,
	const struct table_slot *slot, const struct route *route)
{
	uint64_t count;
	const char *part = table_part(map, slot, PART_SERVICES, &count);
	const struct table_service *s;

	if (!part || route->service >= count)
		return NULL;
	s = (const void *)(part + route->service * map->stride[PART_SERVICES]);
	return table_load(&s->id) >> 32 == route->tag ? s : NULL;
}

static void copy_policy(const struct table_service *s, struct route *route)
{
	uint64_t policy = table_load(&s->policy);

	route->balance = policy & 0xff;
	route->retries = policy >> 8 & 0xff;
	route->no_backend = policy >> 16 & 0xffff;
	route->hash_on = policy >> 32 & 0xff;
	route->peer_is_real = policy & POLICY_PEER_IS_REAL;
	route->connect_timeout_ms = (unsigned)table_load(&s->connect_timeout);
}

/* The buffer that is being turned now; false where the bytes make no sense. */
static bool open_wheel(const struct table_map *map,
	const struct table_slot *slot, const struct table_service *s,
	enum table_family family, struct wheel *wheel,
	const struct table_wheel **buffer, uint64_t *turn)
{
	uint64_t words, place = table_load(&s->wheel[family]);
	uint64_t at = place >> 32, room = place & UINT32_MAX, size, step;
	const _Atomic uint64_t *part =
		table_part(map, slot, PART_WHEELS, &words);

	if (!part || !room || at > words ||
		table_wheel_words(room) > words - at)
		return false;
	expect_wheel(part + at, room);
	*turn = table_load(part + at);
	*buffer = table_wheel_at(part + at, room, *turn);
	size = table_load(&(*buffer)->size);
	step = table_load(&(*buffer)->step);
	wheel->stop = (*buffer)->stop;
	wheel->stops = size >> 32;
	wheel->panic = size & WHEEL_PANIC;
	wheel->total = step >> 32;
	wheel->step = (uint32_t)step;
	if (wheel->stops > room)
		return false;
	wheel->table = table_maglev_words(wheel->step) <= room - wheel->stops
		? wheel->step
		: 0;
	return true;
}

static bool open_backends(const struct table_map *map,
	const struct table_slot *slot, const struct table_service *s,
	struct wheel *wheel)
{
	uint64_t count, range = table_load(&s->backends);
	uint64_t first = range >> 32, n = range & UINT32_MAX;
	const char *part = table_part(map, slot, PART_BACKENDS, &count);

	if (!part || first > count || n > count - first)
		return false;
	wheel->stride = map->stride[PART_BACKENDS];
	wheel->backend = part + first * wheel->stride;
	wheel->backends = (uint32_t)n;
	return true;
}

/* What the caller brings along. */
static void put_caller(const struct attachment *a, uint64_t draw,
	const struct route *route, struct wheel *wheel)
{
	wheel->adrift = route->adrift;
	wheel->line =
		a->counters ? counters_line(a->counters, a->services, 0) : NULL;
	wheel->who = route->balance == BALANCE_MAGLEV
		? hash_caller(a, draw, route)
		: 0;
}

/* One reading of a wheel; CHANGED if it was turned meanwhile. */
static enum found turn_wheel(const struct attachment *a,
	const struct table_slot *slot, const struct table_service *s,
	uint64_t draw, const struct tried *tried, struct route *route)
{
	const struct table_map *map = &a->list[route->list].map;
	enum table_family family =
		addr_is_v4(&route->vip) ? FAMILY_V4 : FAMILY_V6;
	const struct table_wheel *buffer;
	struct wheel wheel;
	uint64_t turn;
	bool found;

	if (!open_backends(map, slot, s, &wheel) ||
		!open_wheel(map, slot, s, family, &wheel, &buffer, &turn))
		return FOUND_EMPTY;
	put_caller(a, draw, route, &wheel);
	found = wheel.stops && wheel.total &&
		pick_backend(&wheel, draw, tried, route);
	if (!turn || table_load(&buffer->turn) != turn)
		return FOUND_CHANGED;
	return found ? FOUND_BACKEND : FOUND_EMPTY;
}

static uint64_t flags_of(const struct attachment *a, const struct route *route)
{
	const struct table_map *map = &a->list[route->list].map;

	return table_load(&table_control(map)->flags);
}

bool lookup_superseded(const struct attachment *a, const struct route *route)
{
	return flags_of(a, route) & TABLE_SUPERSEDED;
}

bool lookup_revoked(const struct attachment *a, const struct route *route)
{
	return flags_of(a, route) & TABLE_REVOKED;
}

/*
 * A reload publishes lists before the keys that lead to them. A key that is
 * about to go may point at a service that has just left its list: it stands in
 * the generation before. Not to be in a slot that is being wiped says nothing.
 */
HOT enum found lookup_backend(const struct attachment *a, uint64_t draw,
	const struct tried *tried, struct route *route)
{
	const struct table_map *map = &a->list[route->list].map;

	for (int tries = 0; tries < TABLE_READ_TRIES; tries++) {
		uint64_t g;
		const struct table_slot *slot = table_open(map, &g);
		const struct table_service *s = service_at(map, slot, route);
		enum found found = FOUND_CHANGED;

		if (!s && table_whole(slot, g)) {
			slot = table_open_previous(map, &g);
			s = service_at(map, slot, route);
		}
		if (s) {
			copy_policy(s, route);
			found = turn_wheel(a, slot, s, draw, tried, route);
		}
		if (table_whole(slot, g) && (!s || found != FOUND_CHANGED))
			return found;
	}
	return FOUND_CHANGED;
}

/* A label out of several, each ended by a NUL; returns the end of the copy. */
static char *copy_label(
	const _Atomic uint64_t *text, uint64_t length, uint32_t index, char *to)
{
	uint64_t i = 0;
	char c;

	while (index && i < length)
		index -= !table_byte(text, i++);
	for (int n = 0; n < LABEL_MAX && i < length; n++) {
		c = table_byte(text, i++);
		if (!c)
			break;
		*to++ = c;
	}
	return to;
}

void lookup_labels(
	const struct attachment *a, const struct route *route, char *out)
{
	const struct table_map *map = &a->list[route->list].map;
	uint64_t g, words, label, at, length;
	const struct table_slot *slot = table_open(map, &g);
	const struct table_service *s = service_at(map, slot, route);
	const _Atomic uint64_t *text =
		table_part(map, slot, PART_LABELS, &words);
	char *to = out;

	label = s ? table_load(&s->label) : 0;
	at = label >> 32;
	length = label & UINT32_MAX;
	if (text && at <= words && (length + 7) / 8 <= words - at) {
		char *end = copy_label(text + at, length, 0, to);

		*end = '/';
		to = copy_label(text + at, length, route->ordinal + 1, end + 1);
		if (to == end + 1)
			to = end; /* a backend without a name of its own */
	}
	/* none rather than another's: the slot may be filled anew by now */
	*(table_whole(slot, g) ? to : out) = '\0';
}
