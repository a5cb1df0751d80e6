/* A published table in this process, from the text of an lbd.ini. */
#ifndef TESTS_FIXTURE_H
#define TESTS_FIXTURE_H

#include "lbd/lbd.h"
#include "refusal.h"
#include "shim/attach.h"

struct fixture {
	struct lbd lbd;
	struct attachment *view;   /* of a caller who is permitted everything */
	struct counters *counters; /* of that caller; NULL: none */
	bool refused;		   /* by the last fixture_change() */
};

/* Fails the test if `text` has an error. */
void fixture_open(struct fixture *f, const char *text);

/* A reload: the view is brought up to date too. */
void fixture_reload(struct fixture *f, const char *text);

/* A reload of which something may be refused; nth 0: nothing. */
bool fixture_change(
	struct fixture *f, const char *text, struct refusal refusal);

void fixture_close(struct fixture *f);

/* Gives the caller counters, all zeros, from here on. */
void fixture_count(struct fixture *f);

/* The caller's line of a backend: fixture_count() came before. */
struct counters_line *fixture_line(struct fixture *f, const struct backend *b);

struct service *fixture_service(struct fixture *f, const char *name);

/* "127.96.0.1:80", "[fd00::1]:80" */
struct addr fixture_addr(const char *text);

/* Where a connect() to `vip` would go with that draw: "10.0.0.1:80", or
 * "nothing", "denied", "empty", "strange", "changed". */
const char *fixture_route(
	const struct fixture *f, const char *vip, uint64_t draw);

#endif
