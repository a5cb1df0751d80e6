/* What each user holds of lbd: connections, and descriptors on their way. */
#ifndef LBD_GUESTS_H
#define LBD_GUESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { GUEST_BUCKETS = 64 };

struct guest {
	uid_t uid;
	size_t talks;	/* it has with us, of any kind; none: it is gone */
	size_t waiting; /* of those, not answered */
	size_t held;	/* descriptors for answers that it has not read */
	struct guest *next;
};

struct guests {
	struct guest *bucket[GUEST_BUCKETS];
	size_t held; /* by all */
};

/* The guest of that uid, with one more talk; NULL where memory is short. */
struct guest *guests_enter(struct guests *all, uid_t uid);
/* With one talk less; it may be gone then. */
void guests_leave(struct guests *all, struct guest *guest);

void guests_hold(struct guests *all, struct guest *guest, size_t held);
void guests_let_go(struct guests *all, struct guest *guest, size_t held);

/*
 * May it hold more, where `budget` is for all together? Nobody gets more than
 * what would be left: one user at most half, each further one half of the
 * rest, so that there is some for the next.
 */
bool guests_have_room(
	const struct guests *all, const struct guest *guest, size_t budget);

/* The one with the most that waits; NULL: nothing does. */
struct guest *guests_greediest(const struct guests *all);

#endif
