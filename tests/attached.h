/*
 * Callers who attached to a fixture's table at some time, with maps of their
 * own: they keep what they have got when lbd lets go of it.
 */
#ifndef TESTS_ATTACHED_H
#define TESTS_ATTACHED_H

#include "fixture.h"

enum { ATTACHED_MOST = 4 };

/* A fixture to whose lbd users 1 and 2 are known to have attached before. */
void attached_open(struct fixture *f, const char *text);

/* Closes the fixture, and drops whatever has attached. */
void attached_close(struct fixture *f);

/* What a caller has who attaches now, and is permitted what `user` is. No more
 * than ATTACHED_MOST in a test. */
struct attachment *attached_as(struct fixture *f, uid_t user);

/* fixture_route() for that caller. */
const char *attached_route(
	struct fixture *f, struct attachment *a, const char *vip);

/* Is this word anywhere in the lists that the caller has? */
bool attached_knows(const struct attachment *a, uint64_t word);

#endif
