/* Which backend, where a caller is to keep its own. */
#include "stage.h"
#include "test_choice.h"

/* A table of four entries, in which the stops stand backwards. */
static void set_maglev(struct stage *s)
{
	const unsigned weight[] = {1, 1, 1, 1};

	stage_set(s, BALANCE_MAGLEV, 4, weight, 4);
	s->wheel.table = 4;
	s->stop[4] = 0x0000000100020003;
}

START_TEST(maglev_keeps_a_caller_and_spreads_callers)
{
	struct stage s;
	unsigned callers[STAGE_MOST] = {0}, hits[STAGE_MOST];

	set_maglev(&s);
	for (uint64_t who = 1; who <= 2000; who++) {
		s.wheel.who = table_mix(who * 977);
		stage_hits(&s, hits, who, 5);
		ck_assert_uint_eq(hits[s.route.ordinal], 5);
		callers[s.route.ordinal]++;
	}
	for (int i = 0; i < 4; i++)
		ck_assert(callers[i] > 400 && callers[i] < 600);
}
END_TEST

START_TEST(maglev_has_one_second_choice_for_each_caller)
{
	struct stage s;
	unsigned seconds[STAGE_MOST] = {0}, hits[STAGE_MOST];

	set_maglev(&s);
	s.backend[1].state |= STATE_DOWN;
	for (uint64_t who = 1; who <= 2000; who++) {
		uint32_t first;

		s.backend[1].state &= ~STATE_DOWN;
		s.wheel.who = table_mix(who * 977);
		stage_hits(&s, hits, who, 1);
		first = s.route.ordinal;
		s.backend[1].state |= STATE_DOWN;
		stage_hits(&s, hits, who, 5);
		ck_assert_uint_eq(hits[s.route.ordinal], 5);
		if (first != 1)
			ck_assert_uint_eq(s.route.ordinal, first);
		else
			seconds[s.route.ordinal]++;
	}
	for (int i = 0; i < 4; i++)
		ck_assert(i == 1 ? !seconds[i] : seconds[i] > 100);
}
END_TEST

START_TEST(maglev_without_a_table_goes_by_weight)
{
	const unsigned weight[] = {3, 1};
	struct stage s;
	unsigned callers[STAGE_MOST] = {0}, hits[STAGE_MOST];

	stage_set(&s, BALANCE_MAGLEV, 0, weight, 2);
	for (uint64_t who = 1; who <= 4000; who++) {
		s.wheel.who = table_mix(who * 977);
		stage_hits(&s, hits, who, 3);
		ck_assert_uint_eq(hits[s.route.ordinal], 3);
		callers[s.route.ordinal]++;
	}
	ck_assert(callers[0] > 2850 && callers[0] < 3150);
}
END_TEST

START_TEST(an_entry_beyond_the_stops_is_not_followed)
{
	struct stage s;
	unsigned hits[STAGE_MOST];

	set_maglev(&s);
	s.stop[4] = 0xffff0004fffe0005;
	for (uint64_t who = 1; who < 50; who++) {
		s.wheel.who = table_mix(who * 977);
		stage_hits(&s, hits, who, 1);
		ck_assert_uint_eq(hits[0], 1);
	}
}
END_TEST

TCase *choice_maglev_case(void)
{
	TCase *t = tcase_create("maglev");

	tcase_add_test(t, maglev_keeps_a_caller_and_spreads_callers);
	tcase_add_test(t, maglev_has_one_second_choice_for_each_caller);
	tcase_add_test(t, maglev_without_a_table_goes_by_weight);
	tcase_add_test(t, an_entry_beyond_the_stops_is_not_followed);
	return t;
}
