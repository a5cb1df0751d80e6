#include "lbd/conf.h"
#include "lbd/wheel.h"
#include "suites.h"

#include <stdlib.h>
#include <string.h>

#define DOWN .willing = true, .share = 1
#define UP   DOWN, .usable = true

/* "1 3" = the ordinals on the wheel, "!" in front where health is ignored. */
static const char *made(const struct wheel_item *item, size_t items, int panic)
{
	static char text[100];
	uint64_t stop[8];
	struct wheel_plan plan = {.stop = stop};

	wheel_make(&plan, item, items, panic);
	strcpy(text, plan.panic ? "!" : "");
	for (size_t i = 0; i < plan.stops; i++)
		sprintf(text + strlen(text), "%s%u", i ? " " : "",
			(uint32_t)stop[i]);
	return text;
}

START_TEST(only_usable_backends_are_on_the_wheel)
{
	struct wheel_item item[] = {
		{.ordinal = 0, .weight = 1, UP},
		{.ordinal = 1, .weight = 1, DOWN},
		{.ordinal = 2, .weight = 1, UP},
	};

	ck_assert_str_eq(made(item, 3, 0), "0 2");
}
END_TEST

START_TEST(stops_end_where_weights_add_up)
{
	uint64_t stop[3];
	struct wheel_plan plan = {.stop = stop};
	struct wheel_item item[] = {
		{.ordinal = 4, .weight = 2, UP},
		{.ordinal = 7, .weight = 1, UP},
		{.ordinal = 9, .weight = 256, UP},
	};

	wheel_make(&plan, item, 3, 0);
	ck_assert_uint_eq(plan.total, 259);
	ck_assert_uint_eq(stop[0], 2ULL << 32 | 4);
	ck_assert_uint_eq(stop[1], 3ULL << 32 | 7);
	ck_assert_uint_eq(stop[2], 259ULL << 32 | 9);
}
END_TEST

START_TEST(backups_come_only_when_no_other_is_usable)
{
	struct wheel_item item[] = {
		{.ordinal = 0, .weight = 1, UP},
		{.ordinal = 1, .weight = 1, UP, .backup = true},
	};

	ck_assert_str_eq(made(item, 2, 0), "0");
	item[0].usable = false;
	ck_assert_str_eq(made(item, 2, 0), "1");
	ck_assert_str_eq(made(item, 2, 50), "1");
}
END_TEST

START_TEST(nothing_usable_means_all_are_tried)
{
	struct wheel_item item[] = {
		{.ordinal = 0, .weight = 1, DOWN},
		{.ordinal = 1, .weight = 1, DOWN, .backup = true},
	};

	ck_assert_str_eq(made(item, 2, 0), "!0 1");
	ck_assert_str_eq(made(item, 2, PANIC_OFF), "");
}
END_TEST

START_TEST(panic_counts_at_or_below_its_share)
{
	struct wheel_item item[] = {
		{.ordinal = 0, .weight = 1, UP},
		{.ordinal = 1, .weight = 1, UP},
		{.ordinal = 2, .weight = 1, DOWN},
		{.ordinal = 3, .weight = 1, DOWN},
	};

	ck_assert_str_eq(made(item, 4, 49), "0 1");
	ck_assert_str_eq(made(item, 4, 50), "!0 1 2 3");
	item[2].usable = item[3].usable = true;
	ck_assert_str_eq(made(item, 4, 100), "0 1 2 3");
}
END_TEST

START_TEST(a_drained_backend_is_on_no_wheel_not_even_in_panic)
{
	struct wheel_item item[] = {
		{.ordinal = 0, .weight = 1, .share = 1},
		{.ordinal = 1, .weight = 1, DOWN},
		{.ordinal = 2, .weight = 1, DOWN},
		{.ordinal = 3, .weight = 1, .share = 1, .backup = true},
	};

	ck_assert_str_eq(made(item, 4, 0), "!1 2");
	item[1].willing = item[2].willing = false;
	ck_assert_str_eq(made(item, 4, 0), "");
}
END_TEST

START_TEST(panic_is_a_share_of_those_that_may_serve)
{
	struct wheel_item item[] = {
		{.ordinal = 0, .weight = 1, UP},
		{.ordinal = 1, .weight = 1, DOWN},
		{.ordinal = 2, .weight = 1, .share = 1},
		{.ordinal = 3, .weight = 1, .share = 1},
	};

	ck_assert_str_eq(made(item, 4, 49), "0"); /* 1 of 2, not of 4 */
	ck_assert_str_eq(made(item, 4, 50), "!0 1");
}
END_TEST

START_TEST(backups_join_when_all_others_are_full)
{
	struct wheel_item item[] = {
		{.ordinal = 0, .weight = 1, UP, .backup = true},
		{.ordinal = 1, .weight = 1, UP, .full = true},
		{.ordinal = 2, .weight = 1, UP},
		{.ordinal = 3, .weight = 1, DOWN},
	};

	ck_assert_str_eq(made(item, 4, 0), "1 2");
	item[2].full = true;
	ck_assert_str_eq(made(item, 4, 0), "0 1 2");
}
END_TEST

/* What of 10,000 connections each of the items gets. */
static void share_out(const struct wheel_item *item, size_t items, unsigned *of)
{
	uint64_t stop[8], before = 0;
	struct wheel_plan plan = {.stop = stop};

	memset(of, 0, items * sizeof(*of));
	wheel_make(&plan, item, items, 0);
	for (size_t i = 0; i < plan.stops; i++) {
		uint64_t end = stop[i] >> 32;

		of[(uint32_t)stop[i]] =
			(unsigned)(((end - before) * 10000 + plan.total / 2) /
				plan.total);
		before = end;
	}
}

static bool near(unsigned got, unsigned expected)
{
	return got * 100 >= expected * 99 && got * 100 <= expected * 101;
}

START_TEST(a_share_of_a_weight_is_right_within_a_percent)
{
	struct wheel_item item[] = {
		{.ordinal = 0, .weight = 1, UP},
		{.ordinal = 1, .weight = 1, UP},
		{.ordinal = 2, .weight = 3, UP},
	};
	unsigned of[3];

	item[1].share = 0.137;
	share_out(item, 3, of);
	ck_assert(near(of[0], 2417) && near(of[1], 331) && near(of[2], 7252));
}
END_TEST

START_TEST(weights_are_as_given_where_nothing_changes_them)
{
	uint64_t stop[3];
	struct wheel_plan plan = {.stop = stop};
	struct wheel_item item[] = {
		{.ordinal = 0, .weight = 2, UP, .local = true},
		{.ordinal = 1, .weight = 1, UP, .local = true},
		{.ordinal = 2, .weight = 9, UP},
	};

	wheel_make(&plan, item, 3, 0); /* the local ones alone */
	ck_assert_uint_eq(plan.total, 3);
	item[0].local = item[1].local = false;
	wheel_make(&plan, item, 3, 0);
	ck_assert_uint_eq(plan.total, 12);
}
END_TEST

START_TEST(a_million_slow_starters_fit_in_31_bits)
{
	enum { MANY = 1000000 };
	struct wheel_item *item = calloc(MANY, sizeof(*item));
	uint64_t *stop = calloc(MANY, sizeof(*stop));
	struct wheel_plan plan = {.stop = stop};

	for (uint32_t i = 0; i < MANY; i++)
		item[i] = (struct wheel_item){.ordinal = i, .weight = 256, UP};
	item[0].share = 0.1;
	item[2].share = 0.1;
	item[2].weight = 1; /* too little for what 31 bits can tell */
	wheel_make(&plan, item, MANY, 0);
	ck_assert_uint_eq(plan.stops, MANY);
	ck_assert_uint_lt(plan.total, 1U << 31);
	ck_assert_uint_gt(plan.total, 1U << 30);
	ck_assert_uint_eq(stop[MANY - 1] >> 32, plan.total);
	ck_assert(near((unsigned)(stop[0] >> 32) * 10,
		(unsigned)((stop[1] >> 32) - (stop[0] >> 32))));
	free(item);
	free(stop);
}
END_TEST

/* Four local backends, two others of half as much weight each. */
static void set_zones(struct wheel_item *item)
{
	for (uint32_t i = 0; i < 6; i++)
		item[i] = (struct wheel_item){.ordinal = i,
			.weight = i < 4 ? 2 : 1,
			UP,
			.local = i < 4};
}

START_TEST(local_backends_get_all_while_they_can_take_it)
{
	struct wheel_item item[6];

	set_zones(item);
	ck_assert_str_eq(made(item, 6, 0), "0 1 2 3");
	item[0].usable = false; /* 1.4 x 3/4 */
	ck_assert_str_eq(made(item, 6, 0), "1 2 3");
}
END_TEST

START_TEST(other_zones_get_what_is_missing_and_no_more)
{
	struct wheel_item item[6];
	unsigned of[6];

	set_zones(item);
	item[0].usable = item[1].usable = false; /* 1.4 x 1/2 = 70 % */
	share_out(item, 6, of);
	ck_assert(near(of[2], 3500) && near(of[3], 3500));
	ck_assert(near(of[4], 1500) && near(of[5], 1500));
	item[2].full = true; /* 1.4 x 1/4 = 35 % */
	share_out(item, 6, of);
	ck_assert(near(of[2] + of[3], 3500));
	ck_assert(near(of[4], 3250) && near(of[5], 3250));
	item[3].usable = false; /* and the last is full */
	ck_assert_str_eq(made(item, 6, 0), "4 5");
	item[2].usable = false;
	ck_assert_str_eq(made(item, 6, 0), "4 5");
}
END_TEST

START_TEST(zones_do_not_count_where_nothing_is_local)
{
	struct wheel_item item[6];

	set_zones(item);
	for (int i = 0; i < 4; i++)
		item[i].willing = item[i].usable = false;
	ck_assert_str_eq(made(item, 6, 0), "4 5");
	set_zones(item);
	for (int i = 0; i < 6; i++)
		item[i].local = false;
	ck_assert_str_eq(made(item, 6, 0), "0 1 2 3 4 5");
}
END_TEST

START_TEST(local_ones_get_all_where_no_other_is_usable)
{
	struct wheel_item item[6];

	set_zones(item);
	item[0].usable = item[1].usable = false;
	item[4].usable = item[5].usable = false;
	ck_assert_str_eq(made(item, 6, 0), "2 3");
}
END_TEST

START_TEST(backups_have_zones_of_their_own)
{
	struct wheel_item item[6];

	set_zones(item);
	item[1].usable = item[0].usable = item[4].usable = false;
	for (int i = 2; i < 6; i++)
		item[i].backup = true;
	ck_assert_str_eq(made(item, 6, 0), "2 3");
	item[2].usable = false; /* 1.4 x 1/2 of the local backups */
	ck_assert_str_eq(made(item, 6, 0), "3 5");
}
END_TEST

static uint32_t gcd(uint32_t a, uint32_t b)
{
	return b ? gcd(b, a % b) : a;
}

START_TEST(the_step_visits_every_place)
{
	for (uint32_t total = 2; total < 3000; total++) {
		uint32_t step = wheel_step(total);

		ck_assert_uint_lt(step, total);
		ck_assert_uint_eq(gcd(step, total), 1);
	}
	ck_assert_uint_eq(wheel_step(1), 1);
}
END_TEST

START_TEST(the_step_is_near_the_golden_ratio)
{
	for (uint32_t total = 30; total < 100000; total += 997) {
		double share = (double)wheel_step(total) / total;

		ck_assert(share > 0.55 && share < 0.69);
	}
}
END_TEST

Suite *wheel_suite(void)
{
	Suite *s = suite_create("wheel");
	TCase *t = tcase_create("wheel");

	tcase_add_test(t, only_usable_backends_are_on_the_wheel);
	tcase_add_test(t, stops_end_where_weights_add_up);
	tcase_add_test(t, backups_come_only_when_no_other_is_usable);
	tcase_add_test(t, nothing_usable_means_all_are_tried);
	tcase_add_test(t, panic_counts_at_or_below_its_share);
	tcase_add_test(t, a_drained_backend_is_on_no_wheel_not_even_in_panic);
	tcase_add_test(t, panic_is_a_share_of_those_that_may_serve);
	tcase_add_test(t, backups_join_when_all_others_are_full);
	tcase_add_test(t, a_share_of_a_weight_is_right_within_a_percent);
	tcase_add_test(t, weights_are_as_given_where_nothing_changes_them);
	tcase_add_test(t, a_million_slow_starters_fit_in_31_bits);
	tcase_add_test(t, local_backends_get_all_while_they_can_take_it);
	tcase_add_test(t, other_zones_get_what_is_missing_and_no_more);
	tcase_add_test(t, zones_do_not_count_where_nothing_is_local);
	tcase_add_test(t, local_ones_get_all_where_no_other_is_usable);
	tcase_add_test(t, backups_have_zones_of_their_own);
	tcase_add_test(t, the_step_visits_every_place);
	tcase_add_test(t, the_step_is_near_the_golden_ratio);
	suite_add_tcase(s, t);
	return s;
}
