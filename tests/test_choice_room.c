/* Which backend, where some take no more connections, or may not. */
#include "stage.h"
#include "test_choice.h"

static const enum table_balance all_kinds[] = {BALANCE_ROUND_ROBIN,
	BALANCE_RANDOM, BALANCE_FIRST, BALANCE_P2C, BALANCE_LEAST_CONN,
	BALANCE_MAGLEV};
enum { KINDS = sizeof(all_kinds) / sizeof(*all_kinds) };

START_TEST(a_full_backend_is_passed_over)
{
	const unsigned weight[] = {1, 1, 1, 1, 1, 1};
	struct stage s;
	unsigned hits[STAGE_MOST];

	for (int k = 0; k < KINDS; k++)
		for (int panic = 0; panic < 2; panic++) {
			stage_set(&s, all_kinds[k], 5, weight, 6);
			s.wheel.panic = panic;
			s.backend[0].state |= STATE_FULL;
			stage_room(&s, 1, 8, 5);
			stage_picks(&s, 1, 103, 100);
			stage_room(&s, 2, 9, 8); /* one more may come */
			stage_load(&s, 2, 700);	 /* failures and all */
			stage_hits(&s, hits, 0, 600);
			ck_assert_uint_eq(hits[0], 0);
			ck_assert_uint_eq(hits[1], 0);
			if (all_kinds[k] <= BALANCE_FIRST)
				ck_assert_uint_gt(hits[2], 0);
			stage_room(&s, 1, 0, 5);
			for (unsigned i = 2; i < 6; i++)
				s.backend[i].state |= STATE_FULL;
			stage_hits(&s, hits, 0, 100);
			ck_assert_uint_eq(hits[1], 100);
		}
}
END_TEST

START_TEST(all_full_is_no_backend)
{
	const unsigned weight[] = {1, 1};
	struct stage s;

	for (int k = 0; k < KINDS; k++)
		for (int panic = 0; panic < 2; panic++) {
			stage_set(&s, all_kinds[k], 1, weight, 2);
			s.wheel.panic = panic;
			s.backend[0].state |= STATE_FULL | STATE_DOWN;
			s.backend[1].state |= STATE_FULL;
			for (uint64_t draw = 0; draw < 20; draw++)
				ck_assert(!pick_backend(&s.wheel, draw,
					&stage_untried, &s.route));
		}
}
END_TEST

/* A limit is of connections, not of how many may begin between two counts. */
START_TEST(one_that_may_be_full_is_better_than_none)
{
	const unsigned weight[] = {1, 1, 1};
	struct stage s;
	unsigned hits[STAGE_MOST];
	struct tried tried = {0};

	for (int k = 0; k < KINDS; k++) {
		stage_set(&s, all_kinds[k], 2, weight, 3);
		s.backend[0].state |= STATE_DOWN;
		stage_room(&s, 1, 5, 4);
		stage_picks(&s, 1, 700, 0);
		s.backend[2].state |= STATE_FULL;
		stage_hits(&s, hits, 0, 60);
		ck_assert_uint_eq(hits[1], 60);
		stage_tried(&tried, &s, 0);
		ck_assert(pick_backend(&s.wheel, 1, &tried, &s.route));
		ck_assert_uint_eq(s.route.ordinal, 1);
		tried.count = 0;
		s.backend[0].state &= ~STATE_DOWN;
		stage_hits(&s, hits, 0, 60);
		ck_assert_uint_eq(hits[0], 60);
	}
}
END_TEST

START_TEST(those_that_may_be_full_take_turns)
{
	const unsigned weight[] = {1, 1, 1};
	struct stage s;
	unsigned hits[STAGE_MOST];

	stage_set(&s, BALANCE_P2C, 2, weight, 3);
	for (unsigned i = 0; i < 3; i++) {
		stage_room(&s, i, 1, 0);
		stage_picks(&s, i, 7, 0);
	}
	stage_hits(&s, hits, 0, 60);
	for (unsigned i = 0; i < 3; i++)
		ck_assert_uint_eq(hits[i], 20);
}
END_TEST

/* What it counted last would send everybody to one, or nobody anywhere. */
START_TEST(without_lbd_loads_and_limits_say_nothing)
{
	const unsigned weight[] = {2, 1, 1};
	struct stage s;
	unsigned hits[STAGE_MOST];

	stage_set(&s, BALANCE_P2C, 3, weight, 3);
	s.backend[0].state |= STATE_FULL;
	stage_room(&s, 1, 5, 0);
	stage_picks(&s, 1, 700, 0);
	s.wheel.adrift = true;
	stage_hits(&s, hits, 0, 400);
	ck_assert_uint_eq(hits[0], 200);
	ck_assert_uint_eq(hits[1], 100);
	ck_assert_uint_eq(hits[2], 100);
}
END_TEST

TCase *choice_room_case(void)
{
	TCase *t = tcase_create("room");

	tcase_add_test(t, a_full_backend_is_passed_over);
	tcase_add_test(t, all_full_is_no_backend);
	tcase_add_test(t, one_that_may_be_full_is_better_than_none);
	tcase_add_test(t, those_that_may_be_full_take_turns);
	tcase_add_test(t, without_lbd_loads_and_limits_say_nothing);
	return t;
}
