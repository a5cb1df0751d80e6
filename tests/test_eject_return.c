/* While a backend is ejected, what brings it back, and how it begins again. */
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

/* Its only user has seen the first of them fail. */
static void first_is_ejected(size_t backends, const char *lines)
{
	open_web(backends, lines);
	sim_fails(&sim, at(0), 7, 5);
	ck_assert(health_is_ejected(at(0)));
}

START_TEST(an_ejected_backend_gets_no_callers)
{
	first_is_ejected(2, "");
	for (uint64_t draw = 0; draw < 8; draw++)
		ck_assert_str_eq(fixture_route(&sim.f, "127.96.0.1:80", draw),
			"10.0.0.2:80");
}
END_TEST

START_TEST(who_is_ejected_comes_back_where_nobody_is_left)
{
	open_web(2, "fall = 1\n");
	sim_conf(&sim, "web")->interval_ms = 60000;
	sim_run(&sim, 5);
	sim_fails(&sim, at(0), 7, 5);
	ck_assert(health_is_ejected(at(0)));
	at(1)->will = WILL_MAINT;
	health_watch(&sim.f.lbd, at(1));
	ck_assert(health_is_usable(at(0)));
}
END_TEST

START_TEST(a_good_probe_brings_it_back)
{
	first_is_ejected(3, "");
	sim_run(&sim, 2.5);
	ck_assert(health_is_usable(at(0)));
}
END_TEST

START_TEST(probes_that_see_nothing_keep_nobody_in)
{
	first_is_ejected(3, "");
	sim_run(&sim, 2.5);
	sim_fails(&sim, at(0), 7, 5);
	ck_assert(health_is_ejected(at(0)));
	sim_run(&sim, 17);
	ck_assert(health_is_ejected(at(0)));
	sim_run(&sim, 6); /* twice eject-time, and a tenth */
	ck_assert(health_is_usable(at(0)));
}
END_TEST

START_TEST(without_probes_time_brings_it_back)
{
	first_is_ejected(3, "probe = none\n");
	sim_run(&sim, 8.5);
	ck_assert(health_is_ejected(at(0)));
	sim_run(&sim, 3);
	ck_assert(health_is_usable(at(0)));
	ck_assert_ptr_null(sim.f.lbd.overview.tended);
}
END_TEST

START_TEST(who_comes_back_starts_slowly)
{
	open_web(3, "");
	sim_conf(&sim, "web")->slow_start_ms = 20000;
	sim_fails(&sim, at(0), 7, 5);
	while (health_is_ejected(at(0)))
		sim_run(&sim, 0.1);
	ck_assert_double_lt(health_share(at(0)), 0.12);
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
	sim_fails(&sim, at(0), 7, 5);
	sim_reload(&sim, four);
	ck_assert(health_is_ejected(at(0)));
	ck_assert_uint_eq(at(0)->service->ejected, 1);
	sim_reload(&sim, one);
	ck_assert(health_is_usable(at(0))); /* no other is left */
	ck_assert_uint_eq(at(0)->service->ejected, 0);
}
END_TEST

START_TEST(backends_may_go_between_a_report_and_its_reading)
{
	sim_open(&sim, four);
	sim_fails(&sim, at(3), 7, 5);
	for (size_t i = 0; i < 4; i++)
		sim_outcomes(&sim, at(i), 7, 0, 5);
	sim_reload(&sim, one);
	sim_run(&sim, 30);
}
END_TEST

TCase *eject_return_case(void)
{
	TCase *t = tcase_create("return");

	tcase_add_checked_fixture(t, NULL, end);
	tcase_add_test(t, an_ejected_backend_gets_no_callers);
	tcase_add_test(t, who_is_ejected_comes_back_where_nobody_is_left);
	tcase_add_test(t, a_good_probe_brings_it_back);
	tcase_add_test(t, probes_that_see_nothing_keep_nobody_in);
	tcase_add_test(t, without_probes_time_brings_it_back);
	tcase_add_test(t, who_comes_back_starts_slowly);
	tcase_add_test(t, a_reload_keeps_the_ejected);
	tcase_add_test(t, backends_may_go_between_a_report_and_its_reading);
	return t;
}
