#include "lbd/health.h"
#include "suites.h"

static const struct service_conf conf = {
	.rise = 2,
	.fall = 3,
	.interval_ms = 2000,
	.interval_down_ms = 5000,
	.interval_change_ms = 1000,
};

static void judge(struct health *h, const char *verdicts)
{
	for (; *verdicts; verdicts++)
		health_judge(h, &conf,
			*verdicts == '+'	   ? VERDICT_OK
				: *verdicts == '?' ? VERDICT_LOCAL
				: *verdicts == '.' ? VERDICT_SILENT
						   : VERDICT_REFUSED,
			1.0);
}

START_TEST(the_first_verdict_decides_alone)
{
	struct health up = {0}, down = {0};

	judge(&up, "+");
	judge(&down, "-");
	ck_assert_int_eq(up.state, HEALTH_UP);
	ck_assert_int_eq(down.state, HEALTH_DOWN);
}
END_TEST

START_TEST(down_takes_fall_in_a_row)
{
	struct health h = {0};

	judge(&h, "+--");
	ck_assert_int_eq(h.state, HEALTH_UP);
	judge(&h, "+--");
	ck_assert_int_eq(h.state, HEALTH_UP);
	judge(&h, "-");
	ck_assert_int_eq(h.state, HEALTH_DOWN);
}
END_TEST

START_TEST(up_takes_rise_in_a_row)
{
	struct health h = {0};

	judge(&h, "-+-+");
	ck_assert_int_eq(h.state, HEALTH_DOWN);
	judge(&h, "+");
	ck_assert_int_eq(h.state, HEALTH_UP);
}
END_TEST

START_TEST(local_trouble_says_nothing_about_a_backend)
{
	struct health h = {0};

	judge(&h, "?");
	ck_assert_int_eq(h.state, HEALTH_UNKNOWN);
	judge(&h, "+???????");
	ck_assert_int_eq(h.state, HEALTH_UP);
	judge(&h, "--?-");
	ck_assert_int_eq(h.state, HEALTH_DOWN);
}
END_TEST

START_TEST(silence_ends_refusals_and_proves_nothing_else)
{
	struct health fresh = {0}, refused = {0}, up = {0};

	judge(&fresh, "....");
	ck_assert_int_eq(fresh.state, HEALTH_UNKNOWN);
	judge(&fresh, "-");
	ck_assert_int_eq(fresh.state, HEALTH_DOWN);
	judge(&refused, "-.");
	ck_assert_int_eq(refused.state, HEALTH_DOWN);
	judge(&refused, ".");
	ck_assert_int_eq(refused.state, HEALTH_UP);
	judge(&up, "+--.--");
	ck_assert_int_eq(up.state, HEALTH_UP);
	judge(&up, "-");
	ck_assert_int_eq(up.state, HEALTH_DOWN);
}
END_TEST

START_TEST(each_state_has_its_interval)
{
	struct health h = {0};

	judge(&h, "+");
	ck_assert_double_eq_tol(health_pause(&h, &conf, 0.5), 2.0, 1e-9);
	judge(&h, "-");
	ck_assert_double_eq_tol(health_pause(&h, &conf, 0.5), 1.0, 1e-9);
	judge(&h, "--");
	ck_assert_double_eq_tol(health_pause(&h, &conf, 0.5), 5.0, 1e-9);
}
END_TEST

START_TEST(probes_are_spread_by_a_fifth)
{
	struct health h = {.verdicts = 1, .state = HEALTH_UP};

	ck_assert_double_eq_tol(health_pause(&h, &conf, 0), 1.8, 1e-9);
	ck_assert_double_lt(health_pause(&h, &conf, 0.999), 2.2);
}
END_TEST

START_TEST(the_first_probe_comes_within_a_second)
{
	struct service_conf quick = {.interval_ms = 100};

	ck_assert_double_lt(health_first_pause(&conf, 0.999), 1.0);
	ck_assert_double_gt(health_first_pause(&conf, 0.999), 0.9);
	ck_assert_double_lt(health_first_pause(&quick, 0.999), 0.1);
	ck_assert_double_eq(health_first_pause(&conf, 0), 0);
}
END_TEST

Suite *health_suite(void)
{
	Suite *s = suite_create("health");
	TCase *t = tcase_create("health");

	tcase_add_test(t, the_first_verdict_decides_alone);
	tcase_add_test(t, down_takes_fall_in_a_row);
	tcase_add_test(t, up_takes_rise_in_a_row);
	tcase_add_test(t, local_trouble_says_nothing_about_a_backend);
	tcase_add_test(t, silence_ends_refusals_and_proves_nothing_else);
	tcase_add_test(t, each_state_has_its_interval);
	tcase_add_test(t, probes_are_spread_by_a_fifth);
	tcase_add_test(t, the_first_probe_comes_within_a_second);
	suite_add_tcase(s, t);
	return s;
}
