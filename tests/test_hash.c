/*
 * Where virtual addresses stand in the table: operators number them, so they
 * come as rows and grids, and all of them must stand near where a reader looks
 * first.
 */
#include "shim/table.h"
#include "suites.h"

#include <check.h>
#include <string.h>

enum { MANY = 1000, BUCKETS = 2048, SEEDS = 16 };

struct place {
	uint64_t hi, lo;
	uint16_t port;
};

/* What is added for each more, and how many there are in a row. */
struct grid {
	struct place first, step, row;
	unsigned in_a_row;
};

#define V4 0xffff7f600001ULL /* 127.96.0.1 */
#define V6 0xfd00009600000000ULL

static const struct grid grids[] = {
	{{0, V4, 1}, {0, 0, 1}, {0}, MANY}, /* ports of one address */
	{{0, V4, 1}, {0, 0, 10}, {0}, MANY},
	{{0, V4, 80}, {0, 1, 0}, {0}, MANY},	  /* hosts of a network */
	{{0, V4, 80}, {0, 1 << 8, 0}, {0}, MANY}, /* the first of each */
	{{0, V4, 80}, {0, 1 << 16, 0}, {0}, MANY},
	{{0, V4, 8000}, {0, 0, 1000}, {0, 1, 0}, 8},
	{{0, V4, 80}, {0, 1, 0}, {0, 1 << 8, 0}, 10},
	{{V6, 1, 80}, {0, 1, 0}, {0}, MANY},
	{{V6, 1, 80}, {0, 1 << 16, 0}, {0}, MANY},
	{{V6, 1, 80}, {1, 0, 0}, {0}, MANY},
	{{V6, 1, 80}, {1 << 16, 0, 0}, {0}, MANY},
	{{V6, 1, 80}, {0, 1, 0}, {1, 0, 0}, 100},
};

static struct place place_at(const struct grid *g, unsigned n)
{
	unsigned x = n % g->in_a_row, y = n / g->in_a_row;

	return (struct place){
		g->first.hi + x * g->step.hi + y * g->row.hi,
		g->first.lo + x * g->step.lo + y * g->row.lo,
		(uint16_t)(g->first.port + x * g->step.port + y * g->row.port),
	};
}

/* How far it ends from where it wants to be. */
static unsigned put(bool taken[BUCKETS], const struct place *p, uint64_t seed)
{
	uint64_t at = table_hash(p->hi, p->lo, p->port, seed);
	unsigned far = 0;

	while (taken[(at + far) % BUCKETS])
		far++;
	taken[(at + far) % BUCKETS] = true;
	return far;
}

START_TEST(neighbours_stand_where_they_are_looked_for)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		bool taken[BUCKETS] = {false};
		unsigned all = 0;

		for (unsigned n = 0; n < MANY; n++) {
			struct place p = place_at(&grids[_i], n);
			unsigned far = put(taken, &p, table_mix(seed));

			ck_assert_uint_lt(far, TABLE_PROBES);
			all += far;
		}
		ck_assert_uint_lt(all, MANY);
	}
}
END_TEST

Suite *hash_suite(void)
{
	Suite *s = suite_create("hash");
	TCase *t = tcase_create("hash");

	tcase_add_loop_test(t, neighbours_stand_where_they_are_looked_for, 0,
		sizeof(grids) / sizeof(grids[0]));
	suite_add_tcase(s, t);
	return s;
}
