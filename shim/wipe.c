/*
 * After a drop for good: descriptors' entries keep the address of the backend
 * that each was last connected to, also long after it was closed. What is not a
 * connection of the program's any more is wiped out, and what was tried before.
 *
 * An entry may be in use by another thread meanwhile: a word is only wiped as
 * long as it is what it was, and what has come since stays.
 */
#include "wipe.h"
#include "entry.h"
#include "raw.h"
#include "traces.h"

#include <sys/socket.h>

static bool is_peer(int fd, const struct addr *to)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	struct addr addr;

	return !raw3(SYS_getpeername, fd, (long)&peer, (long)&len) &&
		addr_read((const void *)&peer, len, &addr) &&
		addr_same(&addr, to);
}

/* Is it still the socket that the entry speaks of? */
static bool is_alive(int fd, struct entry *e, uint64_t word)
{
	uint64_t cookie = table_load(&e->cookie);
	struct pending p;

	if (cookie)
		return entry_cookie(fd) == cookie;
	entry_read(e, word, &p);
	return is_peer(fd, &p.to);
}

/* Apart: what it reads stays below, where it is cleared. */
__attribute__((noinline)) static void wipe(int fd, struct entry *e)
{
	uint64_t word = table_load(&e->state);
	uint64_t hi = table_load(&e->to_hi), lo = table_load(&e->to_lo);
	uint32_t mark[MARKS];

	if (!hi && !lo)
		return;
	for (int i = 0; i < MARKS; i++)
		mark[i] = atomic_load(&e->mark[i]);
	if (entry_kind(word) &&
		(is_alive(fd, e, word) ||
			!entry_turn(e, word, (word + CHANGE) & CHANGES)))
		return;
	atomic_compare_exchange_strong(&e->to_hi, &hi, 0);
	atomic_compare_exchange_strong(&e->to_lo, &lo, 0);
	for (int i = 0; i < MARKS; i++)
		atomic_compare_exchange_strong(&e->mark[i], &mark[i], 0);
}

void wipe_entries(void)
{
	struct entries *entries = atomic_load(&entry_all);

	if (!entries || !atomic_load(&pending_any))
		return;
	for (int fd = 0; fd < FDS; fd++)
		wipe(fd, &entries->of[fd]);
	traces_clear();
}
