/* The operator's hand: what a service has to offer then, what a reload keeps,
 * and which names are in a path. */
#include "fixture.h"
#include "lbd/admin_path.h"
#include "lbd/offer.h"
#include "lbd/operator.h"
#include "lbd/publish.h"
#include "suites.h"

#include <string.h>

static const char two_and_a_backup[] = "[service web]\n"
				       "address = 127.96.0.1:80\n"
				       "balance = round-robin\n"
				       "probe = none\n"
				       "backend = 10.0.0.1:80 name=b1\n"
				       "backend = 10.0.0.2:80 name=b2\n"
				       "backend = 10.0.0.3:80 name=b3 backup\n";

/* How the backends are, a letter each: up, Down, full, drained, Maintained. */
static const char *offered(const char *states)
{
	struct fixture f;
	struct service *s;
	const char *word;

	fixture_open(&f, two_and_a_backup);
	s = fixture_service(&f, "web");
	for (size_t i = 0; states[i]; i++) {
		struct backend *b = s->backend[i];

		if (states[i] == 'D')
			b->health.state = HEALTH_DOWN;
		b->full = states[i] == 'f';
		if (states[i] == 'd')
			b->will = WILL_DRAIN;
		if (states[i] == 'M')
			b->will = WILL_MAINT;
		publish_health(&f.lbd, b);
	}
	publish_turned(&f.lbd);
	word = offer_word(s);
	fixture_close(&f);
	return word;
}

START_TEST(a_service_offers_what_its_backends_take)
{
	static const char *const cases[][2] = {{"uuu", "ok"},
		{"uDu", "degraded"}, {"uuD", "degraded"}, {"udu", "degraded"},
		{"ufu", "degraded"}, {"uuf", "degraded"}, {"uMM", "degraded"},
		{"DDu", "backup"}, {"ddu", "backup"}, {"dDu", "backup"},
		{"DDD", "panic"}, {"dDD", "panic"}, {"ddd", "down"},
		{"dMM", "down"}, {"DDf", "down"}, {"ffu", "backup"},
		{"fDu", "backup"}, {"ffM", "down"}, {"ffD", "down"},
		{"fff", "down"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(!strcmp(offered(cases[i][0]), cases[i][1]),
			"%s is %s", cases[i][0], offered(cases[i][0]));
}
END_TEST

START_TEST(by_hand_outlives_reloads_and_the_files_weight)
{
	static const struct asker nobody = {.known = false};
	struct fixture f;
	struct backend *b;

	fixture_open(&f, two_and_a_backup);
	b = fixture_service(&f, "web")->backend[1];
	operator_set_will(&f.lbd, b, WILL_DRAIN, &nobody);
	operator_set_weight(&f.lbd, b, 7, &nobody);
	fixture_reload(&f,
		"[service web]\n"
		"address = 127.96.0.1:80\n"
		"backend = 10.0.0.2:80 weight=9\n"
		"backend = 10.0.0.1:80\n");
	b = fixture_service(&f, "web")->backend[0];
	ck_assert_int_eq(b->will, WILL_DRAIN);
	ck_assert_uint_eq(b->weight, 7);
	ck_assert_uint_eq(b->conf->weight, 9);
	b = fixture_service(&f, "web")->backend[1];
	ck_assert_int_eq(b->will, WILL_READY);
	ck_assert_uint_eq(b->weight, 0);
	fixture_close(&f);
}
END_TEST

START_TEST(callers_are_sent_elsewhere_from_the_next_turn_on)
{
	static const struct asker nobody = {.known = false};
	struct fixture f;

	fixture_open(&f, two_and_a_backup);
	operator_set_will(&f.lbd, fixture_service(&f, "web")->backend[0],
		WILL_DRAIN, &nobody);
	publish_turned(&f.lbd);
	for (uint64_t draw = 0; draw < 10; draw++)
		ck_assert_str_eq(fixture_route(&f, "127.96.0.1:80", draw),
			"10.0.0.2:80");
	fixture_close(&f);
}
END_TEST

static const char *second_name(const char *url)
{
	static struct path_names names;

	memset(&names, 'x', sizeof(names));
	return path_fits(
		       "/services/SERVICE/backends/BACKEND/drain", url, &names)
		? names.text[1]
		: "no";
}

START_TEST(a_path_is_taken_apart_before_its_escapes)
{
	char url[4200] = "/services/a/backends/", name[PATH_NAME_BYTES];

	ck_assert_str_eq(second_name("/services/a/backends/b/drain"), "b");
	ck_assert_str_eq(second_name("/services/a/backends/%5b%3A%5D:80/drain"),
		"[:]:80");
	ck_assert_str_eq(
		second_name("/services/a%2Fx/backends/b%2fc/drain"), "b/c");
	ck_assert_str_eq(second_name("/services//backends//drain"), "");
	ck_assert_str_eq(second_name("/serv%69ces/a/backends/b/drain"), "b");
	ck_assert_str_eq(second_name("/services/a%2Fbackends/b/drain"), "no");
	ck_assert_str_eq(second_name("/services/a/backends/b/drain/"), "no");
	ck_assert_str_eq(second_name("/services/a/backends/b/drainx"), "no");
	ck_assert_str_eq(second_name("/services/a/backends/b"), "no");
	ck_assert_str_eq(second_name("services/a/backends/b/drain"), "no");
	ck_assert_str_eq(second_name(""), "no");
	/* what is no escape stays */
	ck_assert_str_eq(
		second_name("/services/a/backends/%00%g0%4/drain"), "%00%g0%4");
	ck_assert_str_eq(second_name("/services/a/backends/%/drain"), "%");
	/* a name nothing has is cut */
	memset(url + strlen(url), 'n', 4000);
	strcat(url, "/drain");
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	ck_assert_str_eq(second_name(url), name);
}
END_TEST

Suite *operator_suite(void)
{
	Suite *s = suite_create("operator");
	TCase *t = tcase_create("operator");

	tcase_add_test(t, a_service_offers_what_its_backends_take);
	tcase_add_test(t, by_hand_outlives_reloads_and_the_files_weight);
	tcase_add_test(t, callers_are_sent_elsewhere_from_the_next_turn_on);
	tcase_add_test(t, a_path_is_taken_apart_before_its_escapes);
	suite_add_tcase(s, t);
	return s;
}
