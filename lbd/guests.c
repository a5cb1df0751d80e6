/*
 * Users with an open conversation. A user is what a stranger cannot make more
 * of at will, so shares are counted by it: what one takes too much of, it
 * takes from itself.
 */
#include "guests.h"

#include <stdlib.h>

static struct guest **bucket_of(struct guests *all, uid_t uid)
{
	return &all->bucket[uid % GUEST_BUCKETS];
}

struct guest *guests_enter(struct guests *all, uid_t uid)
{
	struct guest **bucket = bucket_of(all, uid), *g = *bucket;

	while (g && g->uid != uid)
		g = g->next;
	if (!g) {
		g = calloc(1, sizeof(*g));
		if (!g)
			return NULL;
		g->uid = uid;
		g->next = *bucket;
		*bucket = g;
	}
	g->talks++;
	return g;
}

void guests_leave(struct guests *all, struct guest *guest)
{
	struct guest **at = bucket_of(all, guest->uid);

	if (--guest->talks)
		return;
	while (*at != guest)
		at = &(*at)->next;
	*at = guest->next;
	free(guest);
}

void guests_hold(struct guests *all, struct guest *guest, size_t held)
{
	all->held += held;
	guest->held += held;
}

void guests_let_go(struct guests *all, struct guest *guest, size_t held)
{
	all->held -= held;
	guest->held -= held;
}

bool guests_have_room(
	const struct guests *all, const struct guest *guest, size_t budget)
{
	return all->held + guest->held < budget;
}

struct guest *guests_greediest(const struct guests *all)
{
	struct guest *most = NULL;

	for (int i = 0; i < GUEST_BUCKETS; i++)
		for (struct guest *g = all->bucket[i]; g; g = g->next)
			if (g->waiting > (most ? most->waiting : 0))
				most = g;
	return most;
}
