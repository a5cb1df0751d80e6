#include "stage.h"
#include "suites.h"

START_TEST(round_robin_is_exact_over_every_turn)
{
	const unsigned weight[] = {2, 1, 1};
	struct stage s;
	unsigned hits[STAGE_MOST];

	stage_set(&s, BALANCE_ROUND_ROBIN, 3, weight, 3);
	stage_hits(&s, hits, 12345, 4000);
	ck_assert_uint_eq(hits[0], 2000);
	ck_assert_uint_eq(hits[1], 1000);
	ck_assert_uint_eq(hits[2], 1000);
}
END_TEST

/* How often of a thousand times the one before is chosen again. */
static unsigned repeats(struct stage *s)
{
	uint32_t last = STAGE_MOST;
	unsigned same = 0;

	for (uint64_t draw = 0; draw < 1000; draw++) {
		pick_backend(&s->wheel, draw, &stage_untried, &s->route);
		same += s->route.ordinal == last;
		last = s->route.ordinal;
	}
	return same;
}

START_TEST(round_robin_is_interleaved)
{
	const unsigned weight[] = {5, 5};
	struct stage s;

	stage_set(&s, BALANCE_ROUND_ROBIN, 7, weight, 2);
	ck_assert_uint_lt(repeats(&s), 450);
}
END_TEST

START_TEST(round_robin_survives_the_end_of_the_cursor)
{
	const unsigned weight[] = {256, 256, 256};
	struct stage s;

	stage_set(&s, BALANCE_ROUND_ROBIN, 475, weight, 3);
	for (uint64_t draw = UINT64_MAX - 50; draw != 50; draw++)
		ck_assert(
			pick_backend(&s.wheel, draw, &stage_untried, &s.route));
}
END_TEST

START_TEST(random_follows_the_weights)
{
	const unsigned weight[] = {2, 1, 1};
	struct stage s;
	unsigned hits[STAGE_MOST];

	stage_set(&s, BALANCE_RANDOM, 3, weight, 3);
	stage_hits(&s, hits, 7, 4000);
	for (int i = 0; i < 3; i++) {
		unsigned fair = 1000 * weight[i];

		ck_assert_uint_gt(hits[i], fair * 9 / 10);
		ck_assert_uint_lt(hits[i], fair * 11 / 10);
	}
}
END_TEST

START_TEST(random_is_not_round_robin)
{
	const unsigned weight[] = {1, 1};
	struct stage s;
	unsigned same;

	stage_set(&s, BALANCE_RANDOM, 1, weight, 2);
	same = repeats(&s);
	ck_assert(same > 400 && same < 600);
}
END_TEST

START_TEST(first_takes_the_first_usable_in_file_order)
{
	const unsigned weight[] = {1, 9, 9};
	struct stage s;

	stage_set(&s, BALANCE_FIRST, 7, weight, 3);
	for (uint64_t draw = 0; draw < 50; draw++) {
		pick_backend(&s.wheel, draw, &stage_untried, &s.route);
		ck_assert_uint_eq(s.route.ordinal, 0);
	}
	s.backend[0].state |= STATE_DOWN;
	pick_backend(&s.wheel, 1, &stage_untried, &s.route);
	ck_assert_uint_eq(s.route.ordinal, 1);
	s.backend[1].state |= STATE_DOWN;
	pick_backend(&s.wheel, 1, &stage_untried, &s.route);
	ck_assert_uint_eq(s.route.ordinal, 2);
}
END_TEST

START_TEST(a_backend_that_went_down_is_passed_over)
{
	const unsigned weight[] = {1, 1, 1};
	struct stage s;

	stage_set(&s, BALANCE_ROUND_ROBIN, 2, weight, 3);
	s.backend[1].state |= STATE_DOWN;
	for (uint64_t draw = 0; draw < 300; draw++) {
		ck_assert(
			pick_backend(&s.wheel, draw, &stage_untried, &s.route));
		ck_assert_uint_ne(s.route.ordinal, 1);
	}
}
END_TEST

START_TEST(the_share_of_a_dead_backend_goes_to_all_others)
{
	const unsigned weight[] = {1, 1, 1, 1, 1};
	struct stage s;
	unsigned hits[5] = {0};

	stage_set(&s, BALANCE_ROUND_ROBIN, 3, weight, 5);
	s.backend[2].state |= STATE_DOWN;
	for (uint64_t draw = 0; draw < 5000; draw++) {
		pick_backend(&s.wheel, draw, &stage_untried, &s.route);
		hits[s.route.ordinal]++;
	}
	ck_assert_uint_eq(hits[2], 0);
	for (int i = 0; i < 5; i++)
		if (i != 2)
			ck_assert(hits[i] > 1100 && hits[i] < 1400);
}
END_TEST

START_TEST(all_down_is_as_good_as_any)
{
	const unsigned weight[] = {1, 1};
	struct stage s;

	stage_set(&s, BALANCE_ROUND_ROBIN, 1, weight, 2);
	s.backend[0].state |= STATE_DOWN;
	s.backend[1].state |= STATE_DOWN;
	ck_assert(pick_backend(&s.wheel, 0, &stage_untried, &s.route));
}
END_TEST

START_TEST(panic_ignores_down)
{
	const unsigned weight[] = {1, 1};
	struct stage s;
	unsigned hits[2] = {0};

	stage_set(&s, BALANCE_ROUND_ROBIN, 1, weight, 2);
	s.backend[1].state |= STATE_DOWN;
	s.wheel.panic = true;
	for (uint64_t draw = 0; draw < 10; draw++) {
		pick_backend(&s.wheel, draw, &stage_untried, &s.route);
		hits[s.route.ordinal]++;
	}
	ck_assert_uint_eq(hits[0], 5);
	ck_assert_uint_eq(hits[1], 5);
}
END_TEST

START_TEST(what_was_tried_is_not_tried_again)
{
	const unsigned weight[] = {1, 200, 1};
	struct stage s;
	struct tried tried = {0};

	stage_set(&s, BALANCE_ROUND_ROBIN, 125, weight, 3);
	stage_tried(&tried, &s, 1);
	for (uint64_t draw = 0; draw < 500; draw++) {
		ck_assert(pick_backend(&s.wheel, draw, &tried, &s.route));
		ck_assert_uint_ne(s.route.ordinal, 1);
	}
	stage_tried(&tried, &s, 0);
	ck_assert(pick_backend(&s.wheel, 3, &tried, &s.route));
	ck_assert_uint_eq(s.route.ordinal, 2);
	stage_tried(&tried, &s, 2);
	ck_assert(!pick_backend(&s.wheel, 3, &tried, &s.route));
}
END_TEST

START_TEST(a_state_word_of_another_address_is_not_believed)
{
	const unsigned weight[] = {1, 1};
	struct stage s;

	stage_set(&s, BALANCE_ROUND_ROBIN, 1, weight, 2);
	s.backend[1].state ^= 1ULL << 48;
	for (uint64_t draw = 0; draw < 100; draw++) {
		ck_assert(
			pick_backend(&s.wheel, draw, &stage_untried, &s.route));
		ck_assert_uint_eq(s.route.ordinal, 0);
	}
}
END_TEST

START_TEST(an_ordinal_beyond_the_service_is_not_followed)
{
	const unsigned weight[] = {1, 1};
	struct stage s;

	stage_set(&s, BALANCE_ROUND_ROBIN, 1, weight, 2);
	s.stop[1] |= 0xffffffff;
	for (uint64_t draw = 0; draw < 100; draw++) {
		ck_assert(
			pick_backend(&s.wheel, draw, &stage_untried, &s.route));
		ck_assert_uint_eq(s.route.ordinal, 0);
	}
}
END_TEST

START_TEST(port_0_means_the_port_asked_for)
{
	const unsigned weight[] = {1};
	struct stage s;
	uint64_t lo = ADDR_V4_PREFIX | 0x0a000001;

	stage_set(&s, BALANCE_ROUND_ROBIN, 1, weight, 1);
	s.backend[0].where = 100;
	s.backend[0].state =
		(uint64_t)table_tag(0, lo, 0) << 48 | state_room(0, 0);
	s.route.vip.port = 5432;
	ck_assert(pick_backend(&s.wheel, 0, &stage_untried, &s.route));
	ck_assert_uint_eq(s.route.to.port, 5432);
	ck_assert_uint_eq(s.route.line, 100);
}
END_TEST

Suite *pick_suite(void)
{
	Suite *s = suite_create("pick");
	TCase *t = tcase_create("pick");

	tcase_add_test(t, round_robin_is_exact_over_every_turn);
	tcase_add_test(t, round_robin_is_interleaved);
	tcase_add_test(t, round_robin_survives_the_end_of_the_cursor);
	tcase_add_test(t, random_follows_the_weights);
	tcase_add_test(t, random_is_not_round_robin);
	tcase_add_test(t, first_takes_the_first_usable_in_file_order);
	tcase_add_test(t, a_backend_that_went_down_is_passed_over);
	tcase_add_test(t, the_share_of_a_dead_backend_goes_to_all_others);
	tcase_add_test(t, all_down_is_as_good_as_any);
	tcase_add_test(t, panic_ignores_down);
	tcase_add_test(t, what_was_tried_is_not_tried_again);
	tcase_add_test(t, a_state_word_of_another_address_is_not_believed);
	tcase_add_test(t, an_ordinal_beyond_the_service_is_not_followed);
	tcase_add_test(t, port_0_means_the_port_asked_for);
	suite_add_tcase(s, t);
	return s;
}
