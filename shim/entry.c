/*
 * One entry per descriptor, in a mapping that a forked child sees empty. An
 * entry is believed only while the socket has the cookie it was made with, or,
 * where the kernel was not asked for one, the peer: descriptors are closed,
 * duplicated and reused without our knowing.
 */
#include "entry.h"
#include "raw.h"

#include <sys/mman.h>

static _Atomic int top_entry; /* highest that was open */

_Atomic(struct entries *) entry_all;

static _Atomic uint64_t none;

atomic_bool pending_any;
_Atomic(_Atomic uint64_t *) pending_count = &none;
_Atomic uint64_t pending_deadline = PENDING_NEVER;

void pending_prepare(void)
{
	const size_t size = sizeof(struct entries);
	const size_t wiped = offsetof(struct entries, note);
	struct entries *empty = NULL, *made;

	if (atomic_load(&entry_all))
		return;
	made = raw_map(size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
	if (!made)
		return;
	raw3(SYS_madvise, (long)made, (long)wiped, MADV_WIPEONFORK);
	raw3(SYS_madvise, (long)made, (long)size, MADV_DONTDUMP);
	if (atomic_compare_exchange_strong(&entry_all, &empty, made))
		atomic_store(&pending_count, &made->count);
	else
		raw3(SYS_munmap, (long)made, (long)size, 0);
}

_Atomic uint64_t *pending_process_key(void)
{
	struct entries *entries = atomic_load(&entry_all);

	return entries ? &entries->key : NULL;
}

_Atomic uint64_t *pending_owner(void)
{
	struct entries *entries = atomic_load(&entry_all);

	return entries ? &entries->owner : NULL;
}

uint64_t entry_cookie(int fd)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);

	if (raw5(SYS_getsockopt, fd, SOL_SOCKET, SO_COOKIE, (long)&cookie,
		    (long)&len))
		return 0;
	return cookie;
}

/* Sets the bit of one that is open. */
static void mark(struct entries *entries, const struct entry *e)
{
	size_t fd = (size_t)(e - entries->of);
	uint64_t bit = 1ULL << fd % 64;

	/* Mostly it is set since the number was open the last time. */
	if (!(table_load(&entries->maybe[fd / 64]) & bit))
		atomic_fetch_or(&entries->maybe[fd / 64], bit);
}

/* What has begun in between is marked again, here or by who began it. */
static void unmark(struct entries *entries, int fd)
{
	atomic_fetch_and(&entries->maybe[fd / 64], ~(1ULL << fd % 64));
	if (entry_is_open(atomic_load(&entries->of[fd].state)))
		mark(entries, &entries->of[fd]);
}

/* What an entry of that state adds to the count. */
static uint64_t share(uint64_t word)
{
	if (entry_is_under_way(word))
		return 1;
	return entry_is_open(word) ? 1ULL << 32 : 0;
}

bool entry_turn(struct entry *e, uint64_t from, uint64_t to)
{
	struct entries *entries = atomic_load(&entry_all);
	bool opens = entry_is_open(to) && !entry_is_open(from);
	uint64_t now = share(to), was = share(from);
	bool turned;

	/* Counted before and discounted after: 0 means none. */
	if (now != was)
		atomic_fetch_add(&entries->count, now);
	if (opens)
		mark(entries, e);
	turned = atomic_compare_exchange_strong(&e->state, &from, to);
	if (opens && turned)
		mark(entries, e);
	if (now != was)
		atomic_fetch_sub(&entries->count, turned ? was : now);
	return turned;
}

void entry_note_top(int fd)
{
	int top = atomic_load_explicit(&top_entry, memory_order_relaxed);

	while (top < fd && !atomic_compare_exchange_weak(&top_entry, &top, fd))
		;
}

int pending_next(int from)
{
	struct entries *entries = atomic_load(&entry_all);
	int top = atomic_load_explicit(&top_entry, memory_order_relaxed);
	uint64_t bits;

	while (entries && from <= top) {
		bits = table_load(&entries->maybe[from / 64]) >> from % 64;
		if (!bits) {
			from = (from | 63) + 1;
			continue;
		}
		from += __builtin_ctzll(bits);
		if (entry_is_open(table_load(&entries->of[from].state)))
			return from;
		unmark(entries, from++);
	}
	return -1;
}

void entry_note_deadline(uint64_t ms)
{
	uint64_t next = atomic_load(&pending_deadline);

	while (ms < next &&
		!atomic_compare_exchange_weak(&pending_deadline, &next, ms))
		;
}

static void read_addr(struct addr *a, const _Atomic uint64_t *hi,
	const _Atomic uint64_t *lo, uint16_t port)
{
	a->hi = table_load(hi);
	a->lo = table_load(lo);
	a->port = port;
}

void entry_read(struct entry *e, uint64_t word, struct pending *p)
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
