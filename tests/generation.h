/*
 * Tables whose generation shows in what they lead to: two services, of which
 * the second is looked up. How many backends the first has shifts everything
 * behind it, so that mixed generations show.
 */
#ifndef TESTS_GENERATION_H
#define TESTS_GENERATION_H

#include "fixture.h"

extern const char generation_vip[];

/* Backends of b, the second, are 10.GENERATION.2.x, of a 10.GENERATION.1.x. The
 * text is the next call's. */
char *generation_text(int generation);

/* The generation a route is of; -1 if it is of none, or not whole. */
int generation_of(const char *route);

/* A world of another generation that writes to the regions of `f`, ready to be
 * published: what a restarted lbd that adopts them, or a reload, would do. */
void generation_prepare(
	struct fixture *other, struct fixture *f, int generation);

/* Publishes all of a fixture, as what stepped_start() takes. */
void generation_publish(void *fixture);

#endif
