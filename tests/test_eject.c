/* Ejection: what callers see takes a backend out, and no liar alone does. */
#include "lbd/eject.h"
#include "simulation.h"
#include "suites.h"

#include <stdio.h>
#include <string.h>

static struct sim sim;

START_TEST(failures_count_until_a_success)
{
	struct ejection e = {0};

	eject_hear(&e, 1, 0, 4, 1);
	eject_heard_all(&e);
	ck_assert_int_eq(eject_ground(&e, 5, true, 1), EJECT_NOT);
	eject_hear(&e, 1, 0, 1, 1);
	eject_heard_all(&e);
	ck_assert_int_eq(eject_ground(&e, 5, true, 1), EJECT_ONLY_USER);
	eject_hear(&e, 1, 1, 0, 1);
	eject_heard_all(&e);
	ck_assert_int_eq(eject_ground(&e, 5, true, 1), EJECT_NOT);
}
END_TEST

START_TEST(a_success_of_anyone_in_the_reading_counts)
{
	struct ejection e = {0}, f = {0};

	eject_hear(&e, 1, 0, 9, 1);
	eject_hear(&e, 2, 1, 0, 1);
	eject_heard_all(&e);
	ck_assert_int_eq(eject_ground(&e, 5, false, 1), EJECT_NOT);
	eject_hear(&f, 2, 1, 0, 1);
	eject_hear(&f, 1, 0, 9, 1);
	eject_heard_all(&f);
	ck_assert_int_eq(eject_ground(&f, 5, false, 1), EJECT_NOT);
}
END_TEST

START_TEST(one_user_of_several_is_asked_about)
{
	struct ejection e = {0};

	for (int i = 0; i < 100; i++) {
		eject_hear(&e, 1, 0, 9, 1);
		eject_heard_all(&e);
	}
	ck_assert_int_eq(eject_ground(&e, 5, false, 1), EJECT_ASK);
	eject_hear(&e, 2, 0, 1, 1);
	eject_heard_all(&e);
	ck_assert_int_eq(eject_ground(&e, 5, false, 1), EJECT_USERS);
}
END_TEST

START_TEST(users_that_failed_long_apart_are_not_two)
{
	struct ejection e = {0};

	eject_hear(&e, 1, 0, 1, 100);
	eject_hear(&e, 2, 0, 9, 161);
	ck_assert_int_eq(eject_ground(&e, 5, false, 161), EJECT_ASK);
	eject_hear(&e, 1, 0, 1, 200);
	ck_assert_int_eq(eject_ground(&e, 5, false, 200), EJECT_USERS);
	ck_assert_int_eq(eject_ground(&e, 5, false, 230), EJECT_ASK);
}
END_TEST

START_TEST(lies_of_any_size_stay_numbers)
{
	static const uint64_t lies[] = {
		5, UINT64_MAX, 7, 1ULL << 32, UINT32_MAX, UINT64_MAX / 2};
	struct ejection e = {0};

	for (int i = 0; i < 6; i++) {
		uint32_t before = e.failures;

		eject_hear(&e, 1, 0, lies[i], 1);
		eject_heard_all(&e);
		ck_assert_int_eq(eject_ground(&e, 5, false, 1), EJECT_ASK);
		ck_assert_uint_ge(e.failures, before);
	}
	eject_hear(&e, 1, UINT64_MAX, UINT64_MAX, 1);
	eject_heard_all(&e);
	ck_assert_uint_eq(e.failures, 0);
}
END_TEST

START_TEST(at_most_three_in_ten_and_one_at_least)
{
	ck_assert_uint_eq(eject_most(1), 1);
	ck_assert_uint_eq(eject_most(6), 1);
	ck_assert_uint_eq(eject_most(7), 2);
	ck_assert_uint_eq(eject_most(100), 30);
}
END_TEST

/* Out and back again at once: how long it was to be. */
static double length(struct ejection *e, double now, double chance)
{
	double until;

	eject_begin(e, 10, false, now, chance);
	until = e->until;
	eject_end(e, now);
	return until - now;
}

START_TEST(each_ejection_is_longer_than_the_last)
{
	struct ejection e = {0};

	ck_assert_double_eq_tol(length(&e, 1000, 0.5), 10, 1e-9);
	ck_assert_double_eq_tol(length(&e, 1001, 0.5), 20, 1e-9);
	ck_assert_double_eq_tol(length(&e, 1002, 0), 27, 1e-9);
	for (int i = 0; i < 100; i++)
		ck_assert_double_le(length(&e, 1003, 0.999), 300);
	ck_assert_double_eq_tol(length(&e, 1004, 0.5), 300, 1e-9);
}
END_TEST

START_TEST(good_life_makes_forget)
{
	struct ejection e = {0};

	length(&e, 1000, 0.5);
	length(&e, 1000, 0.5);
	ck_assert_double_eq_tol(length(&e, 1019, 0.5), 30, 1e-9);
	ck_assert_double_eq_tol(length(&e, 1049, 0.5), 10, 1e-9);
}
END_TEST

START_TEST(a_good_probe_ends_a_first_ejection)
{
	struct ejection e = {0};

	eject_begin(&e, 10, false, 100, 0.5);
	ck_assert(!eject_probed(&e, 99, true)); /* asked before */
	ck_assert(!eject_probed(&e, 101, false));
	ck_assert(eject_probed(&e, 101, true));
}
END_TEST

START_TEST(a_probe_that_saw_nothing_does_not_end_the_next)
{
	struct ejection e = {0};

	eject_begin(&e, 10, false, 100, 0.5);
	eject_end(&e, 101);
	eject_begin(&e, 10, false, 102, 0.5);
	ck_assert(!eject_probed(&e, 103, true));
	ck_assert(!eject_probed(&e, 104, false)); /* now it does see */
	ck_assert(eject_probed(&e, 105, true));
}
END_TEST

/* Ten backends with names 10.0.0.1 and on; `lines` go to the service. */
static void open_service(int backends, const char *lines)
{
	char text[4000] = "[service web]\naddress = 127.96.0.1:80\n";

	strcat(text, lines);
	for (int i = 1; i <= backends; i++)
		sprintf(text + strlen(text), "backend = 10.0.0.%d:80\n", i);
	sim_open(&sim, text);
	sim_run(&sim, 3);
}

static struct backend *at(size_t n)
{
	return sim_backend(&sim, "web", n);
}

/* A reading in which that user failed so often. */
static void fails(struct backend *b, unsigned user, uint64_t failed)
{
	sim_outcomes(&sim, b, user, 0, failed);
	sim_run(&sim, 0.15);
}

static void works(struct backend *b, unsigned user)
{
	sim_outcomes(&sim, b, user, 1, 0);
	sim_run(&sim, 0.15);
}

START_TEST(the_only_user_ejects_alone)
{
	open_service(3, "");
	fails(at(0), 7, 4);
	ck_assert(!health_is_ejected(at(0)));
	fails(at(0), 7, 1);
	ck_assert(health_is_ejected(at(0)));
	ck_assert(!health_is_usable(at(0)));
	sim_close(&sim);
}
END_TEST

START_TEST(one_user_of_several_ejects_nobody_alone)
{
	open_service(3, "");
	works(at(1), 8);
	for (int i = 0; i < 500; i++) {
		fails(at(0), 7, 1000);
		ck_assert(!health_is_ejected(at(0)));
	}
	sim_close(&sim);
}
END_TEST

START_TEST(others_are_forgotten_after_five_minutes)
{
	open_service(3, "");
	works(at(1), 8);
	sim_run(&sim, 290);
	fails(at(0), 7, 5);
	ck_assert(!health_is_ejected(at(0)));
	sim_run(&sim, 20);
	fails(at(0), 7, 5);
	ck_assert(health_is_ejected(at(0)));
	sim_close(&sim);
}
END_TEST

START_TEST(two_users_eject_together)
{
	open_service(3, "");
	works(at(1), 7);
	works(at(1), 8);
	fails(at(0), 7, 4);
	fails(at(0), 8, 1);
	ck_assert(health_is_ejected(at(0)));
	sim_close(&sim);
}
END_TEST

START_TEST(a_probe_that_fails_too_ejects_at_once)
{
	unsigned asked;

	open_service(3, "fall = 10\n");
	works(at(1), 8);
	sim_of(&sim, at(0))->answer = VERDICT_REFUSED;
	asked = sim_of(&sim, at(0))->asked;
	fails(at(0), 7, 5);
	ck_assert(health_is_ejected(at(0)));
	ck_assert_uint_eq(sim_of(&sim, at(0))->asked, asked + 1);
	ck_assert_int_eq(at(0)->health.state, HEALTH_UP);
	sim_close(&sim);
}
END_TEST

START_TEST(an_answer_to_an_older_question_confirms_nothing)
{
	struct sim_backend *o;

	open_service(3, "fall = 10\n");
	works(at(1), 8);
	o = sim_of(&sim, at(0));
	o->answer = VERDICT_REFUSED;
	o->delay = 0.9;
	while (!o->asking)
		sim_run(&sim, 0.1);
	o->answer = VERDICT_OK;
	fails(at(0), 7, 5);
	sim_run(&sim, 5);
	ck_assert_uint_eq(at(0)->ejection.repeats, 0); /* it never was */
	sim_close(&sim);
}
END_TEST

START_TEST(a_liar_cannot_have_a_backend_asked_all_the_time)
{
	unsigned asked;

	open_service(3, "");
	works(at(1), 8);
	asked = sim_of(&sim, at(0))->asked;
	for (int i = 0; i < 100; i++)
		fails(at(0), 7, 1000); /* 15 s */
	ck_assert_uint_le(sim_of(&sim, at(0))->asked, asked + 26);
	sim_close(&sim);
}
END_TEST

START_TEST(a_suspicion_ends_with_a_good_probe)
{
	open_service(3, "fall = 10\n");
	works(at(1), 8);
	fails(at(0), 7, 5);
	sim_run(&sim, 5);
	sim_of(&sim, at(0))->answer = VERDICT_REFUSED;
	sim_run(&sim, 5);
	ck_assert(!health_is_ejected(at(0)));
	sim_close(&sim);
}
END_TEST

START_TEST(a_good_probe_does_not_silence_two_users)
{
	open_service(3, "");
	works(at(1), 7);
	works(at(1), 8);
	fails(at(0), 7, 5);
	sim_run(&sim, 5);
	ck_assert(!health_is_ejected(at(0)));
	fails(at(0), 8, 1);
	ck_assert(health_is_ejected(at(0)));
	sim_close(&sim);
}
END_TEST

START_TEST(no_more_than_their_share_are_ejected)
{
	size_t out = 0;

	open_service(7, "");
	for (size_t i = 0; i < 7; i++)
		sim_outcomes(&sim, at(i), 7, 0, 50);
	sim_run(&sim, 0.15);
	for (size_t i = 0; i < 7; i++)
		out += health_is_ejected(at(i));
	ck_assert_uint_eq(out, 2);
	sim_close(&sim);
}
END_TEST

START_TEST(the_last_usable_one_is_never_ejected)
{
	open_service(2, "");
	at(1)->will = WILL_DRAIN;
	fails(at(0), 7, 50);
	ck_assert_uint_eq(at(0)->ejection.repeats, 0);
	at(1)->will = WILL_READY;
	fails(at(0), 7, 50);
	ck_assert(health_is_ejected(at(0)));
	fails(at(1), 7, 50);
	ck_assert_uint_eq(at(1)->ejection.repeats, 0);
	sim_close(&sim);
}
END_TEST

START_TEST(another_family_is_no_stand_in)
{
	sim_open(&sim,
		"[service web]\naddress = 127.96.0.1:80\n"
		"address = [fd00::5]:80\nbackend = 10.0.0.1:80\n"
		"backend = [fd00:1::2]:80\n");
	sim_run(&sim, 3);
	fails(at(0), 7, 50);
	ck_assert(!health_is_ejected(at(0)));
	sim_close(&sim);
}
END_TEST

START_TEST(a_backup_is_a_stand_in)
{
	sim_open(&sim,
		"[service web]\naddress = 127.96.0.1:80\n"
		"backend = 10.0.0.1:80\nbackend = 10.0.0.2:80 backup\n");
	sim_run(&sim, 3);
	fails(at(0), 7, 50);
	ck_assert(health_is_ejected(at(0)));
	ck_assert_str_eq(
		fixture_route(&sim.f, "127.96.0.1:80", 0), "10.0.0.2:80");
	sim_close(&sim);
}
END_TEST

START_TEST(who_is_ejected_comes_back_where_nobody_is_left)
{
	open_service(2, "fall = 1\n");
	sim_conf(&sim, "web")->interval_ms = 60000;
	sim_run(&sim, 5);
	fails(at(0), 7, 5);
	ck_assert(health_is_ejected(at(0)));
	at(1)->will = WILL_MAINT;
	health_watch(&sim.f.lbd, at(1));
	ck_assert(health_is_usable(at(0)));
	sim_close(&sim);
}
END_TEST

START_TEST(a_good_probe_brings_it_back)
{
	open_service(3, "");
	fails(at(0), 7, 5);
	ck_assert(health_is_ejected(at(0)));
	sim_run(&sim, 2.5);
	ck_assert(health_is_usable(at(0)));
	sim_close(&sim);
}
END_TEST

START_TEST(probes_that_see_nothing_keep_nobody_in)
{
	open_service(3, "");
	fails(at(0), 7, 5);
	sim_run(&sim, 2.5);
	fails(at(0), 7, 5);
	ck_assert(health_is_ejected(at(0)));
	sim_run(&sim, 17);
	ck_assert(health_is_ejected(at(0)));
	sim_run(&sim, 6); /* twice eject-time, and a tenth */
	ck_assert(health_is_usable(at(0)));
	sim_close(&sim);
}
END_TEST

START_TEST(without_probes_time_brings_it_back)
{
	open_service(3, "probe = none\n");
	fails(at(0), 7, 5);
	ck_assert(health_is_ejected(at(0)));
	sim_run(&sim, 8.5);
	ck_assert(health_is_ejected(at(0)));
	sim_run(&sim, 3);
	ck_assert(health_is_usable(at(0)));
	ck_assert_ptr_null(sim.f.lbd.overview.tended);
	sim_close(&sim);
}
END_TEST

START_TEST(without_probes_one_of_several_is_not_believed)
{
	open_service(3, "probe = none\n");
	works(at(1), 8);
	for (int i = 0; i < 20; i++)
		fails(at(0), 7, 50);
	ck_assert(!health_is_ejected(at(0)));
	sim_close(&sim);
}
END_TEST

START_TEST(an_ejected_backend_gets_no_callers)
{
	open_service(2, "");
	fails(at(0), 7, 5);
	for (uint64_t draw = 0; draw < 8; draw++)
		ck_assert_str_eq(fixture_route(&sim.f, "127.96.0.1:80", draw),
			"10.0.0.2:80");
	sim_close(&sim);
}
END_TEST

START_TEST(who_comes_back_starts_slowly)
{
	open_service(3, "");
	sim_conf(&sim, "web")->slow_start_ms = 20000;
	fails(at(0), 7, 5);
	while (health_is_ejected(at(0)))
		sim_run(&sim, 0.1);
	ck_assert_double_lt(health_share(at(0)), 0.12);
	sim_close(&sim);
}
END_TEST

static const char four[] =
	"[service web]\naddress = 127.96.0.1:80\nprobe = none\n"
	"backend = 10.0.0.1:80\nbackend = 10.0.0.2:80\n"
	"backend = 10.0.0.3:80\nbackend = 10.0.0.4:80\n";
static const char one[] =
	"[service web]\naddress = 127.96.0.1:80\nprobe = none\n"
	"backend = 10.0.0.1:80\n";

START_TEST(a_reload_keeps_the_ejected)
{
	sim_open(&sim, four);
	fails(at(0), 7, 5);
	sim_reload(&sim, four);
	ck_assert(health_is_ejected(at(0)));
	ck_assert_uint_eq(at(0)->service->ejected, 1);
	sim_reload(&sim, one);
	ck_assert(health_is_usable(at(0))); /* no other is left */
	ck_assert_uint_eq(at(0)->service->ejected, 0);
	sim_close(&sim);
}
END_TEST

START_TEST(backends_may_go_between_a_report_and_its_reading)
{
	sim_open(&sim, four);
	fails(at(3), 7, 5);
	for (size_t i = 0; i < 4; i++)
		sim_outcomes(&sim, at(i), 7, 0, 5);
	sim_reload(&sim, one);
	sim_run(&sim, 30);
	sim_close(&sim);
}
END_TEST

Suite *eject_suite(void)
{
	Suite *s = suite_create("eject");
	TCase *t = tcase_create("eject");

	tcase_add_test(t, failures_count_until_a_success);
	tcase_add_test(t, a_success_of_anyone_in_the_reading_counts);
	tcase_add_test(t, one_user_of_several_is_asked_about);
	tcase_add_test(t, users_that_failed_long_apart_are_not_two);
	tcase_add_test(t, lies_of_any_size_stay_numbers);
	tcase_add_test(t, at_most_three_in_ten_and_one_at_least);
	tcase_add_test(t, each_ejection_is_longer_than_the_last);
	tcase_add_test(t, good_life_makes_forget);
	tcase_add_test(t, a_good_probe_ends_a_first_ejection);
	tcase_add_test(t, a_probe_that_saw_nothing_does_not_end_the_next);
	tcase_add_test(t, the_only_user_ejects_alone);
	tcase_add_test(t, one_user_of_several_ejects_nobody_alone);
	tcase_add_test(t, others_are_forgotten_after_five_minutes);
	tcase_add_test(t, two_users_eject_together);
	tcase_add_test(t, a_probe_that_fails_too_ejects_at_once);
	tcase_add_test(t, an_answer_to_an_older_question_confirms_nothing);
	tcase_add_test(t, a_liar_cannot_have_a_backend_asked_all_the_time);
	tcase_add_test(t, a_suspicion_ends_with_a_good_probe);
	tcase_add_test(t, a_good_probe_does_not_silence_two_users);
	tcase_add_test(t, no_more_than_their_share_are_ejected);
	tcase_add_test(t, the_last_usable_one_is_never_ejected);
	tcase_add_test(t, another_family_is_no_stand_in);
	tcase_add_test(t, a_backup_is_a_stand_in);
	tcase_add_test(t, who_is_ejected_comes_back_where_nobody_is_left);
	tcase_add_test(t, a_good_probe_brings_it_back);
	tcase_add_test(t, probes_that_see_nothing_keep_nobody_in);
	tcase_add_test(t, without_probes_time_brings_it_back);
	tcase_add_test(t, without_probes_one_of_several_is_not_believed);
	tcase_add_test(t, an_ejected_backend_gets_no_callers);
	tcase_add_test(t, who_comes_back_starts_slowly);
	tcase_add_test(t, a_reload_keeps_the_ejected);
	tcase_add_test(t, backends_may_go_between_a_report_and_its_reading);
	suite_add_tcase(s, t);
	return s;
}
