/*
 * One entry per descriptor, in a mapping that a forked child sees empty. An
 * entry is believed only while the socket has the cookie it was made with, or,
 * where the kernel was not asked for one, the peer: descriptors are closed,
 * duplicated and reused without our knowing.
 *
 * The state word says what an entry is and counts its changes. Whoever changes
 * fields has made the state NOT or MOVING before; readers look at it before
 * and after.
 */
#include "pending.h"
#include "raw.h"
#include "real.h"
#include "sandbox.h"
#include "shim.h"

#include <stddef.h>
#include <sys/mman.h>

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

/* begun << 32 | changes << 16 | tries before << 12 | retries << 8 | flags */
enum { KIND = 7, IS_V6 = 8, IS_TIMED = 16, IS_SHOWN = 32 };
enum { CHANGE = 1 << 16 };

#define CHANGES 0xffff0000ULL

struct entries {
	struct entry of[FDS];
	_Atomic uint64_t key;	/* the process's own */
	_Atomic uint64_t count; /* under way */
};

static struct {
	_Atomic(struct entries *) entries; /* written once, at attach */
	_Atomic int top;		   /* highest that was under way */
} state;

static _Atomic uint64_t none;

atomic_bool pending_any;
_Atomic(_Atomic uint64_t *) pending_count = &none;
_Atomic uint64_t pending_deadline = PENDING_NEVER;

void pending_prepare(void)
{
	const size_t size = sizeof(struct entries);
	struct entries *empty = NULL, *made;

	if (atomic_load(&state.entries))
		return;
	made = raw_map(size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
	if (!made)
		return;
	raw3(SYS_madvise, (long)made, (long)size, MADV_WIPEONFORK);
	raw3(SYS_madvise, (long)made, (long)size, MADV_DONTDUMP);
	if (atomic_compare_exchange_strong(&state.entries, &empty, made))
		atomic_store(&pending_count, &made->count);
	else
		raw3(SYS_munmap, (long)made, (long)size, 0);
}

_Atomic uint64_t *pending_process_key(void)
{
	struct entries *entries = atomic_load(&state.entries);

	return entries ? &entries->key : NULL;
}

static struct entry *entry_of(int fd)
{
	struct entries *entries =
		atomic_load_explicit(&state.entries, memory_order_acquire);

	return entries && fd >= 0 && fd < FDS ? &entries->of[fd] : NULL;
}

static uint64_t cookie_of(int fd)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);

	if (raw5(SYS_getsockopt, fd, SOL_SOCKET, SO_COOKIE, (long)&cookie,
		    (long)&len))
		return 0;
	return cookie;
}

static enum pending_kind kind_of(uint64_t word)
{
	return word & KIND;
}

static bool is_under_way(uint64_t word)
{
	return kind_of(word) == PENDING_CONNECT ||
		kind_of(word) == PENDING_MOVING;
}

/* From one state to the next; false if it is another by now. */
static bool turn(struct entry *e, uint64_t from, uint64_t to)
{
	_Atomic uint64_t *count =
		atomic_load_explicit(&pending_count, memory_order_relaxed);

	/* Counted before and discounted after: 0 means none. */
	if (is_under_way(to) && !is_under_way(from))
		atomic_fetch_add(count, 1);
	if (!atomic_compare_exchange_strong(&e->state, &from, to)) {
		if (is_under_way(to) && !is_under_way(from))
			atomic_fetch_sub(count, 1);
		return false;
	}
	if (is_under_way(from) && !is_under_way(to))
		atomic_fetch_sub(count, 1);
	return true;
}

static uint64_t changed(uint64_t word, enum pending_kind kind)
{
	return (word & ~(CHANGES | KIND)) | ((word + CHANGE) & CHANGES) | kind;
}

/* Whatever it was, it is nothing now: the fields are the caller's. */
static uint64_t clear(struct entry *e)
{
	uint64_t old = table_load(&e->state), new = (old + CHANGE) & CHANGES;

	if (LIKELY(!is_under_way(old))) {
		table_store(&e->state, new);
		return new;
	}
	while (!turn(e, old, new)) {
		old = table_load(&e->state);
		new = (old + CHANGE) & CHANGES;
	}
	return new;
}

static void put_route(struct entry *e, const struct addr *vip,
	const struct addr *to, uint32_t line)
{
	table_store(&e->vip_hi, vip->hi);
	table_store(&e->vip_lo, vip->lo);
	table_store(&e->to_hi, to->hi);
	table_store(&e->to_lo, to->lo);
	table_store(&e->ports,
		(uint64_t)vip->port << 48 | (uint64_t)to->port << 32 | line);
}

static void note_any(void)
{
	if (UNLIKELY(!atomic_load_explicit(&pending_any, memory_order_relaxed)))
		atomic_store(&pending_any, true);
}

void pending_peer(int fd, const struct route *route)
{
	struct entry *e = entry_of(fd);
	uint64_t word;

	if (!e)
		return;
	note_any();
	word = clear(e);
	table_store(&e->cookie, 0);
	put_route(e, &route->vip, &route->to, route->line);
	word |= route->peer_is_real ? 0 : IS_SHOWN;
	table_store(&e->state, changed(word, PENDING_PEER));
}

static void note_top(int fd)
{
	int top = atomic_load_explicit(&state.top, memory_order_relaxed);

	while (top < fd && !atomic_compare_exchange_weak(&state.top, &top, fd))
		;
}

int pending_top(void)
{
	return atomic_load_explicit(&state.top, memory_order_relaxed);
}

static void note_deadline(uint64_t ms)
{
	uint64_t next = atomic_load(&pending_deadline);

	while (ms < next &&
		!atomic_compare_exchange_weak(&pending_deadline, &next, ms))
		;
}

/* When the present try must have ended; false: the kernel's to say. */
static bool put_deadline(struct entry *e, uint32_t ordinal, unsigned timeout_ms)
{
	uint64_t at = timeout_ms ? real_precise_ms() + timeout_ms : 0;

	table_store(&e->rest, (uint64_t)ordinal << 32 | (uint32_t)at);
	if (timeout_ms)
		note_deadline(at);
	return timeout_ms;
}

void pending_begin(int fd, const struct route *route,
	const struct tried *before, bool is_v6, unsigned maxseg)
{
	struct entry *e = entry_of(fd);
	unsigned tries = before->count < MARKS ? before->count : MARKS;
	unsigned retries = route->retries < MARKS ? route->retries : MARKS;
	uint64_t word, changes;

	if (!e || sandbox_is_closed())
		return;
	note_any();
	note_top(fd);
	changes = clear(e);
	table_store(&e->cookie, cookie_of(fd));
	put_route(e, &route->vip, &route->to, route->line);
	for (unsigned i = 0; i < tries; i++)
		atomic_store(&e->mark[i], before->mark[i]);
	atomic_store(&e->maxseg, maxseg);
	word = real_coarse_ms() << 32 | changes | tries << 12 | retries << 8;
	word |= is_v6 ? IS_V6 : 0;
	word |= route->peer_is_real ? 0 : IS_SHOWN;
	if (put_deadline(e, route->ordinal, route->connect_timeout_ms))
		word |= IS_TIMED;
	turn(e, changes, changed(word, PENDING_CONNECT));
}

static void read_addr(struct addr *a, const _Atomic uint64_t *hi,
	const _Atomic uint64_t *lo, uint16_t port)
{
	a->hi = table_load(hi);
	a->lo = table_load(lo);
	a->port = port;
}

/* All of an entry; the caller checks that its state is still `word`. */
static void read_entry(struct entry *e, uint64_t word, struct pending *p)
{
	uint64_t ports = table_load(&e->ports), rest = table_load(&e->rest);

	p->state = word;
	read_addr(&p->vip, &e->vip_hi, &e->vip_lo, ports >> 48);
	read_addr(&p->to, &e->to_hi, &e->to_lo, (uint16_t)(ports >> 32));
	p->line = (uint32_t)ports;
	p->ordinal = rest >> 32;
	p->deadline = (uint32_t)rest;
	p->owed = (int)p->deadline;
	p->is_v6 = word & IS_V6;
	p->is_timed = word & IS_TIMED;
	p->retries = word >> 8 & 15;
	p->begun = word >> 32;
	p->maxseg = atomic_load(&e->maxseg);
	p->before.count = word >> 12 & 15;
	for (unsigned i = 0; i < p->before.count; i++)
		p->before.mark[i] = atomic_load(&e->mark[i]);
}

enum pending_kind pending_find(int fd, struct route *route)
{
	struct entry *e;
	struct pending p;
	uint64_t word;

	if (!atomic_load_explicit(&pending_any, memory_order_relaxed) ||
		sandbox_is_closed())
		return PENDING_NOT;
	e = entry_of(fd);
	word = e ? table_load(&e->state) : 0;
	if (kind_of(word) < PENDING_CONNECT)
		return PENDING_NOT;
	read_entry(e, word, &p);
	if (!addr_same(&p.vip, &route->vip) ||
		cookie_of(fd) != table_load(&e->cookie))
		return PENDING_NOT;
	if (table_load(&e->state) != word)
		return PENDING_MOVING; /* just now */
	route->to = p.to;
	route->line = p.line;
	route->ordinal = p.ordinal;
	route->retries = p.retries;
	return kind_of(word);
}

bool pending_vip(int fd, const struct addr *peer, struct addr *vip)
{
	struct entry *e = entry_of(fd);
	uint64_t word = e ? table_load(&e->state) : 0, cookie;
	struct pending p;

	if (!(word & IS_SHOWN) ||
		(kind_of(word) != PENDING_PEER && !is_under_way(word)))
		return false;
	read_entry(e, word, &p);
	cookie = table_load(&e->cookie);
	if (table_load(&e->state) != word || !addr_same(&p.to, peer) ||
		(cookie && cookie_of(fd) != cookie))
		return false;
	*vip = p.vip;
	return true;
}

void pending_forget(int fd)
{
	struct entry *e;

	if (!atomic_load_explicit(&pending_any, memory_order_relaxed))
		return;
	e = entry_of(fd);
	if (e && kind_of(table_load(&e->state)))
		clear(e);
}

bool pending_settle(int fd, uint32_t *line)
{
	struct entry *e = entry_of(fd);
	uint64_t word = e ? table_load(&e->state) : 0;

	if (kind_of(word) != PENDING_CONNECT)
		return false;
	*line = (uint32_t)table_load(&e->ports);
	return turn(e, word, changed(word, PENDING_PEER));
}

bool pending_is_under_way(int fd)
{
	struct entry *e = entry_of(fd);

	return e && is_under_way(table_load(&e->state));
}

bool pending_told(int fd, struct pending *p)
{
	struct entry *e = entry_of(fd);
	uint64_t word = e ? table_load(&e->state) : 0;

	if (kind_of(word) != PENDING_SPENT ||
		cookie_of(fd) != table_load(&e->cookie))
		return false;
	p->slot = fd;
	read_entry(e, word, p);
	return turn(e, word, changed(word, PENDING_TOLD));
}

static enum claim claim(int slot, uint64_t cookie, struct pending *p)
{
	struct entry *e = entry_of(slot);
	uint64_t word = e ? table_load(&e->state) : 0, mine;

	if (!is_under_way(word) || !cookie || table_load(&e->cookie) != cookie)
		return CLAIM_NONE;
	mine = changed(word, PENDING_MOVING);
	if (kind_of(word) == PENDING_MOVING || !turn(e, word, mine))
		return CLAIM_BUSY;
	p->slot = slot;
	read_entry(e, mine, p);
	return CLAIM_GOT;
}

enum claim pending_claim(int fd, struct pending *p)
{
	uint64_t cookie = cookie_of(fd);
	enum claim claimed = claim(fd, cookie, p);

	/* A duplicate, maybe: it has the cookie of the one that began. */
	for (int slot = 0; claimed == CLAIM_NONE && slot <= pending_top();
		slot++)
		claimed = claim(slot, cookie, p);
	return claimed;
}

static bool is_late(struct entry *e, uint64_t word, uint64_t now_ms)
{
	return kind_of(word) == PENDING_CONNECT && word & IS_TIMED &&
		(int32_t)((uint32_t)now_ms - (uint32_t)table_load(&e->rest)) >=
		0;
}

bool pending_claim_late(int slot, uint64_t now_ms, struct pending *p)
{
	struct entry *e = entry_of(slot);
	uint64_t word;

	if (!e)
		return false;
	word = table_load(&e->state);
	if (!is_late(e, word, now_ms))
		return false;
	if (cookie_of(slot) == table_load(&e->cookie))
		return claim(slot, table_load(&e->cookie), p) == CLAIM_GOT;
	turn(e, word, changed(word, PENDING_NOT)); /* closed long ago */
	return false;
}

void pending_release(const struct pending *p, enum pending_kind kind)
{
	struct entry *e = entry_of(p->slot);
	uint64_t word = p->state & ~(uint64_t)(IS_TIMED | 15 << 12), rest;

	if (table_load(&e->state) != p->state)
		return; /* the number has begun something else */
	put_route(e, &p->vip, &p->to, p->line);
	for (unsigned i = 0; i < p->before.count; i++)
		atomic_store(&e->mark[i], p->before.mark[i]);
	word |= (uint64_t)p->before.count << 12;
	if (p->is_timed)
		word |= IS_TIMED;
	rest = kind == PENDING_SPENT ? (uint32_t)p->owed : p->deadline;
	table_store(&e->rest, (uint64_t)p->ordinal << 32 | rest);
	turn(e, p->state, changed(word, kind));
}

void pending_find_deadline(uint64_t now_ms)
{
	uint64_t next = PENDING_NEVER;

	atomic_store(&pending_deadline, PENDING_NEVER);
	for (int slot = 0; slot <= pending_top(); slot++) {
		struct entry *e = entry_of(slot);
		uint64_t word = e ? table_load(&e->state) : 0, at;

		if (kind_of(word) != PENDING_CONNECT || !(word & IS_TIMED))
			continue;
		at = now_ms +
			(uint64_t)(int32_t)((uint32_t)table_load(&e->rest) -
				(uint32_t)now_ms);
		if (at < next)
			next = at;
	}
	note_deadline(next);
}
