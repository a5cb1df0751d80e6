/*
 * What connect() leaves behind for later calls on the same descriptor.
 */
#include "entry.h"
#include "real.h"
#include "route.h"
#include "sandbox.h"
#include "shim.h"

__attribute__((noinline)) static uint64_t give_up(struct entry *e)
{
	uint64_t old, new;

	do {
		old = table_load(&e->state);
		new = (old + CHANGE) & CHANGES;
	} while (!entry_turn(e, old, new));
	return new;
}

/* Whatever it was, it is nothing now: the fields are the caller's. */
static inline uint64_t clear(struct entry *e)
{
	uint64_t old = table_load(&e->state), new = (old + CHANGE) & CHANGES;

	if (UNLIKELY(entry_is_open(old)))
		return give_up(e);
	table_store(&e->state, new);
	return new;
}

static void note_any(void)
{
	if (UNLIKELY(!atomic_load_explicit(&pending_any, memory_order_relaxed)))
		atomic_store(&pending_any, true);
}

HOT void pending_peer(int fd, const struct route *route)
{
	struct entry *e = entry_of(fd);
	uint64_t word;

	if (!e)
		return;
	note_any();
	word = clear(e);
	table_store(&e->cookie, 0);
	entry_put(e, &route->vip, &route->to, route->line);
	word |= route->peer_is_real ? 0 : IS_SHOWN;
	table_store(&e->state, entry_changed(word, PENDING_PEER));
}

/* When the present try must have ended; false: the kernel's to say. */
static bool put_deadline(struct entry *e, uint32_t ordinal, unsigned timeout_ms)
{
	uint64_t at = timeout_ms ? real_precise_ms() + timeout_ms : 0;

	table_store(&e->rest, (uint64_t)ordinal << 32 | (uint32_t)at);
	if (timeout_ms)
		entry_note_deadline(at);
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
	entry_note_top(fd);
	changes = clear(e);
	table_store(&e->cookie, entry_cookie(fd));
	entry_put(e, &route->vip, &route->to, route->line);
	for (unsigned i = 0; i < tries; i++)
		atomic_store(&e->mark[i], before->mark[i]);
	atomic_store(&e->maxseg, maxseg);
	word = route_began() << 32 | changes | tries << 12 | retries << 8;
	word |= is_v6 ? IS_V6 : 0;
	word |= route->peer_is_real ? 0 : IS_SHOWN;
	if (put_deadline(e, route->ordinal, route->connect_timeout_ms))
		word |= IS_TIMED;
	entry_turn(e, changes, entry_changed(word, PENDING_CONNECT));
}

/* Apart, so that those of whom nothing is known pay for no frame. */
__attribute__((noinline)) static enum pending_kind recall(
	int fd, struct entry *e, uint64_t word, struct route *route)
{
	struct pending p;

	entry_read(e, word, &p);
	if (!addr_same(&p.vip, &route->vip) ||
		entry_cookie(fd) != table_load(&e->cookie))
		return PENDING_NOT;
	if (table_load(&e->state) != word)
		return PENDING_MOVING; /* just now */
	route->to = p.to;
	route->line = p.line;
	route->ordinal = p.ordinal;
	route->retries = p.retries;
	return entry_kind(word);
}

enum pending_kind pending_find(int fd, struct route *route)
{
	struct entry *e;
	uint64_t word;

	if (!atomic_load_explicit(&pending_any, memory_order_relaxed) ||
		sandbox_is_closed())
		return PENDING_NOT;
	e = entry_of(fd);
	word = e ? table_load(&e->state) : 0;
	return entry_kind(word) && table_load(&e->cookie)
		? recall(fd, e, word, route)
		: PENDING_NOT;
}

bool pending_vip(int fd, const struct addr *peer, struct addr *vip)
{
	struct entry *e = entry_of(fd);
	uint64_t word = e ? table_load(&e->state) : 0, cookie;
	struct pending p;

	if (!(word & IS_SHOWN) || entry_kind(word) < PENDING_PEER ||
		entry_kind(word) > PENDING_MOVING)
		return false;
	entry_read(e, word, &p);
	cookie = table_load(&e->cookie);
	if (table_load(&e->state) != word || !addr_same(&p.to, peer) ||
		(cookie && entry_cookie(fd) != cookie))
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
	if (e && entry_kind(table_load(&e->state)))
		clear(e);
}

enum pending_kind pending_kind_of(int fd)
{
	struct entry *e = entry_of(fd);

	return e ? entry_kind(table_load(&e->state)) : PENDING_NOT;
}

bool pending_settle(int fd, enum pending_kind kind, uint32_t *line)
{
	struct entry *e = entry_of(fd);
	uint64_t word = e ? table_load(&e->state) : 0;

	if (entry_kind(word) == PENDING_STOOD && kind == PENDING_PEER)
		entry_turn(e, word, entry_changed(word, kind));
	if (entry_kind(word) != PENDING_CONNECT)
		return false;
	*line = (uint32_t)table_load(&e->ports);
	return entry_turn(e, word, entry_changed(word, kind));
}

bool pending_told(int fd, struct pending *p)
{
	struct entry *e = entry_of(fd);
	uint64_t word = e ? table_load(&e->state) : 0;

	if (entry_kind(word) != PENDING_SPENT ||
		entry_cookie(fd) != table_load(&e->cookie))
		return false;
	p->slot = fd;
	entry_read(e, word, p);
	return entry_turn(e, word, entry_changed(word, PENDING_TOLD));
}
