/*
 * Which sockets are lbd's own, by the kernel's cookie for each: a hash set. One
 * that is closed is remembered until the dump that may still show it is over.
 */
#include "own.h"
#include "shim/table.h"

#include <stdlib.h>
#include <sys/socket.h>

enum { SLOTS_MIN = 64, SLOTS_MAX = 1 << 22 };

static struct {
	uint64_t *slot; /* cookies; 0 = free */
	size_t slots, used;
	uint64_t *dropped; /* closed, and still in a slot */
	size_t drops, room;
} own;

/* Where the cookie stands, or would; there always is a free slot. */
static size_t place(const uint64_t *slot, size_t slots, uint64_t cookie)
{
	size_t at = table_mix(cookie) & (slots - 1);

	while (slot[at] && slot[at] != cookie)
		at = (at + 1) & (slots - 1);
	return at;
}

static bool grow(void)
{
	size_t slots = own.slots ? 2 * own.slots : SLOTS_MIN;
	uint64_t *slot =
		slots <= SLOTS_MAX ? calloc(slots, sizeof(*slot)) : NULL;

	if (!slot)
		return false;
	for (size_t i = 0; i < own.slots; i++)
		if (own.slot[i])
			slot[place(slot, slots, own.slot[i])] = own.slot[i];
	free(own.slot);
	own.slot = slot;
	own.slots = slots;
	return true;
}

/* Closes the gap: what was pushed behind it moves up. */
static void take_out(uint64_t cookie)
{
	size_t gap = place(own.slot, own.slots, cookie), at = gap, mask;

	if (!own.slot[gap])
		return;
	own.used--;
	mask = own.slots - 1;
	while (own.slot[at = (at + 1) & mask]) {
		size_t home = table_mix(own.slot[at]) & mask;

		if (((at - home) & mask) < ((at - gap) & mask))
			continue;
		own.slot[gap] = own.slot[at];
		gap = at;
	}
	own.slot[gap] = 0;
}

static uint64_t cookie_of(int fd)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);

	return getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len) ? 0
								    : cookie;
}

void own_add(int fd)
{
	uint64_t cookie = cookie_of(fd);
	size_t at;

	if (!cookie || (4 * (own.used + 1) > 3 * own.slots && !grow()))
		return;
	at = place(own.slot, own.slots, cookie);
	own.used += !own.slot[at];
	own.slot[at] = cookie;
}

void own_drop(int fd)
{
	uint64_t cookie = cookie_of(fd);

	if (!own_has(cookie))
		return;
	if (own.drops == own.room) {
		size_t room = own.room ? 2 * own.room : SLOTS_MIN;
		uint64_t *more = realloc(own.dropped, room * sizeof(*more));

		if (!more) {
			take_out(cookie);
			return;
		}
		own.dropped = more;
		own.room = room;
	}
	own.dropped[own.drops++] = cookie;
}

bool own_has(uint64_t cookie)
{
	return cookie && own.slots &&
		own.slot[place(own.slot, own.slots, cookie)];
}

void own_sweep(void)
{
	while (own.drops)
		take_out(own.dropped[--own.drops]);
}
