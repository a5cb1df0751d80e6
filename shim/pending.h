/*
 * What became of each descriptor's connect(): where it was sent, whether that
 * is still under way, and what was tried before.
 */
#ifndef SHIM_PENDING_H
#define SHIM_PENDING_H

#include "lookup.h"

#include <stdatomic.h>

enum pending_kind {
	PENDING_NOT,
	PENDING_PEER,	 /* it stands, and the host knows */
	PENDING_STOOD,	 /* an event said so; the host has not asked yet */
	PENDING_CONNECT, /* under way */
	PENDING_MOVING,	 /* between two backends; one thread's business */
	PENDING_SPENT,	 /* it failed, and that is the host's to know */
	PENDING_TOLD,	 /* and the host knows */
};

/* Whether anything was ever noted: a host that has none pays one load. */
extern atomic_bool pending_any;

/*
 * How many are STOOD << 32 | under way, about: 0 is exact. Read through, written
 * by one.
 */
extern _Atomic(_Atomic uint64_t *) pending_count;

/* The next connect-timeout that runs out, by real_precise_ms(). */
extern _Atomic uint64_t pending_deadline;

#define PENDING_NEVER UINT64_MAX

/* Those that may yet fail without the host's knowing: one load. */
static inline uint64_t pending_open(void)
{
	return atomic_load_explicit(
		atomic_load_explicit(&pending_count, memory_order_relaxed),
		memory_order_relaxed);
}

static inline bool pending_is_any_under_way(void)
{
	return (uint32_t)pending_open();
}

/* A private copy of one connection that was claimed. */
struct pending {
	int slot;
	uint64_t state; /* as claimed */
	struct addr vip, to;
	uint32_t line, ordinal;
	bool is_v6;	     /* the socket's family, not the address's */
	bool is_timed;	     /* connect-timeout */
	bool has_stood;	     /* when it was claimed */
	unsigned retries;    /* at most so many further backends */
	uint32_t begun;	     /* the first try; ms, low half */
	uint32_t deadline;   /* of this one; the same */
	int owed;	     /* SPENT: an error the kernel does not know */
	unsigned maxseg;     /* that the host has set; 0 = none, or unknown */
	struct tried before; /* this one */
};

/* Makes room; called at attach, so that later calls need no memory. */
void pending_prepare(void);

/* A word that a forked child finds 0 again; NULL without memory. */
_Atomic uint64_t *pending_process_key(void);

/* Another such, for the pid of who attached. */
_Atomic uint64_t *pending_owner(void);

/*
 * The connection of `fd` is under way to route->to, and was not to be had where
 * `before` says. Keeps errno.
 */
void pending_begin(int fd, const struct route *route,
	const struct tried *before, bool is_v6, unsigned maxseg);

/* The connection of `fd` stands. */
void pending_peer(int fd, const struct route *route);

/* What has become of the connect() of `fd` to route->vip; fills line, ordinal, to, retries.
 * Keeps errno. */
enum pending_kind pending_find(int fd, struct route *route);

/* The virtual address that `fd` was connected to; false if its peer, the
 * kernel's word, is not whom we sent it to. */
bool pending_vip(int fd, const struct addr *peer, struct addr *vip);

/* The host gave the connection up, or it ended, or the number is another's. */
void pending_forget(int fd);

/* It stands, STOOD or PEER: true if it was under way until now; then its line. */
bool pending_settle(int fd, enum pending_kind kind, uint32_t *line);

/* What is known of `fd`, as far as its number tells. */
enum pending_kind pending_kind_of(int fd);

static inline bool pending_is_under_way(int fd)
{
	enum pending_kind kind = pending_kind_of(fd);

	return kind == PENDING_CONNECT || kind == PENDING_MOVING;
}

/* The host is about to learn of a failure: true the first time. */
bool pending_told(int fd, struct pending *p);

enum claim { CLAIM_NONE, CLAIM_BUSY, CLAIM_GOT };

/*
 * Takes the connect() of `fd`, under whatever number it began, for the caller
 * alone, who must let go of it again: CONNECT or STOOD; BUSY while another
 * thread has it.
 */
enum claim pending_claim(int fd, struct pending *p);

/* Is it still the same? Another thread may have closed it meanwhile, and a third
 * have been given its number. */
bool pending_holds(const struct pending *p);

/* The same by its own number, where its connect-timeout has run out. */
bool pending_claim_late(int slot, uint64_t now_ms, struct pending *p);

/* Lets go; under way to p->to, or as `kind` says. */
void pending_release(const struct pending *p, enum pending_kind kind);

/* The first number from `from` on that is under way or STOOD; -1: none is. */
int pending_next(int from);

/* After all that were late were claimed: finds the next deadline. */
void pending_find_deadline(uint64_t now_ms);

#endif
