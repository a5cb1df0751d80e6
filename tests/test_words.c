/* The grammar of lbd.ini as others use it, for words that lbctl was given. */
#include "lbd/conf.h"
#include "suites.h"

#include <check.h>

START_TEST(a_word_means_what_it_means_in_the_file)
{
	struct addr addr;
	unsigned n = 0;

	ck_assert(conf_number("256", 1, 256, &n));
	ck_assert_uint_eq(n, 256);
	ck_assert(!conf_number("257", 1, 256, &n));
	ck_assert(!conf_number("0", 1, 256, &n));
	ck_assert(!conf_number("+1", 1, 256, &n));
	ck_assert(conf_duration("2s", &n));
	ck_assert_uint_eq(n, 2000);
	ck_assert(!conf_duration("2", &n));
	ck_assert(conf_address("10.0.0.1:80", &addr));
	ck_assert_uint_eq(addr.port, 80);
	ck_assert(!conf_address("10.0.0.1", &addr));
}
END_TEST

START_TEST(the_nearest_name_is_proposed)
{
	ck_assert_str_eq(conf_nearer("apo", "api", NULL), "api");
	ck_assert_ptr_null(conf_nearer("apo", "database", NULL));
	ck_assert_str_eq(conf_nearer("apo", "apo1", "apple"), "apo1");
	ck_assert_str_eq(conf_nearer("apo", "apple", "apo1"), "apo1");
	ck_assert_str_eq(conf_nearer("apo", "api", "app"), "app");
}
END_TEST

Suite *words_suite(void)
{
	Suite *s = suite_create("words");
	TCase *t = tcase_create("words");

	tcase_add_test(t, a_word_means_what_it_means_in_the_file);
	tcase_add_test(t, the_nearest_name_is_proposed);
	suite_add_tcase(s, t);
	return s;
}
