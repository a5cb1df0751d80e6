/* Who has attached: the identities that new rules are tried on. */
#ifndef LBD_HOLDERS_H
#define LBD_HOLDERS_H

#include "acl.h"

/* All zeros: nobody yet. */
struct holders {
	uint64_t *mark;	      /* a hash of each, to search through */
	struct identity *who; /* copies, without the pid */
	size_t count, bytes;  /* of what they point to */
	bool more;	      /* than are remembered */
	struct net *net;      /* this host's addresses; NULL: as they were */
	bool moved; /* those are others than at the last holders_settle(), */
	bool late;  /* and so since a change of the world has begun */
};

/* Notes that `who` has been judged; copies what it points to. */
void holders_remember(struct holders *holders, const struct identity *who);

/*
 * Does anybody that may hold what `before` permits lose it under `after`, by the
 * addresses that this host has now? Yes, where more have attached than are
 * remembered.
 */
bool holders_lose(const struct holders *holders, const struct rules *before,
	const struct rules *after);

/* Whoever would have lost has been seen to, by rules with net: from now on they
 * are remembered with the addresses of now. */
void holders_settle(struct holders *holders);

void holders_free(struct holders *holders);

#endif
