/*
 * A connect() that is under way, for the tests of what is remembered of it: to
 * begun_vip, and sent to begun_backend.
 */
#ifndef TESTS_BEGUN_H
#define TESTS_BEGUN_H

#include "shim/pending.h"

extern const struct addr begun_vip, begun_backend, begun_another;

/* What begun() begins with: a test may change it. */
extern struct route begun_route;
extern struct tried begun_tried;

/* A fixture. */
void begun_set_up(void);

int begun_socket(void);

/* Its descriptor. */
int begun(void);

#endif
