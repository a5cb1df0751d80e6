/*
 * An entry of the table of descriptors, as those see it who write there.
 *
 * The state word says what an entry is and counts its changes. Whoever changes
 * fields has made the state NOT or MOVING before; readers look at it before
 * and after.
 */
#ifndef SHIM_ENTRY_H
#define SHIM_ENTRY_H

#include "pending.h"

#include <stddef.h>

enum { FDS = 65536 }; /* connections of higher ones are not remembered */
enum { MARKS = TRIED_MAX - 1 };

struct entry {
	_Atomic uint64_t cookie; /* 0: nobody asked */
	_Atomic uint64_t vip_hi, vip_lo, to_hi, to_lo;
	_Atomic uint64_t ports; /* vip's << 48 | to's << 32 | line */
	_Atomic uint64_t state;
	_Atomic uint64_t rest; /* ordinal << 32 | deadline */
	_Atomic uint32_t mark[MARKS];
	_Atomic uint32_t maxseg;
};
static_assert(sizeof(struct entry) == 2 * TABLE_LINE, "two cache lines");

/* The last registration of a descriptor, in whatever epoll it was. */
struct note {
	_Atomic uint64_t data;
	_Atomic uint64_t events; /* as given, and a mark; 0: none */
};

struct entries {
	struct entry of[FDS];
	_Atomic uint64_t key;	/* the process's own */
	_Atomic uint64_t count; /* open, as pending_count says */
	_Atomic uint64_t owner; /* pid of who attached */
	/* A bit per number: clear where it is not open. Tidied by whoever
	 * looks. In the page of `key`, but for high numbers. */
	_Atomic uint64_t maybe[FDS / 64];
	/* Not wiped: a child goes on with its parent's registrations. */
	_Alignas(4096) struct note note[FDS];
};

/* Written once, at attach. */
extern _Atomic(struct entries *) entry_all;

/* begun << 32 | changes << 16 | tries before << 12 | retries << 8 | flags */
enum { KIND = 7, IS_V6 = 8, IS_TIMED = 16, IS_SHOWN = 32 };
enum { CHANGE = 1 << 16 };

#define CHANGES 0xffff0000ULL

/* NULL for a number that is not remembered, and before the first attach. */
static inline struct entry *entry_of(int fd)
{
	struct entries *entries =
		atomic_load_explicit(&entry_all, memory_order_acquire);

	return entries && (unsigned)fd < FDS ? &entries->of[fd] : NULL;
}

/* The kernel's own name of a socket; 0 where it has none to give. */
uint64_t entry_cookie(int fd);

static inline enum pending_kind entry_kind(uint64_t word)
{
	return word & KIND;
}

static inline bool entry_is_under_way(uint64_t word)
{
	return entry_kind(word) == PENDING_CONNECT ||
		entry_kind(word) == PENDING_MOVING;
}

/* Nor does the host know yet what has become of it. */
static inline bool entry_is_open(uint64_t word)
{
	return entry_is_under_way(word) || entry_kind(word) == PENDING_STOOD;
}

static inline uint64_t entry_changed(uint64_t word, enum pending_kind kind)
{
	return (word & ~(CHANGES | KIND)) | ((word + CHANGE) & CHANGES) | kind;
}

/* From one state to the next; false if it is another by now. */
bool entry_turn(struct entry *e, uint64_t from, uint64_t to);

/* Where it goes; the state is the caller's business. */
static inline void entry_put(struct entry *e, const struct addr *vip,
	const struct addr *to, uint32_t line)
{
	table_store(&e->vip_hi, vip->hi);
	table_store(&e->vip_lo, vip->lo);
	table_store(&e->to_hi, to->hi);
	table_store(&e->to_lo, to->lo);
	table_store(&e->ports,
		(uint64_t)vip->port << 48 | (uint64_t)to->port << 32 | line);
}

/* All of an entry; the caller checks that its state is still `word`. */
void entry_read(struct entry *e, uint64_t word, struct pending *p);

/* No higher number was ever open than the highest noted here. */
void entry_note_top(int fd);

/* pending_deadline is at most `ms` from here on. */
void entry_note_deadline(uint64_t ms);

#endif
