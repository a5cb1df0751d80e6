/* What lbctl explain says: the same as what decides, and where names lead. */
#include "fixture.h"
#include "lbd/admin_explain.h"
#include "lbd/admin_path.h"
#include "lbd/kernel.h"
#include "lbd/publish.h"
#include "suites.h"

#include <stdlib.h>
#include <string.h>

static gid_t groups[] = {100, 27};

/* Any caller that one of eight bits makes different. */
static struct identity caller(unsigned bits)
{
	return (struct identity){
		.user_known = bits & 1,
		.groups_known = bits & 2,
		.user = bits & 4 ? 1000 : 1001,
		.group = groups,
		.groups = bits & 8 ? 2 : 1,
		.exe = bits & 16    ? "/usr/bin/curl"
			: bits & 32 ? "/bin/sh"
				    : NULL,
	};
}

static struct rule any_rule(void)
{
	return (struct rule){
		.permit = lrand48() % 2,
		.subjects = (unsigned)lrand48() % 8,
		.user = 1000,
		.group = 27,
		.exe = (char *)"/usr/bin/curl",
	};
}

/* As people read the answers: no rule with a no, no permit with a doubt. */
static const struct rule *decide(
	const struct rules *rules, const struct identity *who)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *r = &rules->rule[i];
		struct acl_answers a = acl_ask(r, who);

		ck_assert_uint_eq((a.no | a.unknown) & ~r->subjects, 0);
		ck_assert_uint_eq(a.no & a.unknown, 0);
		if (!a.no && (!a.unknown || !r->permit))
			return r;
	}
	return NULL;
}

START_TEST(answers_and_verdict_are_of_one_mind)
{
	struct rule rule[4];
	struct rules rules = {rule, 4};

	srand48(5);
	for (int i = 0; i < 20000; i++) {
		struct identity who = caller((unsigned)lrand48() % 64);
		const struct rule *decides;

		for (int j = 0; j < 4; j++)
			rule[j] = any_rule();
		acl_judge(&rules, &who, &decides);
		ck_assert_ptr_eq(decide(&rules, &who), decides);
	}
}
END_TEST

START_TEST(every_subject_answers_for_itself)
{
	struct rule rule = {
		.subjects = SUBJECT_USER | SUBJECT_GROUP | SUBJECT_EXE,
		.user = 1000,
		.group = 27,
		.exe = (char *)"/usr/bin/curl"};
	struct identity who = caller(1 | 2 | 32); /* all known, none right */
	struct acl_answers a = acl_ask(&rule, &who);

	ck_assert_uint_eq(a.no, rule.subjects);
	ck_assert_uint_eq(a.unknown, 0);
	who = caller(0);
	a = acl_ask(&rule, &who);
	ck_assert_uint_eq(a.no, 0);
	ck_assert_uint_eq(a.unknown, rule.subjects);
	who = caller(1 | 2 | 4 | 8 | 16);
	a = acl_ask(&rule, &who);
	ck_assert_uint_eq(a.no | a.unknown, 0);
}
END_TEST

START_TEST(subjects_have_the_words_of_the_file)
{
	ck_assert_str_eq(subject_word(SUBJECT_USER), "user");
	ck_assert_str_eq(subject_word(SUBJECT_GROUP), "group");
	ck_assert_str_eq(subject_word(SUBJECT_EXE), "exe");
}
END_TEST

START_TEST(escapes_are_undone)
{
	static const char *const cases[][2] = {{"a%2fb", "a/b"}, {"%41", "A"},
		{"%", "%"}, {"%4", "%4"}, {"%zz%7E", "%zz~"}, {"", ""}};
	char to[16];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		path_unescape(cases[i][0], to);
		ck_assert_str_eq(to, cases[i][1]);
	}
}
END_TEST

static const char file[] = "[defaults]\n"
			   "probe = none\n"
			   "permit = user 1\n"
			   "[service web]\n"
			   "address = 127.96.0.1:80\n"
			   "address = 127.96.0.1:443\n"
			   "name = web.internal\n"
			   "permit = any\n"
			   "backend = 10.0.0.1:80 name=b1 weight=3\n"
			   "backend = 10.0.0.2:80 name=b2\n"
			   "backend = 10.0.0.3:80 name=b3 backup\n"
			   "[service star]\n"
			   "address = 127.96.0.1:*\n"
			   "backend = 10.0.0.1:80\n";

static struct fixture f;

static void open_file(void)
{
	fixture_open(&f, file);
	f.lbd.kernel = kernel_open(&f.lbd);
	ck_assert_ptr_nonnull(f.lbd.kernel);
}

static void close_file(void)
{
	kernel_close(f.lbd.kernel);
	fixture_close(&f);
}

/* How many places, or 0 where there is an error instead. */
static size_t places_of(const char *text)
{
	struct places places;
	json_t *wrong = explain_find(&f.lbd.world, text, &places);

	ck_assert(!wrong == (places.count > 0));
	json_decref(wrong);
	return places.count;
}

START_TEST(addresses_and_names_lead_to_services)
{
	ck_assert_uint_eq(places_of("127.96.0.1:80"), 1);
	ck_assert_uint_eq(places_of("127.96.0.1:81"), 1);
	ck_assert_uint_eq(places_of("127.96.0.1"), 3);
	ck_assert_uint_eq(places_of("web"), 2);
	ck_assert_uint_eq(places_of("[::ffff:127.96.0.1]:80"), 1);
	ck_assert_uint_eq(places_of("[::FFFF:7f60:1]"), 3);
	ck_assert_uint_eq(places_of("::ffff:127.96.0.1"), 3);
	ck_assert_uint_eq(places_of("[::ffff:127.96.0.1"), 0);
	ck_assert_uint_eq(places_of("::ffff:127.96.0.1]"), 0);
	ck_assert_uint_eq(places_of("[::ffff:127.96.0.1]80"), 0);
	ck_assert_uint_eq(places_of("[]:80"), 0);
	ck_assert_uint_eq(places_of("WEB.internal."), 2);
	ck_assert_uint_eq(places_of("web.internal:443"), 1);
	ck_assert_uint_eq(places_of("star:9"), 1);
	ck_assert_uint_eq(places_of("web:81"), 0);
	ck_assert_uint_eq(places_of("127.96.0.2:80"), 0);
	ck_assert_uint_eq(places_of("127.96.0.1:0"), 0);
	ck_assert_uint_eq(places_of("nobody"), 0);
	ck_assert_uint_eq(places_of(""), 0);
	ck_assert_uint_eq(places_of(":"), 0);
}
END_TEST

/* Of the backend: its share, or why it has none. */
static const char *choice(unsigned i, double *share)
{
	static const struct identity nobody;
	static char why[64];
	struct places places;
	json_t *json, *backend;

	publish_turned(&f.lbd);
	ck_assert_ptr_null(
		explain_find(&f.lbd.world, "127.96.0.1:80", &places));
	json = explain_place(&f.lbd, &places.at[0], &nobody);
	backend = json_array_get(json_object_get(json, "backends"), i);
	*share = json_number_value(json_object_get(backend, "share"));
	snprintf(why, sizeof(why), "%s",
		json_is_true(json_object_get(backend, "chosen"))
			? "chosen"
			: json_string_value(
				  json_object_get(backend, "not_chosen")));
	json_decref(json);
	return why;
}

START_TEST(shares_are_those_of_the_wheel)
{
	struct backend **b = fixture_service(&f, "web")->backend;
	double share;

	ck_assert_str_eq(choice(0, &share), "chosen");
	ck_assert_double_eq(share, 75);
	ck_assert_str_eq(choice(1, &share), "chosen");
	ck_assert_double_eq(share, 25);
	ck_assert_str_eq(choice(2, &share), "a backup, while others are used");
	ck_assert_double_eq(share, 0);
	b[0]->health.state = HEALTH_DOWN;
	publish_health(&f.lbd, b[0]);
	ck_assert_str_eq(choice(0, &share), "down");
	ck_assert_str_eq(choice(1, &share), "chosen");
	ck_assert_double_eq(share, 100);
	b[1]->full = true;
	publish_health(&f.lbd, b[1]);
	ck_assert_str_eq(choice(1, &share), "full");
	ck_assert_str_eq(choice(2, &share), "chosen");
}
END_TEST

Suite *explain_suite(void)
{
	Suite *s = suite_create("explain");
	TCase *t = tcase_create("rules");

	tcase_add_test(t, answers_and_verdict_are_of_one_mind);
	tcase_add_test(t, every_subject_answers_for_itself);
	tcase_add_test(t, subjects_have_the_words_of_the_file);
	tcase_add_test(t, escapes_are_undone);
	suite_add_tcase(s, t);
	t = tcase_create("places");
	tcase_add_checked_fixture(t, open_file, close_file);
	tcase_add_test(t, addresses_and_names_lead_to_services);
	tcase_add_test(t, shares_are_those_of_the_wheel);
	suite_add_tcase(s, t);
	return s;
}
