/* What this process has been given by lbd: its view of the table. */
#ifndef SHIM_ATTACH_H
#define SHIM_ATTACH_H

#include "counters.h"
#include "identity.h"
#include "table.h"

struct attached_list {
	struct table_map map; /* base NULL: not permitted */
	uint32_t id;	      /* not permitted: what keys call the refusal */
};

/*
 * Written before anybody can see it, never changed but for its epoch and beat,
 * never unmapped: replaced as a whole. What is let go of turns into zeros in
 * place, so that whoever still reads it finds an empty table and looks here
 * again.
 */
struct attachment {
	struct table_map keys;
	struct counters *counters; /* NULL: count nowhere */
	uint64_t services;	   /* that the counters have room for */
	_Atomic uint64_t epoch;	   /* of the last identity found to be `who` */
	_Atomic uint64_t beat, beat_ms; /* last heartbeat seen, and when */
	uint64_t lists;

	uint64_t host_hash, user_hash; /* whose we are, for maglev */
	_Atomic uint64_t *process_key; /* 0 until drawn; a forked child's too.
					  NULL: no memory */
	struct ids who;		       /* whose rights these are */
	uint32_t server;	       /* lbd's uid */
	uint64_t door[2]; /* where it listens for those who cannot reach its
			     path; zeros: nowhere */
	struct attached_list list[];
};

/* Written when an attach succeeds; read by everybody. */
extern _Atomic(struct attachment *) attach_newest;

/* What the clock said when anybody looked last, real_coarse_ms(). */
extern _Atomic uint64_t attach_looked_ms;

/* lbd has not moved the heartbeat for a while: what it counts is old. */
extern atomic_bool attach_adrift;

/*
 * The attachment as of the last look at lbd, without another: for a call that
 * follows a moment after one that looked. NULL while there is none.
 */
static inline const struct attachment *attach_latest(void)
{
	return atomic_load_explicit(&attach_newest, memory_order_acquire);
}

/* The process is somebody else by now, or may be: nothing that has rules is to
 * be believed. */
static inline bool attach_is_stale(const struct attachment *a)
{
	return atomic_load_explicit(&a->epoch, memory_order_relaxed) !=
		atomic_load_explicit(&identity_epoch, memory_order_relaxed);
}

/*
 * The attachment to use now; NULL while there is none. Attaches at the first
 * need, and anew when lbd went away and came back, or when the process became
 * somebody else; stale where that could not be. Cheap: a cache line and a
 * clock.
 */
const struct attachment *attach_current(void);

/*
 * The table speaks of a list that the attachment does not know: asks lbd, and
 * waits as long as the first time, for without an answer the host is refused;
 * unless lbd did not answer a second ago.
 */
const struct attachment *attach_again(const struct attachment *known);

#endif
