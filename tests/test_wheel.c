#include "lbd/conf.h"
#include "lbd/wheel.h"
#include "suites.h"

#include <string.h>

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
		{.ordinal = 0, .weight = 1, .usable = true},
		{.ordinal = 1, .weight = 1, .usable = false},
		{.ordinal = 2, .weight = 1, .usable = true},
	};

	ck_assert_str_eq(made(item, 3, 0), "0 2");
}
END_TEST

START_TEST(stops_end_where_weights_add_up)
{
	uint64_t stop[3];
	struct wheel_plan plan = {.stop = stop};
	struct wheel_item item[] = {
		{.ordinal = 4, .weight = 2, .usable = true},
		{.ordinal = 7, .weight = 1, .usable = true},
		{.ordinal = 9, .weight = 256, .usable = true},
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
		{.ordinal = 0, .weight = 1, .usable = true},
		{.ordinal = 1, .weight = 1, .usable = true, .backup = true},
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
		{.ordinal = 0, .weight = 1},
		{.ordinal = 1, .weight = 1, .backup = true},
	};

	ck_assert_str_eq(made(item, 2, 0), "!0 1");
	ck_assert_str_eq(made(item, 2, PANIC_OFF), "");
}
END_TEST

START_TEST(panic_counts_at_or_below_its_share)
{
	struct wheel_item item[] = {
		{.ordinal = 0, .weight = 1, .usable = true},
		{.ordinal = 1, .weight = 1, .usable = true},
		{.ordinal = 2, .weight = 1},
		{.ordinal = 3, .weight = 1},
	};

	ck_assert_str_eq(made(item, 4, 49), "0 1");
	ck_assert_str_eq(made(item, 4, 50), "!0 1 2 3");
	item[2].usable = item[3].usable = true;
	ck_assert_str_eq(made(item, 4, 100), "0 1 2 3");
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
	tcase_add_test(t, the_step_visits_every_place);
	tcase_add_test(t, the_step_is_near_the_golden_ratio);
	suite_add_tcase(s, t);
	return s;
}
