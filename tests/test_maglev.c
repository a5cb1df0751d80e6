#include "lbd/maglev.h"
#include "suites.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 700 };

static struct maglev_member member[MOST];
static struct maglev_seat seat[MOST];
static uint64_t end[MOST];
static uint16_t base[MAGLEV_MOST], table[MAGLEV_MOST], before[MAGLEV_MOST];
static unsigned entries[MOST], of_stop[MOST] = {0};

static unsigned weigh_same(unsigned i)
{
	(void)i;
	return 1;
}

static unsigned weigh_mixed(unsigned i)
{
	return 1 + i % 5;
}

/* The first table of backends 10.0.0.1:80 and on. */
static uint32_t fill(unsigned n, unsigned (*weigh)(unsigned))
{
	uint32_t size = maglev_size(n);

	for (unsigned i = 0; i < n; i++) {
		struct addr a = {0, ADDR_V4_PREFIX | (0x0a000001 + i), 80};

		member[i] = (struct maglev_member){
			.identity = maglev_identity(&a),
			.weight = weigh(i),
			.number = i,
		};
		seat[i].width = weigh(i);
	}
	maglev_fill(base, size, member, n);
	memset(entries, 0, sizeof(entries));
	for (uint32_t i = 0; i < size; i++) {
		if (base[i] >= n)
			ck_abort_msg("no backend %u", base[i]);
		entries[base[i]]++;
	}
	return size;
}

/*
 * The second, in which backends stand for themselves, not for their stops, by
 * the widths in `seat`.
 */
static uint32_t take_seats(unsigned n)
{
	uint32_t size = maglev_size(n), total = 0;
	unsigned stops = 0;

	for (unsigned i = 0; i < n; i++) {
		if (!seat[i].width)
			continue;
		total += seat[i].width;
		end[stops] = (uint64_t)total << 32;
		of_stop[stops] = i;
		seat[i].stop = stops++;
	}
	maglev_seat(table, base, size, member, seat, n, end, stops);
	memset(entries, 0, sizeof(entries));
	for (uint32_t i = 0; i < size; i++) {
		if (table[i] >= stops)
			ck_abort_msg("no stop %u", table[i]);
		table[i] = (uint16_t)of_stop[table[i]];
		entries[table[i]]++;
	}
	return size;
}

START_TEST(the_size_is_a_prime_of_a_hundred_entries_each)
{
	for (size_t n = 1; n < 3000; n += 7) {
		uint32_t size = maglev_size(n);

		ck_assert(size >= 100 * n || size == MAGLEV_MOST);
		for (uint32_t i = 2; i * i <= size; i++)
			if (size % i == 0)
				ck_abort_msg("%u is no prime", size);
	}
	ck_assert_uint_eq(maglev_size(MAGLEV_MOST), MAGLEV_MOST);
	ck_assert_uint_eq(maglev_size(MAGLEV_MOST + 1), 0);
}
END_TEST

START_TEST(a_backend_more_is_mostly_no_other_size)
{
	unsigned changes = 0;

	for (size_t n = 1; n < 600; n++)
		changes += maglev_size(n) != maglev_size(n + 1);
	ck_assert_uint_le(changes, 7);
}
END_TEST

START_TEST(shares_are_even)
{
	for (unsigned n = 3; n <= 100; n++) {
		unsigned most = 0, least = UINT32_MAX;

		fill(n, weigh_same);
		for (unsigned i = 0; i < n; i++) {
			most = entries[i] > most ? entries[i] : most;
			least = entries[i] < least ? entries[i] : least;
		}
		ck_assert_uint_le(most - least, 1);
	}
}
END_TEST

START_TEST(shares_follow_weights)
{
	for (unsigned n = 3; n <= 100; n++) {
		uint32_t size = fill(n, weigh_mixed);
		double all = 0;

		for (unsigned i = 0; i < n; i++)
			all += weigh_mixed(i);
		for (unsigned i = 0; i < n; i++) {
			double fair = size * weigh_mixed(i) / all;

			ck_assert(entries[i] > fair - 1.5 &&
				entries[i] < fair + 1.5);
		}
	}
}
END_TEST

static unsigned weigh_one_heavy(unsigned i)
{
	return i ? 1 : 256 * 400;
}

START_TEST(the_lightest_gets_an_entry_too)
{
	fill(600, weigh_one_heavy);
	for (unsigned i = 0; i < 600; i++)
		ck_assert_uint_gt(entries[i], 0);
}
END_TEST

/* Of all entries, those that change hands when one backend's width does. */
static double churn(unsigned n, unsigned changed, uint32_t width)
{
	uint32_t size = take_seats(n), moved = 0;

	memcpy(before, table, sizeof(table));
	seat[changed].width = width;
	take_seats(n);
	for (uint32_t i = 0; i < size; i++)
		moved += table[i] != before[i];
	return (double)moved / size;
}

START_TEST(all_well_is_the_first_table)
{
	uint32_t size = fill(20, weigh_mixed);

	take_seats(20);
	ck_assert_mem_eq(table, base, size * sizeof(*table));
}
END_TEST

START_TEST(a_backend_that_goes_or_comes_moves_its_own_callers)
{
	for (unsigned n = 2; n <= 300; n += 1 + n / 3) {
		fill(n, weigh_same);
		for (unsigned i = 0; i < n; i += 1 + n / 9) {
			ck_assert(churn(n, i, 0) < 1.05 / n + 0.001);
			ck_assert_uint_eq(entries[i], 0);
			ck_assert(churn(n, i, 1) < 1.05 / n + 0.001);
		}
	}
}
END_TEST

START_TEST(a_heavy_one_too)
{
	fill(50, weigh_mixed);
	ck_assert(churn(50, 4, 0) < 1.05 * 5 / 150);
}
END_TEST

START_TEST(few_move_while_half_are_gone)
{
	enum { N = 90 };

	fill(N, weigh_same);
	for (unsigned i = 0; i < N; i += 2)
		seat[i].width = 0;
	for (unsigned i = 1; i < N; i += 8) { /* 1 of 45, more or less */
		ck_assert(churn(N, i, 0) < 1.5 / (N / 2));
		ck_assert(churn(N, i, 1) < 1.5 / (N / 2));
	}
}
END_TEST

START_TEST(what_one_leaves_goes_to_all_the_others)
{
	enum { N = 10 };
	unsigned had[N];

	fill(N, weigh_same);
	memcpy(had, entries, sizeof(had));
	seat[3].width = 0;
	take_seats(N);
	for (unsigned i = 0; i < N; i++)
		if (i != 3) /* a ninth of its 160 each */
			ck_assert(entries[i] > had[i] + 4 &&
				entries[i] < had[i] + 32);
}
END_TEST

START_TEST(a_slow_starter_takes_callers_from_others_and_gives_none_back)
{
	enum { N = 10, FULL = 1000 };
	uint32_t size = fill(N, weigh_same);

	for (unsigned i = 0; i < N; i++)
		seat[i].width = FULL;
	seat[6].width = 0;
	take_seats(N);
	for (unsigned width = FULL / 10; width <= FULL; width += FULL / 10) {
		double fair = (double)size / N * width / FULL;

		memcpy(before, table, sizeof(table));
		seat[6].width = width;
		take_seats(N);
		for (uint32_t i = 0; i < size; i++)
			if (table[i] != before[i] && table[i] != 6)
				ck_abort_msg("%u lost entry %u", before[i], i);
		ck_assert(entries[6] > fair * 0.8 && entries[6] < fair * 1.25);
	}
	ck_assert_mem_eq(table, base, size * sizeof(*table));
}
END_TEST

START_TEST(one_of_many_that_is_left_gets_everything)
{
	uint32_t size = fill(600, weigh_same);

	for (unsigned i = 0; i < 600; i++)
		seat[i].width = i == 599;
	take_seats(600);
	ck_assert_uint_eq(entries[599], size);
}
END_TEST

START_TEST(a_few_of_many_that_are_left_share_by_weight)
{
	uint32_t size = fill(600, weigh_same);

	for (unsigned i = 0; i < 600; i++)
		seat[i].width = i > 596 ? i - 596 : 0; /* 1, 2, 3 */
	take_seats(600);
	for (unsigned i = 597; i < 600; i++)
		ck_assert_uint_ge(entries[i], (i - 596) * size / 6 * 8 / 10);
	ck_assert_uint_eq(entries[597] + entries[598] + entries[599], size);
}
END_TEST

START_TEST(the_order_in_the_file_does_not_matter)
{
	uint32_t size = fill(600, weigh_same);
	size_t n = 600;

	memcpy(before, base, sizeof(base));
	for (size_t i = 0; i < n; i++)
		member[i].number = (uint32_t)n - 1 - member[i].number;
	maglev_fill(base, size, member, n);
	for (uint32_t i = 0; i < size; i++)
		if (base[i] != n - 1 - before[i])
			ck_abort_msg("entry %u is another's", i);
}
END_TEST

START_TEST(as_many_backends_as_entries_are_all_in_the_table)
{
	struct maglev_member *many = calloc(MAGLEV_MOST, sizeof(*many));
	bool *seen = calloc(MAGLEV_MOST, sizeof(*seen));

	for (uint32_t i = 0; i < MAGLEV_MOST; i++) {
		struct addr a = {0xfd00ULL << 48, i, 80};

		many[i] = (struct maglev_member){
			maglev_identity(&a), 1, i, 0, 0, 0};
	}
	maglev_fill(base, MAGLEV_MOST, many, MAGLEV_MOST);
	for (uint32_t i = 0; i < MAGLEV_MOST; i++) {
		if (seen[base[i]])
			ck_abort_msg("backend %u is there twice", base[i]);
		seen[base[i]] = true;
	}
	free(many);
	free(seen);
}
END_TEST

Suite *maglev_suite(void)
{
	Suite *s = suite_create("maglev");
	TCase *t = tcase_create("maglev");

	tcase_add_test(t, the_size_is_a_prime_of_a_hundred_entries_each);
	tcase_add_test(t, a_backend_more_is_mostly_no_other_size);
	tcase_add_test(t, shares_are_even);
	tcase_add_test(t, shares_follow_weights);
	tcase_add_test(t, the_lightest_gets_an_entry_too);
	tcase_add_test(t, all_well_is_the_first_table);
	tcase_add_test(t, a_backend_that_goes_or_comes_moves_its_own_callers);
	tcase_add_test(t, a_heavy_one_too);
	tcase_add_test(t, few_move_while_half_are_gone);
	tcase_add_test(t, what_one_leaves_goes_to_all_the_others);
	tcase_add_test(t,
		a_slow_starter_takes_callers_from_others_and_gives_none_back);
	tcase_add_test(t, one_of_many_that_is_left_gets_everything);
	tcase_add_test(t, a_few_of_many_that_are_left_share_by_weight);
	tcase_add_test(t, the_order_in_the_file_does_not_matter);
	tcase_add_test(t, as_many_backends_as_entries_are_all_in_the_table);
	suite_add_tcase(s, t);
	return s;
}
