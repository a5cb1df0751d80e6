/*
 * Words of probes at the edges of what they may be: how large a regular
 * expression gets, which the C library is not asked, and what is taken for an
 * option, a header, an address.
 */
#include "conf_lines.h"
#include "lbd/conf_probe.h"
#include "suites.h"
#include "test_conf.h"

#include <stdlib.h>

#define TOO_MUCH "a POSIX regular expression (repeats too much)"

/* `why`: NULL where it is sound. */
static const struct {
	const char *pattern, *why;
} patterns[] = {
	{"[[.].]{9999}]", NULL},
	{"(a{400})(b{400})", NULL},
	{"a\\{1001}", NULL},
	{")", NULL},
	{"a))b{400}", NULL},
	{"a{,}", NULL},
	{"a{400,}", NULL},
	{"a{30}{30}", NULL},
	{"a{1001,}", TOO_MUCH},
	{"a{30}{40}", TOO_MUCH},
	{"(a){9223372036854775808}", TOO_MUCH},
	{"(a{400}b{400}){2}", TOO_MUCH},
	{"\\(a{1001}", TOO_MUCH},
	{"(a)\\1", "a POSIX regular expression (has a back-reference)"},
	{"a{3,2}", "a POSIX regular expression (Invalid content of \\{\\})"},
	{"(", "a POSIX regular expression (Unmatched ( or \\()"},
};

enum { PATTERNS = sizeof(patterns) / sizeof(*patterns) };

START_TEST(a_pattern_is_as_large_as_all_its_copies)
{
	char why[160] = "";
	bool sound = regex_is_sound(patterns[_i].pattern, why, sizeof(why));

	ck_assert_str_eq(why, patterns[_i].why ? patterns[_i].why : "");
	ck_assert(sound == !patterns[_i].why);
}
END_TEST

/* What is said of a probe; NULL: nothing, it is taken. */
static const struct {
	const char *probe, *said;
} options[] = {
	{"http\tGET\t/", NULL},
	{"http host=[fd00::1]", NULL},
	{"http host=[fd00::1]:80", NULL},
	{"http \"GET\"", "unknown word \"\\\"GET\\\"\""},
	{"http host=[fd00::g]",
		"host must be a host name or IP, maybe with :PORT, not "
		"\"[fd00::g]\""},
	{"http host=[10.0.0.1]",
		"host must be a host name or IP, maybe with :PORT, not "
		"\"[10.0.0.1]\""},
};

enum { OPTIONS_TRIED = sizeof(options) / sizeof(*options) };

START_TEST(a_word_of_a_probe_is_what_it_looks_like)
{
	char text[256], said[256];

	snprintf(text, sizeof(text), SERVICE "probe = %s\n", options[_i].probe);
	if (options[_i].said)
		snprintf(said, sizeof(said), "F:4: [service a] probe: %s\n",
			options[_i].said);
	conf_expect(text, options[_i].said ? said : "");
}
END_TEST

Suite *options_suite(void)
{
	Suite *s = suite_create("options");
	TCase *t = tcase_create("options");

	tcase_add_loop_test(
		t, a_pattern_is_as_large_as_all_its_copies, 0, PATTERNS);
	tcase_add_loop_test(
		t, a_word_of_a_probe_is_what_it_looks_like, 0, OPTIONS_TRIED);
	suite_add_tcase(s, t);
	return s;
}
