/*
 * The table: what lbd and the programs that use it agree on.
 *
 * A region is one sealed memfd, written by lbd, mapped read-only by callers:
 *
 *	header | header again | control line | slot 0 | slot 1 | slot 2
 *
 * The key region, one for all callers, says which addresses are virtual and
 * under which list. A list region, one per distinct list of rules, holds the
 * services and backends that only the permitted may see.
 *
 * All of it is made of 64-bit words, loaded and stored one at a time: the
 * memory changes while it is read. A reader copies what it needs, then asks
 * whether the slot still holds the generation it began with. Here stand the
 * layout and both halves of that protocol; lookup.c reads, publish.c writes.
 */
#ifndef SHIM_TABLE_H
#define SHIM_TABLE_H

#include "table_hash.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TABLE_MAGIC 0x656c62617464626cULL /* "lbdtable" */

/*
 * With TABLE_TEST_MAJOR it is the next major, that tests put beside this one: a
 * backend's words stand in another order, and whoever mixes them up is led to
 * nowhere.
 */
#ifdef TABLE_TEST_MAJOR
enum { TABLE_MAJOR = 2, TABLE_MAJOR_BEFORE = 1 };
#else
enum {
	TABLE_MAJOR = 1,	/* a reader of another refuses the region */
	TABLE_MAJOR_BEFORE = 0, /* that lbd serves, too; 0: there was none */
};
#endif

enum {
	TABLE_MINOR = 1, /* entries grow at their end; readers go by stride */
	TABLE_SLOTS = 3,
	TABLE_PARTS = 4,
	TABLE_LINE = 64,
	TABLE_HEADER_COPY = 128, /* where the header stands again */
	TABLE_CONTROL = 256,
	TABLE_FIRST_SLOT = 4096,
	TABLE_PROBES = 64,    /* a hash chain is never longer */
	TABLE_READ_TRIES = 3, /* then: as if there were no table */
};

enum table_kind { TABLE_KEYS = 1, TABLE_LIST = 2 };

/* The parts of a slot: where in the slot, and how many entries. */
enum table_keys_part { PART_KEYS, PART_NAMES, PART_TEXT, PART_TOTALS };
enum table_list_part { PART_SERVICES, PART_BACKENDS, PART_WHEELS, PART_LABELS };

/* Written once, before anybody maps the region. */
struct table_header {
	uint64_t magic;
	uint64_t layout; /* major << 32 | minor */
	uint64_t kind;
	uint64_t id;	   /* random: another region, another id */
	uint64_t capacity; /* bytes, the whole region */
	uint64_t slot[TABLE_SLOTS];
	uint64_t slot_size;
	uint64_t stride[TABLE_PARTS]; /* bytes; 0 = not made of entries */
	uint64_t checksum;	      /* table_sum() of all before it */
};
static_assert(sizeof(struct table_header) == 112, "layout is ABI");
static_assert(sizeof(struct table_header) <= TABLE_HEADER_COPY, "two fit");

/* The one line every call reads first. */
struct table_control {
	_Atomic uint64_t current;   /* generation; it stands in slot % 3 */
	_Atomic uint64_t heartbeat; /* a counter that moves while lbd lives */
	_Atomic uint64_t flags;	    /* TABLE_SUPERSEDED and its like */
	_Atomic uint64_t spare[5];
};
static_assert(sizeof(struct table_control) == TABLE_LINE, "one cache line");

#define TABLE_SUPERSEDED 1ULL /* another region took over: attach again */
#define TABLE_REVOKED	 2ULL /* minor 1: not all may follow it there; closed */
#define TABLE_GUARDED	 4ULL /* minor 1: the list has rules, by now */

struct table_slot {
	_Atomic uint64_t generation; /* 0 while it is being filled */
	_Atomic uint64_t seed;	     /* of the hashes */
	_Atomic uint64_t flags;	     /* SLOT_WILDCARDS */
	_Atomic uint64_t networks; /* table_network() of all that is virtual */
	_Atomic uint64_t
		part[TABLE_PARTS]; /* offset in the slot << 32 | count */
};
static_assert(sizeof(struct table_slot) == TABLE_LINE, "one cache line");

#define SLOT_WILDCARDS 1ULL /* some virtual address takes every port */

/* PART_KEYS: open addressing, a power of two of them, `where` 0 = free. */
struct table_key {
	_Atomic uint64_t addr_hi, addr_lo;
	_Atomic uint64_t where;	  /* port << 48 | protocol << 8 | KEY_* */
	_Atomic uint64_t list;	  /* id << 32 | index in the attach reply */
	_Atomic uint64_t service; /* tag << 32 | index in the list region */
	_Atomic uint64_t counter; /* index into the caller's counters */
	_Atomic uint64_t refusal; /* minor 1: what the denied were given for the
				     list's id, until its rules changed;
				     0: its id */
	_Atomic uint64_t wheel;	  /* minor 1: a hint, as the service has it */
};
static_assert(sizeof(struct table_key) == 64, "layout is ABI");

#define KEY_USED    1ULL
#define KEY_SHARED  2ULL /* a tcp and a udp service stand at this address */
#define KEY_GUARDED 4ULL /* the list has rules */

/*
 * PART_NAMES: open addressing, `hash` 0 = free. The text is the name in lower
 * case, padded with NULs to whole words, then two words per address.
 */
struct table_name {
	_Atomic uint64_t hash;
	_Atomic uint64_t
		text; /* word in PART_TEXT << 32 | bytes << 16 | addrs */
};
static_assert(sizeof(struct table_name) == 16, "layout is ABI");

enum table_balance {
	BALANCE_ROUND_ROBIN = 1,
	BALANCE_RANDOM = 2,
	BALANCE_FIRST = 3,
	BALANCE_P2C = 4,
	BALANCE_LEAST_CONN = 5,
	BALANCE_MAGLEV = 6,
};

/* Whom maglev sends to one and the same backend. */
enum hash_on { HASH_ON_USER, HASH_ON_HOST, HASH_ON_PROCESS };

enum table_family { FAMILY_V4, FAMILY_V6, FAMILIES };

struct table_service {
	_Atomic uint64_t id;	 /* tag << 32 */
	_Atomic uint64_t policy; /* balance | retries << 8 | no_backend << 16
				    | hash_on << 32 | POLICY_* */
	_Atomic uint64_t connect_timeout; /* ms, 0 = the kernel's own */
	_Atomic uint64_t backends;	  /* first << 32 | count */
	_Atomic uint64_t wheel[FAMILIES]; /* word in PART_WHEELS << 32 | room
					     of each of its buffers */
	_Atomic uint64_t label; /* word in PART_LABELS << 32 | bytes */
	_Atomic uint64_t spare;
};
static_assert(sizeof(struct table_service) == 64, "layout is ABI");

#define POLICY_PEER_IS_REAL (1ULL << 40) /* getpeername() is left alone */

struct table_backend {
#ifdef TABLE_TEST_MAJOR
	_Atomic uint64_t state, where, addr_lo, addr_hi;
#else
	_Atomic uint64_t addr_hi, addr_lo; /* IPv6, or IPv4 mapped */
	_Atomic uint64_t where; /* port << 48 | line in the counters */
	_Atomic uint64_t
		state; /* tag << 48 | load << 24 | share of a pick << 16 |
			  room << 2 | STATE_* */
#endif
};
static_assert(sizeof(struct table_backend) == 32, "layout is ABI");
static_assert(TABLE_MAJOR != 1 || offsetof(struct table_backend, state) == 24,
	"layout is ABI");

#define STATE_DOWN 1ULL /* or drained, or ejected: not to be chosen */
#define STATE_FULL 2ULL /* it has as many connections as it may */

/* A connection, or what counts like one, is so much load. */
enum { LOAD_UNIT = 16, LOAD_MOST = 0xffffff };

static inline uint64_t state_load(uint64_t load)
{
	return (load < LOAD_MOST ? load : LOAD_MOST) << 24;
}

static inline uint32_t load_of_state(uint64_t state)
{
	return state >> 24 & LOAD_MOST;
}

/*
 * What a pick that lbd has not heard of is likely to be by now, in 256ths of a
 * connection, 1..256: where they are short, most have ended.
 */
static inline uint64_t state_pick(uint64_t share)
{
	return (256 - share) << 16;
}

static inline uint64_t pick_of_state(uint64_t state)
{
	return 256 - (state >> 16 & 0xff);
}

/*
 * How many more connections it may have, which the load does not say: failures
 * count there too. More than 14 bits can hold is as many as one likes.
 */
#define STATE_ROOM_ANY 0x3fffULL

static inline uint64_t state_room(uint64_t most, uint64_t connections)
{
	uint64_t room = most > connections ? most - connections : 0;

	return (most && room < STATE_ROOM_ANY ? room : STATE_ROOM_ANY) << 2;
}

static inline uint64_t room_of_state(uint64_t state)
{
	return state >> 2 & STATE_ROOM_ANY;
}

/*
 * PART_WHEELS: per service and family a word that counts turns of the wheel,
 * then three buffers, each a head and `room` words of stops and what follows
 * them. The buffer of turn t is t % 3: the protocol of the slots, in small.
 */
struct table_wheel {
	_Atomic uint64_t turn;	 /* 0 while it is being filled */
	_Atomic uint64_t size;	 /* stops << 32 | WHEEL_PANIC */
	_Atomic uint64_t step;	 /* total weight << 32 | step of round-robin, or
				    entries of maglev's table */
	_Atomic uint64_t stop[]; /* weights up to here << 32 | ordinal; then
				    the table, four stops a word, lowest first */
};

#define WHEEL_PANIC 1ULL /* health is ignored: all are tried */

enum { WHEEL_HEAD_WORDS = 3, WHEEL_BUFFERS = 3 };

/* Words that many entries of maglev's table take. */
static inline uint64_t table_maglev_words(uint64_t entries)
{
	return (entries + 3) / 4;
}

/* Words that a wheel with buffers of that room takes. */
static inline uint64_t table_wheel_words(uint64_t room)
{
	return 1 + WHEEL_BUFFERS * (WHEEL_HEAD_WORDS + room);
}

/* The buffer of turn `t` in the wheel that begins at `at`. */
static inline const struct table_wheel *table_wheel_at(
	const _Atomic uint64_t *at, uint64_t room, uint64_t t)
{
	return (const void *)(at + 1 +
		t % WHEEL_BUFFERS * (WHEEL_HEAD_WORDS + room));
}

/*
 * Acquire and release on every word are free on x86-64 and cheap elsewhere,
 * and they order a word against the generations around it: no fences.
 */
static inline uint64_t table_load(const _Atomic uint64_t *w)
{
	return atomic_load_explicit(w, memory_order_acquire);
}

static inline void table_store(_Atomic uint64_t *w, uint64_t v)
{
	atomic_store_explicit(w, v, memory_order_release);
}

/* Zeros, in the same way: a plain store could overtake the one before it. */
static inline void table_clear(_Atomic uint64_t *word, uint64_t words)
{
	while (words--)
		table_store(word++, 0);
}

/* One byte of a text that is kept in words. */
static inline char table_byte(const _Atomic uint64_t *text, uint64_t i)
{
	uint64_t word = table_load(text + i / 8);

	return ((const char *)&word)[i % 8];
}

/* A reader's own copy of what it must not read twice. */
struct table_map {
	const char *base; /* NULL: no region */
	uint64_t capacity;
	uint64_t slot[TABLE_SLOTS];
	uint64_t slot_size;
	uint64_t stride[TABLE_PARTS];
};

static inline const struct table_control *table_control(
	const struct table_map *map)
{
	return (const void *)(map->base + TABLE_CONTROL);
}

/* Reader, first: the slot to read, and the generation it must still hold. */
static inline const struct table_slot *table_open(
	const struct table_map *map, uint64_t *generation)
{
	uint64_t g = table_load(&table_control(map)->current);

	*generation = g;
	return (const void *)(map->base + map->slot[g % TABLE_SLOTS]);
}

/* The generation before, untouched until two more have been published. */
static inline const struct table_slot *table_open_previous(
	const struct table_map *map, uint64_t *generation)
{
	uint64_t g = --*generation;

	return (const void *)(map->base + map->slot[g % TABLE_SLOTS]);
}

/* Reader, last: is what was copied of one piece? */
static inline bool table_whole(const struct table_slot *slot, uint64_t g)
{
	return g != 0 && table_load(&slot->generation) == g;
}

/* Entries of a part, all inside the slot; NULL where the bytes say otherwise. */
static inline const void *table_part(const struct table_map *map,
	const struct table_slot *slot, int part, uint64_t *count)
{
	uint64_t word = table_load(&slot->part[part]);
	uint64_t at = word >> 32, n = word & UINT32_MAX;

	if (at % 8 || at > map->slot_size ||
		n * map->stride[part] > map->slot_size - at)
		return NULL;
	*count = n;
	return (const char *)slot + at;
}

/* Generations skip 0; 2^64 - 1 and 1 stand in different slots. */
static inline uint64_t table_next(uint64_t generation)
{
	return generation + 1 ? generation + 1 : 1;
}

/* Writer, first: the slot that nobody is sent to, marked unreadable. */
static inline struct table_slot *table_begin(
	char *base, const struct table_map *map, uint64_t *next)
{
	struct table_control *control = (void *)(base + TABLE_CONTROL);
	struct table_slot *slot;

	*next = table_next(table_load(&control->current));
	slot = (void *)(base + map->slot[*next % TABLE_SLOTS]);
	table_store(&slot->generation, 0);
	return slot;
}

/* Writer, last: from here on readers are sent to the slot. */
static inline void table_commit(char *base, struct table_slot *slot, uint64_t g)
{
	struct table_control *control = (void *)(base + TABLE_CONTROL);

	table_store(&slot->generation, g);
	table_store(&control->current, g);
}

#endif
