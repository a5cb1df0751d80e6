/* Forms of lbd.ini that hardly anybody writes. */
#include "lbd/conf_probe.h"
#include "test_conf.h"
#include "test_seldom.h"

#include <stdlib.h>
#include <string.h>

START_TEST(a_host_may_be_an_address_and_a_header_as_long_as_host)
{
	struct conf *conf = conf_good("[service s]\naddress = [fd00::1]:80\n"
				      "backend = [::1]:80\n"
				      "probe = http host=10.0.0.1 "
				      "header=\"Date: x\"\n");

	ck_assert_str_eq(conf->service->probe.host, "10.0.0.1");
	ck_assert_str_eq(conf->service->probe.header[0].line, "Date: x");
	ck_assert_uint_eq(conf->service->backend[0].addr.lo, 1);
	conf_free(conf);
}
END_TEST

START_TEST(words_that_no_line_has_room_for_are_wrong_too)
{
	char text[300], why[80];

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ck_assert_uint_eq(hint_distance((struct span){"a", 1}, text),
		hint_distance((struct span){text, 299}, "a"));
	ck_assert_str_eq(subject_word((enum subject)0), "any");
	ck_assert(!value_name((struct span){"a\0b", 3}));
	ck_assert(!regex_is_sound(text, why, sizeof(why)));
	for (size_t i = 50; i < sizeof(text); i += 50)
		text[i] = '.';
	ck_assert(!value_host(text));
	text[240] = '\0';
	ck_assert(value_host(text));
}
END_TEST

START_TEST(too_many_backends_for_the_balance_of_defaults)
{
	char *text = malloc(32 * (MAGLEV_MOST + 4)), *to, *said;
	struct complaints complaints;

	ck_assert_ptr_nonnull(text);
	to = stpcpy(text, "[defaults]\nbalance = maglev\nprobe = none\n");
	to = stpcpy(to,
		_i ? "[service s]\naddress = [fd07::1]:1\n"
		   : "[service s]\naddress = 127.96.0.1:1\n");
	for (int i = 0; i <= MAGLEV_MOST; i++)
		to += _i ? sprintf(to, "backend = [fd00::%x]:1\n", i + 1)
			 : sprintf(to, "backend = 10.%d.%d.%d:1\n", i >> 16,
				   i >> 8 & 255, i & 255);
	ck_assert_ptr_null(
		conf_parse("F", text, (size_t)(to - text), &complaints));
	said = conf_said(&complaints);
	ck_assert_ptr_nonnull(strstr(said, "F:4: [service s] balance: "));
	free(said);
	complaints_free(&complaints);
	free(text);
}
END_TEST

TCase *conf_seldom_case(void)
{
	TCase *t = tcase_create("conf_seldom");

	tcase_add_test(
		t, a_host_may_be_an_address_and_a_header_as_long_as_host);
	tcase_add_test(t, words_that_no_line_has_room_for_are_wrong_too);
	tcase_add_loop_test(
		t, too_many_backends_for_the_balance_of_defaults, 0, 2);
	tcase_set_timeout(t, 60);
	return t;
}
