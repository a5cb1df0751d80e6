/*
 * Who may be chosen from a service, and how often, said without a wheel's turns:
 * for whom the library chose instead. A difference ends the process.
 */
#ifndef TESTS_EXPECTED_H
#define TESTS_EXPECTED_H

#include "lbd/lbd.h"
#include "shim/lookup.h"

enum { EXPECTED_MOST = 64 };

/* The worst first. CROWDED: full, if what was begun since is all there. */
enum expected_fit { FITS_NOT, FITS_DOWN, FITS_CROWDED, FITS };

struct expected {
	const struct service *service;
	enum table_family family;
	enum table_balance balance;
	const struct counters *counters; /* NULL: none */
	bool adrift, panic;
	uint32_t stops, total;
	uint32_t stop[EXPECTED_MOST];  /* ordinals, as the wheel has them */
	uint32_t width[EXPECTED_MOST]; /* by ordinal, like what follows */
	struct addr to[EXPECTED_MOST];
	enum expected_fit fit[EXPECTED_MOST];
	uint64_t load[EXPECTED_MOST]; /* quarters of a connection */
};

/* As the wheel is made; and as things are by then. */
void expect(struct expected *e, const struct service *s,
	enum table_family family, bool adrift, const struct counters *counters);
void expect_now(struct expected *e, uint16_t port);

/* That the best that was not tried was found, or none only if there is none. */
void expect_best(const struct expected *e, bool found,
	const struct tried *tried, const struct route *route);

/* Do draws go by weights alone, and in turns? */
bool expected_is_even(const struct expected *e);

/* Is everybody well, and on the wheel, nobody slow to start, no backup, and no
 * zone? */
bool expected_is_plain(const struct expected *e);

/* A whole turn; so many draws by chance. */
void expect_turn(const struct expected *e, const uint32_t hits[EXPECTED_MOST]);
void expect_spread(const struct expected *e, const uint32_t hits[EXPECTED_MOST],
	uint32_t draws);

#endif
