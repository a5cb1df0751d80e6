/*
 * One entry per descriptor, in a mapping that a forked child sees empty. An
 * entry is believed only while the socket has the cookie it was made with:
 * descriptors are closed, duplicated and reused without our knowing.
 */
#include "pending.h"
#include "raw.h"
#include "sandbox.h"

#include <stddef.h>
#include <sys/mman.h>

enum { FDS = 65536 };	    /* connections of higher ones are not remembered */
enum { ENTRIES = FDS + 1 }; /* the last is the process's own: its key */

struct entry {
	_Atomic uint64_t cookie; /* 0: nothing under way */
	_Atomic uint64_t vip_hi, vip_lo, to_hi, to_lo;
	_Atomic uint64_t rest; /* vip port << 48 | to port << 32 | line */
	uint64_t spare[2];
};
static_assert(sizeof(struct entry) == TABLE_LINE, "one cache line");

static struct {
	_Atomic(struct entry *) entries; /* written once, at attach */
} state;

atomic_bool pending_any;

void pending_prepare(void)
{
	const size_t size = ENTRIES * sizeof(struct entry);
	struct entry *none = NULL, *made;

	if (atomic_load(&state.entries))
		return;
	made = raw_map(size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
	if (!made)
		return;
	raw3(SYS_madvise, (long)made, (long)size, MADV_WIPEONFORK);
	raw3(SYS_madvise, (long)made, (long)size, MADV_DONTDUMP);
	if (!atomic_compare_exchange_strong(&state.entries, &none, made))
		raw3(SYS_munmap, (long)made, (long)size, 0);
}

_Atomic uint64_t *pending_process_key(void)
{
	struct entry *entries = atomic_load(&state.entries);

	return entries ? &entries[FDS].cookie : NULL;
}

static struct entry *entry_of(int fd)
{
	struct entry *entries = atomic_load(&state.entries);

	return entries && fd >= 0 && fd < FDS ? &entries[fd] : NULL;
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

void pending_note(int fd, const struct route *route)
{
	struct entry *e = entry_of(fd);

	if (!e || sandbox_is_closed())
		return;
	if (!atomic_load_explicit(&pending_any, memory_order_relaxed))
		atomic_store(&pending_any, true);
	table_store(&e->cookie, 0);
	table_store(&e->vip_hi, route->vip.hi);
	table_store(&e->vip_lo, route->vip.lo);
	table_store(&e->to_hi, route->to.hi);
	table_store(&e->to_lo, route->to.lo);
	table_store(&e->rest,
		(uint64_t)route->vip.port << 48 |
			(uint64_t)route->to.port << 32 | route->line);
	table_store(&e->cookie, cookie_of(fd));
}

bool pending_find(int fd, struct route *route)
{
	struct entry *e;
	uint64_t cookie, rest;

	if (!atomic_load_explicit(&pending_any, memory_order_relaxed) ||
		sandbox_is_closed())
		return false;
	e = entry_of(fd);
	cookie = e ? table_load(&e->cookie) : 0;
	if (!cookie)
		return false;
	rest = table_load(&e->rest);
	if (table_load(&e->vip_lo) != route->vip.lo ||
		table_load(&e->vip_hi) != route->vip.hi ||
		rest >> 48 != route->vip.port || cookie_of(fd) != cookie)
		return false;
	route->to.hi = table_load(&e->to_hi);
	route->to.lo = table_load(&e->to_lo);
	route->to.port = (uint16_t)(rest >> 32);
	route->line = (uint32_t)rest;
	return true;
}

void pending_forget(int fd)
{
	struct entry *e;

	if (!atomic_load_explicit(&pending_any, memory_order_relaxed))
		return;
	e = entry_of(fd);
	if (e && table_load(&e->cookie))
		table_store(&e->cookie, 0);
}
