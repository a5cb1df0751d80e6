#include "simulation.h"
#include "suites.h"

static const struct service_conf conf = {
	.rise = 2,
	.fall = 3,
	.interval_ms = 2000,
	.interval_down_ms = 5000,
	.interval_change_ms = 1000,
	.interval_idle_ms = 60000,
};

static void judge(struct health *h, const char *verdicts)
{
	for (; *verdicts; verdicts++)
		health_judge(h, &conf,
			*verdicts == '+'	   ? VERDICT_OK
				: *verdicts == '*' ? VERDICT_LOCAL
				: *verdicts == '.' ? VERDICT_SILENT
						   : VERDICT_REFUSED,
			1.0);
}

/* What these verdicts make of a backend of which nothing is known. */
static enum health_state after(const char *verdicts)
{
	struct health h = {0};

	judge(&h, verdicts);
	return h.state;
}

START_TEST(the_first_verdict_decides_alone)
{
	ck_assert_int_eq(after("+"), HEALTH_UP);
	ck_assert_int_eq(after("-"), HEALTH_DOWN);
}
END_TEST

START_TEST(down_takes_fall_in_a_row)
{
	ck_assert_int_eq(after("+--"), HEALTH_UP);
	ck_assert_int_eq(after("+--+--"), HEALTH_UP);
	ck_assert_int_eq(after("+--+---"), HEALTH_DOWN);
}
END_TEST

START_TEST(up_takes_rise_in_a_row)
{
	ck_assert_int_eq(after("-+-+"), HEALTH_DOWN);
	ck_assert_int_eq(after("-+-++"), HEALTH_UP);
}
END_TEST

START_TEST(local_trouble_says_nothing_about_a_backend)
{
	ck_assert_int_eq(after("*"), HEALTH_UNKNOWN);
	ck_assert_int_eq(after("*+*******"), HEALTH_UP);
	ck_assert_int_eq(after("*+*******--*-"), HEALTH_DOWN);
}
END_TEST

START_TEST(silence_ends_refusals_and_proves_nothing_else)
{
	ck_assert_int_eq(after("...."), HEALTH_UNKNOWN);
	ck_assert_int_eq(after("....-"), HEALTH_DOWN);
	ck_assert_int_eq(after("-."), HEALTH_DOWN);
	ck_assert_int_eq(after("-.."), HEALTH_UP);
	ck_assert_int_eq(after("+--.--"), HEALTH_UP);
	ck_assert_int_eq(after("+--.---"), HEALTH_DOWN);
}
END_TEST

static double pause_of(const struct health *h)
{
	return health_pause(h, &conf, DEMAND_USED, 0.5);
}

START_TEST(each_state_has_its_interval)
{
	struct health h = {0};

	judge(&h, "+");
	ck_assert_double_eq_tol(pause_of(&h), 2.0, 1e-9);
	judge(&h, "-");
	ck_assert_double_eq_tol(pause_of(&h), 1.0, 1e-9);
	judge(&h, "--");
	ck_assert_double_eq_tol(pause_of(&h), 5.0, 1e-9);
}
END_TEST

START_TEST(probes_are_spread_by_a_fifth)
{
	struct health h = {.verdicts = 1, .state = HEALTH_UP};

	ck_assert_double_eq_tol(
		health_pause(&h, &conf, DEMAND_USED, 0), 1.8, 1e-9);
	ck_assert_double_lt(health_pause(&h, &conf, DEMAND_USED, 0.999), 2.2);
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

START_TEST(a_first_verdict_that_agrees_is_no_change)
{
	struct health h = {.state = HEALTH_UP};

	ck_assert(!health_judge(&h, &conf, VERDICT_OK, 1.0));
	ck_assert(!health_judge(&h, &conf, VERDICT_OK, 2.0));
	ck_assert_int_eq(h.state, HEALTH_UP);
}
END_TEST

START_TEST(an_unused_service_is_asked_rarely)
{
	struct health h = {0};

	judge(&h, "+");
	ck_assert_double_eq(health_pause(&h, &conf, DEMAND_IDLE, 0.5), 60);
	judge(&h, "-"); /* what begins is seen through */
	ck_assert_double_eq(health_pause(&h, &conf, DEMAND_IDLE, 0.5), 1);
	judge(&h, "--");
	ck_assert_double_eq(health_pause(&h, &conf, DEMAND_IDLE, 0.5), 60);
}
END_TEST

START_TEST(unused_never_means_more_often)
{
	struct service_conf slow = conf;
	struct health h = {0};

	slow.interval_ms = 90000;
	judge(&h, "+");
	ck_assert_double_eq(health_pause(&h, &slow, DEMAND_IDLE, 0.5), 90);
}
END_TEST

START_TEST(a_service_is_unused_after_a_while)
{
	struct service_conf slow = {.interval_ms = 10000};
	struct use use = {0};

	ck_assert(use_note(&use, 1, 100));
	ck_assert(!use_note(&use, 1, 110));
	ck_assert(!use_is_idle(&use, &conf, 129));
	ck_assert(use_is_idle(&use, &conf, 130));
	ck_assert(!use_is_idle(&use, &slow, 149));
	ck_assert(use_is_idle(&use, &slow, 150));
}
END_TEST

START_TEST(the_share_grows_from_a_tenth)
{
	struct ramp ramp = {0};

	ramp_begin(&ramp, 10, 100);
	ck_assert_double_eq(ramp_share(&ramp, 10, 100), 0.1);
	ck_assert_double_eq_tol(ramp_share(&ramp, 10, 105), 0.55, 1e-9);
	ck_assert_double_eq(ramp_share(&ramp, 10, 110), 1);
	ck_assert_double_eq(ramp_share(&ramp, 10, 90), 0.1);
	ck_assert(ramp.on);
	ramp_begin(&ramp, 0, 100);
	ck_assert(!ramp.on);
}
END_TEST

START_TEST(the_ramp_has_some_twenty_steps)
{
	struct ramp ramp = {0};
	int steps = 0;

	ramp_begin(&ramp, 10, 0);
	for (int ms = 0; ms < 20000; ms += 10)
		steps += ramp_steps(&ramp, 10, ms / 1000.0);
	ck_assert_int_ge(steps, 19);
	ck_assert_int_le(steps, 21);
	ck_assert(!ramp.on);
}
END_TEST

START_TEST(a_short_ramp_turns_no_faster_than_ten_a_second)
{
	struct ramp ramp = {0};
	int steps = 0;

	ramp_begin(&ramp, 0.5, 0);
	for (int ms = 0; ms < 2000; ms++)
		steps += ramp_steps(&ramp, 0.5, ms / 1000.0);
	ck_assert_int_ge(steps, 4);
	ck_assert_int_le(steps, 5);
}
END_TEST

static struct sim sim;

static void end(void)
{
	sim_close(&sim);
}

/* Service web of two backends; the first of them. */
static struct backend *open_web(unsigned slow_start_ms)
{
	sim_open_web(&sim, 2, "");
	sim_conf(&sim, "web")->slow_start_ms = slow_start_ms;
	return sim_backend(&sim, "web", 0);
}

/* It goes down, and comes up again. */
static void blink(struct backend *b)
{
	sim_of(&sim, b)->answer = VERDICT_REFUSED;
	sim_run(&sim, 10);
	ck_assert_int_eq(b->health.state, HEALTH_DOWN);
	sim_of(&sim, b)->answer = VERDICT_OK;
	while (b->health.state != HEALTH_UP)
		sim_run(&sim, 0.1);
}

START_TEST(who_comes_up_again_starts_slowly)
{
	struct backend *b = open_web(20000);

	sim_run(&sim, 2);
	ck_assert_double_eq(health_share(b), 1); /* at the start */
	blink(b);
	ck_assert_double_lt(health_share(b), 0.12);
	sim_run(&sim, 10);
	ck_assert_double_eq_tol(health_share(b), 0.55, 0.05);
	sim_run(&sim, 11);
	ck_assert_double_eq(health_share(b), 1);
	ck_assert_ptr_null(sim.f.lbd.overview.tended);
}
END_TEST

static uint64_t turns(const struct service *s)
{
	const struct region *r = s->list->region;
	uint64_t g;
	const struct table_slot *slot = table_open(&r->map, &g);
	const _Atomic uint64_t *words = (const void *)((const char *)slot +
		(table_load(&slot->part[PART_WHEELS]) >> 32));

	return table_load(words + (s->placement.wheel[FAMILY_V4] >> 32));
}

START_TEST(each_step_of_a_slow_start_is_published)
{
	struct backend *b = open_web(10000);
	uint64_t changes = 0, last;

	sim_run(&sim, 2);
	blink(b);
	last = turns(b->service);
	for (int i = 0; i < 200; i++) {
		sim_run(&sim, 0.1);
		changes += turns(b->service) != last;
		last = turns(b->service);
	}
	ck_assert_uint_ge(changes, 15);
	ck_assert_uint_le(changes, 21);
}
END_TEST

START_TEST(maintenance_means_no_questions)
{
	struct backend *b = open_web(0);
	unsigned before;

	sim_run(&sim, 5);
	b->will = WILL_MAINT;
	health_watch(&sim.f.lbd, b);
	before = sim_of(&sim, b)->asked;
	sim_of(&sim, b)->answer = VERDICT_REFUSED;
	sim_run(&sim, 20);
	ck_assert_uint_eq(sim_of(&sim, b)->asked, before);
	ck_assert_int_eq(b->health.state, HEALTH_UP);
	ck_assert(!health_is_usable(b));
	b->will = WILL_READY;
	health_watch(&sim.f.lbd, b);
	ck_assert(health_is_usable(b));
	sim_run(&sim, 1.1); /* the first answer decides alone */
	ck_assert_int_eq(b->health.state, HEALTH_DOWN);
}
END_TEST

START_TEST(drained_backends_are_asked_as_ever)
{
	struct backend *b = open_web(0);
	unsigned before;

	sim_run(&sim, 5);
	b->will = WILL_DRAIN;
	health_watch(&sim.f.lbd, b);
	before = sim_of(&sim, b)->asked;
	sim_run(&sim, 20);
	ck_assert(!health_is_usable(b));
	ck_assert_uint_ge(sim_of(&sim, b)->asked, before + 8);
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
	tcase_add_test(t, a_first_verdict_that_agrees_is_no_change);
	tcase_add_test(t, an_unused_service_is_asked_rarely);
	tcase_add_test(t, unused_never_means_more_often);
	tcase_add_test(t, a_service_is_unused_after_a_while);
	tcase_add_test(t, the_share_grows_from_a_tenth);
	tcase_add_test(t, the_ramp_has_some_twenty_steps);
	tcase_add_test(t, a_short_ramp_turns_no_faster_than_ten_a_second);
	suite_add_tcase(s, t);
	t = tcase_create("world");
	tcase_add_checked_fixture(t, NULL, end);
	tcase_add_test(t, who_comes_up_again_starts_slowly);
	tcase_add_test(t, each_step_of_a_slow_start_is_published);
	tcase_add_test(t, maintenance_means_no_questions);
	tcase_add_test(t, drained_backends_are_asked_as_ever);
	suite_add_tcase(s, t);
	return s;
}
