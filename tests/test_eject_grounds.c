/* Who is ejected: what callers see takes a backend out, no liar alone does. */
#include "simulation.h"
#include "test_eject.h"

static struct sim sim;

static void end(void)
{
	sim_close(&sim);
}

/* Service web, all of whose backends are up by now. */
static void open_web(size_t backends, const char *lines)
{
	sim_open_web(&sim, backends, lines);
	sim_run(&sim, 3);
}

static struct backend *at(size_t n)
{
	return sim_backend(&sim, "web", n);
}

START_TEST(the_only_user_ejects_alone)
{
	open_web(3, "");
	sim_fails(&sim, at(0), 7, 4);
	ck_assert(!health_is_ejected(at(0)));
	sim_fails(&sim, at(0), 7, 1);
	ck_assert(health_is_ejected(at(0)));
	ck_assert(!health_is_usable(at(0)));
}
END_TEST

START_TEST(one_user_of_several_ejects_nobody_alone)
{
	open_web(3, "");
	sim_works(&sim, at(1), 8);
	for (int i = 0; i < 500; i++) {
		sim_fails(&sim, at(0), 7, 1000);
		ck_assert(!health_is_ejected(at(0)));
	}
}
END_TEST

START_TEST(others_are_forgotten_after_five_minutes)
{
	open_web(3, "");
	sim_works(&sim, at(1), 8);
	sim_run(&sim, 290);
	sim_fails(&sim, at(0), 7, 5);
	ck_assert(!health_is_ejected(at(0)));
	sim_run(&sim, 20);
	sim_fails(&sim, at(0), 7, 5);
	ck_assert(health_is_ejected(at(0)));
}
END_TEST

START_TEST(two_users_eject_together)
{
	open_web(3, "");
	sim_works(&sim, at(1), 7);
	sim_works(&sim, at(1), 8);
	sim_fails(&sim, at(0), 7, 4);
	sim_fails(&sim, at(0), 8, 1);
	ck_assert(health_is_ejected(at(0)));
}
END_TEST

START_TEST(a_probe_that_fails_too_ejects_at_once)
{
	unsigned asked;

	open_web(3, "fall = 10\n");
	sim_works(&sim, at(1), 8);
	sim_of(&sim, at(0))->answer = VERDICT_REFUSED;
	asked = sim_of(&sim, at(0))->asked;
	sim_fails(&sim, at(0), 7, 5);
	ck_assert(health_is_ejected(at(0)));
	ck_assert_uint_eq(sim_of(&sim, at(0))->asked, asked + 1);
	ck_assert_int_eq(at(0)->health.state, HEALTH_UP);
}
END_TEST

START_TEST(an_answer_to_an_older_question_confirms_nothing)
{
	struct sim_backend *o;

	open_web(3, "fall = 10\n");
	sim_works(&sim, at(1), 8);
	o = sim_of(&sim, at(0));
	o->answer = VERDICT_REFUSED;
	o->delay = 0.9;
	while (!o->asking)
		sim_run(&sim, 0.1);
	o->answer = VERDICT_OK;
	sim_fails(&sim, at(0), 7, 5);
	sim_run(&sim, 5);
	ck_assert_uint_eq(at(0)->ejection.repeats, 0); /* it never was */
}
END_TEST

START_TEST(a_liar_cannot_have_a_backend_asked_all_the_time)
{
	unsigned asked;

	open_web(3, "");
	sim_works(&sim, at(1), 8);
	asked = sim_of(&sim, at(0))->asked;
	for (int i = 0; i < 100; i++)
		sim_fails(&sim, at(0), 7, 1000); /* 15 s */
	ck_assert_uint_le(sim_of(&sim, at(0))->asked, asked + 26);
}
END_TEST

START_TEST(a_suspicion_ends_with_a_good_probe)
{
	open_web(3, "fall = 10\n");
	sim_works(&sim, at(1), 8);
	sim_fails(&sim, at(0), 7, 5);
	sim_run(&sim, 5);
	sim_of(&sim, at(0))->answer = VERDICT_REFUSED;
	sim_run(&sim, 5);
	ck_assert(!health_is_ejected(at(0)));
}
END_TEST

START_TEST(a_good_probe_does_not_silence_two_users)
{
	open_web(3, "");
	sim_works(&sim, at(1), 7);
	sim_works(&sim, at(1), 8);
	sim_fails(&sim, at(0), 7, 5);
	sim_run(&sim, 5);
	ck_assert(!health_is_ejected(at(0)));
	sim_fails(&sim, at(0), 8, 1);
	ck_assert(health_is_ejected(at(0)));
}
END_TEST

START_TEST(no_more_than_their_share_are_ejected)
{
	size_t out = 0;

	open_web(7, "");
	for (size_t i = 0; i < 7; i++)
		sim_outcomes(&sim, at(i), 7, 0, 50);
	sim_run(&sim, 0.15);
	for (size_t i = 0; i < 7; i++)
		out += health_is_ejected(at(i));
	ck_assert_uint_eq(out, 2);
}
END_TEST

START_TEST(the_last_usable_one_is_never_ejected)
{
	open_web(2, "");
	at(1)->will = WILL_DRAIN;
	sim_fails(&sim, at(0), 7, 50);
	ck_assert_uint_eq(at(0)->ejection.repeats, 0);
	at(1)->will = WILL_READY;
	sim_fails(&sim, at(0), 7, 50);
	ck_assert(health_is_ejected(at(0)));
	sim_fails(&sim, at(1), 7, 50);
	ck_assert_uint_eq(at(1)->ejection.repeats, 0);
}
END_TEST

START_TEST(another_family_is_no_stand_in)
{
	sim_open(&sim,
		"[service web]\naddress = 127.96.0.1:80\n"
		"address = [fd00::5]:80\nbackend = 10.0.0.1:80\n"
		"backend = [fd00:1::2]:80\n");
	sim_run(&sim, 3);
	sim_fails(&sim, at(0), 7, 50);
	ck_assert(!health_is_ejected(at(0)));
}
END_TEST

START_TEST(a_backup_is_a_stand_in)
{
	sim_open(&sim,
		"[service web]\naddress = 127.96.0.1:80\n"
		"backend = 10.0.0.1:80\nbackend = 10.0.0.2:80 backup\n");
	sim_run(&sim, 3);
	sim_fails(&sim, at(0), 7, 50);
	ck_assert(health_is_ejected(at(0)));
	ck_assert_str_eq(
		fixture_route(&sim.f, "127.96.0.1:80", 0), "10.0.0.2:80");
}
END_TEST

START_TEST(without_probes_one_of_several_is_not_believed)
{
	open_web(3, "probe = none\n");
	sim_works(&sim, at(1), 8);
	for (int i = 0; i < 20; i++)
		sim_fails(&sim, at(0), 7, 50);
	ck_assert(!health_is_ejected(at(0)));
}
END_TEST

TCase *eject_grounds_case(void)
{
	TCase *t = tcase_create("grounds");

	tcase_add_checked_fixture(t, NULL, end);
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
	tcase_add_test(t, without_probes_one_of_several_is_not_believed);
	return t;
}
