/* Address -> service -> backend, read from the regions. Pure: memory only. */
#ifndef SHIM_LOOKUP_H
#define SHIM_LOOKUP_H

#include "addr.h"
#include "attach.h"

enum found {
	FOUND_NOTHING, /* not virtual: the kernel's business */
	FOUND_SERVICE, /* the caller may use it */
	FOUND_DENIED,  /* the caller may not */
	FOUND_STRANGE, /* under a list that came after the attach */
	FOUND_SHARED,  /* tcp or udp? ask again with the protocol */
	FOUND_CHANGED, /* the table moved on in between: begin again */
	FOUND_EMPTY,   /* no usable backend (left) */
	FOUND_BACKEND,
};

/* Where one connect() goes. */
struct route {
	struct addr vip; /* what was asked for */
	uint32_t list, service, tag;
	bool guarded;	   /* the list has rules */
	uint8_t again;	   /* enum pending_kind: what is under way to there */
	bool peer_is_real; /* getpeername() shows the backend */
	bool adrift;	   /* lbd is silent: nobody counts connections */
	uint64_t counter;
	enum table_balance balance;
	enum hash_on hash_on;
	unsigned retries, connect_timeout_ms;
	int no_backend;	  /* errno */
	uint32_t ordinal; /* of the backend in its service */
	uint32_t line;	  /* of the backend in the counters */
	struct addr to;
};

enum { TRIED_MAX = 16 };

/*
 * Backends already tried, by a mark of their addresses: a retry may see another
 * generation, where numbers mean others. Two with one mark are tried as one.
 */
struct tried {
	unsigned count;
	uint32_t mark[TRIED_MAX];
};

static inline uint32_t tried_mark(const struct addr *a)
{
	return (uint32_t)table_mark(a->hi, a->lo, a->port);
}

static inline void tried_add(struct tried *tried, const struct addr *a)
{
	if (tried->count < TRIED_MAX)
		tried->mark[tried->count++] = tried_mark(a);
}

/*
 * False where the address is surely not virtual, nor the table superseded;
 * cheaper than to look.
 */
static inline bool lookup_may_be_virtual(
	const struct attachment *a, const struct addr *vip)
{
	uint64_t g;
	const struct table_slot *slot = table_open(&a->keys, &g);
	uint64_t networks = table_load(&slot->networks);

	return networks & table_network(vip->hi, vip->lo) ||
		!table_whole(slot, g) ||
		table_load(&table_control(&a->keys)->flags) & TABLE_SUPERSEDED;
}

/*
 * Looks a virtual address up; `protocol` is 0 or IPPROTO_*. Fills `route` up
 * to no_backend where it says SERVICE, the first line of it where DENIED;
 * CHANGED where the table was let go of, or is being written all the time.
 */
enum found lookup_service(const struct attachment *a, const struct addr *vip,
	int protocol, struct route *route);

/*
 * Chooses a backend for a route that lookup_service() filled: BACKEND, EMPTY
 * or CHANGED. `draw` is the next number of the service's cursor; `adrift` is
 * the caller's to fill in.
 */
enum found lookup_backend(const struct attachment *a, uint64_t draw,
	const struct tried *tried, struct route *route);

/*
 * A service whose list is strange, in the list that it was in before: points
 * the route there, as lookup_service() would; false if it was in none.
 */
bool lookup_elsewhere(const struct attachment *a, struct route *route);

/* Another region took over from the one the route leads to. */
bool lookup_superseded(const struct attachment *a, const struct route *route);

/* Superseded, and closed: not everybody who has it may follow. */
bool lookup_revoked(const struct attachment *a, const struct route *route);

/* "api/web1" into `out`, at most 82 bytes with the NUL; for log lines. Empty
 * where the table moves on meanwhile. */
void lookup_labels(
	const struct attachment *a, const struct route *route, char *out);

#endif
