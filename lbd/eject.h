/*
 * Ejection: what callers see at a backend can take it out for a while. Pure.
 * What they say is a hint, and may be a lie: see eject_ground().
 */
#ifndef LBD_EJECT_H
#define LBD_EJECT_H

#include "use.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ejection {
	/* Since a caller last succeeded. */
	uint32_t failures;
	uint32_t denied;  /* of these, when a good probe spoke against them */
	struct users by;  /* that failed */
	bool worked;	  /* for a caller, in the reading under way */
	bool suspected;	  /* its next probe decides */
	bool out;	  /* ejected */
	bool probe_saw;	  /* a probe failed too, so a good one means much */
	unsigned repeats; /* this is the nth ejection in a row */
	double suspected_at, since, until, returned;
};

/* One user's outcomes; then, when all users of a reading were heard, the end:
 * a success of anyone takes the failures of everyone back. */
void eject_hear(struct ejection *e, unsigned user, uint64_t ok, uint64_t failed,
	double now);
void eject_heard_all(struct ejection *e);

/* A good probe: so many failures again before the next is asked. */
void eject_deny(struct ejection *e);

/* Failures so far count no more. */
void eject_forget(struct ejection *e);

/* Did different users fail within a minute? */
bool eject_has_users(const struct ejection *e, double now);

enum eject_ground {
	EJECT_NOT,
	EJECT_ASK, /* one user of several says so: if a probe agrees */
	EJECT_USERS,
	EJECT_ONLY_USER,
};

/*
 * What the failures come to. `alone`: the user that failed is the only one
 * that the service has. No user can eject alone what others use; two can, both
 * of which failed within a minute.
 */
enum eject_ground eject_ground(
	const struct ejection *e, unsigned eject_after, bool alone, double now);

/* The most backends of a service that may be out at a time. */
size_t eject_most(size_t backends);

/* Out it goes; `eject_time` in seconds. */
void eject_begin(struct ejection *e, double eject_time, bool probe_saw,
	double now, double chance);
void eject_end(struct ejection *e, double now);

/* Its time is over. */
bool eject_is_over(const struct ejection *e, double now);

/*
 * A probe that began at `asked` says that an ejected backend is `good`: does
 * that end the ejection? Not once it was sent back on a probe's word and
 * failed again: such a probe does not see what callers see.
 */
bool eject_probed(struct ejection *e, double asked, bool good);

#endif
