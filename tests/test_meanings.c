/*
 * What names of lbd.ini stand for: in several services the same addresses, or
 * there is a complaint, whatever the hashes of the addresses are; in rules a
 * user or a group, which may have one name and two numbers.
 */
#include "suites.h"
#include "test_conf.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>

#define A   "[service a]\nname = x\nbackend = 10.0.0.1:1\n"
#define B   "[service b]\nname = x\nbackend = 10.0.0.1:1\n"
#define SIX "backend = [fd00::9]:1\n"

/* Sets of addresses that begin alike: some of them meet in the index. */
START_TEST(a_name_stands_for_all_its_addresses)
{
	static const char *const rest[] = {
		"address = 127.96.0.2:2\naddress = 127.96.1.%d:2\n",
		"address = 127.96.1.%d:2\n"};

	for (int i = 1; i < 100; i++) {
		char text[512];
		int at = snprintf(text, sizeof(text),
			A "address = 127.96.0.1:1\naddress = 127.96.0.2:1\n" B
			  "address = 127.96.0.1:2\n");

		snprintf(text + at, sizeof(text) - (size_t)at, rest[_i], i);
		conf_expect(text,
			"F:7: [service b] name: \"x\" stands in [service a] on "
			"line 2 for other IPs\n");
	}
}
END_TEST

START_TEST(addresses_that_differ_in_their_first_half_are_two)
{
	conf_expect(A SIX "address = 127.96.0.1:1\naddress = [fd96::1]:1\n"
			  "address = [fd97::1]:1\n" B SIX
			  "address = 127.96.0.1:2\naddress = [fd96::1]:2\n",
		"F:9: [service b] name: \"x\" stands in [service a] on line 2 "
		"for other IPs\n");
}
END_TEST

/* "man" has been user 6 and group 12 in Debian for ever. */
START_TEST(a_user_and_a_group_may_have_one_name)
{
	const struct passwd *user = getpwnam("man");
	const struct group *group = getgrnam("man");
	const struct rule *rule;
	struct conf *conf;

	if (!user || !group)
		return;
	conf = conf_good(A "address = 127.96.0.1:1\n"
			   "permit = user man group man\n");
	rule = conf->service[0].rules.rule;
	ck_assert_uint_eq(rule->user, user->pw_uid);
	ck_assert_uint_eq(rule->group, group->gr_gid);
	conf_free(conf);
}
END_TEST

Suite *meanings_suite(void)
{
	Suite *s = suite_create("meanings");
	TCase *t = tcase_create("meanings");

	tcase_add_loop_test(t, a_name_stands_for_all_its_addresses, 0, 2);
	tcase_add_test(t, addresses_that_differ_in_their_first_half_are_two);
	tcase_add_test(t, a_user_and_a_group_may_have_one_name);
	suite_add_tcase(s, t);
	return s;
}
