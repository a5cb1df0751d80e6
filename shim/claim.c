/*
 * Taking a connection for one thread alone, and letting go of it; and those
 * whose connect-timeout has run out.
 */
#include "entry.h"

static enum claim claim(int slot, uint64_t cookie, struct pending *p)
{
	struct entry *e = entry_of(slot);
	uint64_t word = e ? table_load(&e->state) : 0, mine;

	if (!entry_is_open(word) || !cookie || table_load(&e->cookie) != cookie)
		return CLAIM_NONE;
	mine = entry_changed(word, PENDING_MOVING);
	if (entry_kind(word) == PENDING_MOVING || !entry_turn(e, word, mine))
		return CLAIM_BUSY;
	p->slot = slot;
	p->has_stood = entry_kind(word) == PENDING_STOOD;
	entry_read(e, mine, p);
	return CLAIM_GOT;
}

enum claim pending_claim(int fd, struct pending *p)
{
	uint64_t cookie = entry_cookie(fd);
	enum claim claimed = claim(fd, cookie, p);

	/* A duplicate, maybe: it has the cookie of the one that began. */
	for (int slot = cookie ? pending_next(0) : -1;
		claimed == CLAIM_NONE && slot >= 0;
		slot = pending_next(slot + 1))
		claimed = claim(slot, cookie, p);
	return claimed;
}

bool pending_holds(const struct pending *p)
{
	return atomic_load(&entry_of(p->slot)->state) == p->state;
}

static bool is_late(struct entry *e, uint64_t word, uint64_t now_ms)
{
	return entry_kind(word) == PENDING_CONNECT && word & IS_TIMED &&
		(int32_t)((uint32_t)now_ms - (uint32_t)table_load(&e->rest)) >=
		0;
}

bool pending_claim_late(int slot, uint64_t now_ms, struct pending *p)
{
	struct entry *e = entry_of(slot);
	uint64_t word, cookie;

	if (!e)
		return false;
	word = table_load(&e->state);
	if (!is_late(e, word, now_ms))
		return false;
	cookie = entry_cookie(slot);
	if (cookie && cookie == table_load(&e->cookie))
		return claim(slot, cookie, p) == CLAIM_GOT;
	/* Closed long ago; or the kernel has no cookies, and it would be late
	 * for ever. */
	entry_turn(e, word, entry_changed(word, PENDING_NOT));
	return false;
}

void pending_release(const struct pending *p, enum pending_kind kind)
{
	struct entry *e = entry_of(p->slot);
	uint64_t word = p->state & ~(uint64_t)(IS_TIMED | 15 << 12), rest;

	if (table_load(&e->state) != p->state)
		return; /* the number has begun something else */
	entry_put(e, &p->vip, &p->to, p->line);
	for (unsigned i = 0; i < p->before.count; i++)
		atomic_store(&e->mark[i], p->before.mark[i]);
	word |= (uint64_t)p->before.count << 12;
	if (p->is_timed)
		word |= IS_TIMED;
	rest = kind == PENDING_SPENT ? (uint32_t)p->owed : p->deadline;
	table_store(&e->rest, (uint64_t)p->ordinal << 32 | rest);
	entry_turn(e, p->state, entry_changed(word, kind));
}

void pending_find_deadline(uint64_t now_ms)
{
	uint64_t next = PENDING_NEVER;

	atomic_store(&pending_deadline, PENDING_NEVER);
	for (int slot = pending_next(0); slot >= 0;
		slot = pending_next(slot + 1)) {
		struct entry *e = entry_of(slot);
		uint64_t word = table_load(&e->state), at;

		if (entry_kind(word) != PENDING_CONNECT || !(word & IS_TIMED))
			continue;
		at = now_ms +
			(uint64_t)(int32_t)((uint32_t)table_load(&e->rest) -
				(uint32_t)now_ms);
		if (at < next)
			next = at;
	}
	entry_note_deadline(next);
}
