/* Patterns: what the C library says of the same one, and how long it takes. */
#include "lbd/conf_probe.h"
#include "lbd/pattern.h"
#include "suites.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static bool library_fits(const char *pattern, const char *data, size_t size)
{
	regmatch_t whole = {.rm_so = 0, .rm_eo = (regoff_t)size};
	regex_t regex;
	bool fits;

	ck_assert(!regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB));
	fits = !regexec(&regex, data, 1, &whole, REG_STARTEND);
	regfree(&regex);
	return fits;
}

static bool library_takes(const char *pattern)
{
	regex_t regex;
	bool taken = !regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB);

	if (taken)
		regfree(&regex);
	return taken;
}

static void agree(const char *pattern, const char *data, size_t size)
{
	struct pattern *p = pattern_make(pattern);
	bool ours, theirs = library_fits(pattern, data, size);
	char hex[64] = "";

	ck_assert_ptr_nonnull(p);
	ours = pattern_fits(p, data, size);
	for (size_t i = 0; i < size && i < 20; i++)
		sprintf(hex + 3 * i, "%02x ", (unsigned char)data[i]);
	ck_assert_msg(ours == theirs, "%s on %zu bytes, %s: %d, not %d",
		pattern, size, hex, ours, theirs);
	pattern_free(p);
}

static const struct {
	const char *pattern, *yes, *no;
} samples[] = {
	{"ok", "all is ok now", "o k"},
	{"^ok$", "ok", "ok "},
	{"a|bc|", "", NULL},
	{"^(a|bc)$", "bc", "abc"},
	{"^(a|b)*c+d?$", "abbaccd", "abbad"},
	{"^a{2,3}$", "aaa", "aaaa"},
	{"^a{2,3}$", "aa", "a"},
	{"^a{,2}$", "", "aaa"},
	{"^(ab){2}{2}$", "abababab", "ababab"},
	{"^a{0}b$", "b", "ab"},
	{"^a{3,}$", "aaaaa", "aa"},
	{"^(a*)*(b|(c|d)+)$", "aacd", "aab c"},
	{"^a?+*$", "aaa", "b"},
	{"^[]a-c[:digit:]]+$", "]b7", "d"},
	{"^[^]a]$", "b", "]"},
	{"^\\w\\W\\s$", "a- ", "a-b"},
	{"\\bok\\b", "is ok.", "token"},
	{"\\<o\\w*k\\>", "an oak", "soak"},
	{"a\\.b\\{", "a.b{", "axb{"},
	{"a)", "a)", "a"},
	{"^.$", "\n", "ab"},
	{"()", "", NULL},
	{"(^a|b$)c", "ac", "bc"},
};

START_TEST(a_pattern_fits_what_it_should)
{
	struct pattern *p = pattern_make(samples[_i].pattern);
	const char *yes = samples[_i].yes, *no = samples[_i].no;

	ck_assert(pattern_fits(p, yes, strlen(yes)));
	ck_assert(!no || !pattern_fits(p, no, strlen(no)));
	agree(samples[_i].pattern, yes, strlen(yes));
	agree(samples[_i].pattern, no ? no : "x", strlen(no ? no : "x"));
	pattern_free(p);
}
END_TEST

/* Pieces that make patterns, most of them good, put together by chance. */
static void draw_pattern(char *to, size_t room)
{
	static const char *const piece[] = {"a", "b", "c", "(", ")", "|", "*",
		"+", "?", "{2}", "{1,2}", "{,2}", "{2,}", "{0}", "{", "{2,1}",
		"{}", "{,}", "{b}", "[ab]", "[^a]", ".", "^", "$", "\\b", "\\B",
		"\\<", "\\>", "\\w", "\\W", "a", "(a", "b)", "(a|b)", "()", "]",
		"[[:alpha:]-]", "}", "-"};

	*to = '\0';
	for (int n = rand() % 9 + 1; n; n--)
		strncat(to, piece[rand() % (sizeof(piece) / sizeof(*piece))],
			room - strlen(to) - 1);
}

START_TEST(all_patterns_say_what_the_library_says)
{
	unsigned sound = 0;

	srand(1);
	while (sound < 10000) {
		char pattern[128], data[12], why[128];

		draw_pattern(pattern, sizeof(pattern));
		ck_assert_int_eq(regex_is_sound(pattern, why, sizeof(why)),
			library_takes(pattern));
		if (!library_takes(pattern))
			continue;
		sound++;
		for (int i = 0; i < 8; i++) {
			size_t size = (size_t)rand() % sizeof(data);

			for (size_t j = 0; j < size; j++)
				data[j] = "aabbc - \0"[rand() % 9];
			agree(pattern, data, size);
		}
	}
}
END_TEST

/* Each took the C library seconds to minutes; the whole is seconds at most even
 * where everything is slow. */
START_TEST(no_sound_pattern_takes_long)
{
	static const char *const slow[] = {"(a|b)*a(a|b){100}x",
		"[ab]*a[ab]{100}x", "(a|ab|b|ba|bab){60}x",
		"((a*)*|(b*)*){100}x", "(a?b?){300}x", "(a|b|ab){,90}x",
		"(((a{0,9})*){0,9}b?)*x", "(a?){450}x"};
	char data[4096], why[128];
	clock_t from = clock();

	srand(1);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = "ab"[rand() % 2];
	for (size_t i = 0; i < sizeof(slow) / sizeof(*slow); i++) {
		struct pattern *p = pattern_make(slow[i]);

		ck_assert_msg(regex_is_sound(slow[i], why, sizeof(why)), "%s",
			slow[i]);
		ck_assert_ptr_nonnull(p);
		ck_assert(!pattern_fits(p, data, sizeof(data)));
		pattern_free(p);
	}
	ck_assert_int_lt((clock() - from) / CLOCKS_PER_SEC, 10);
}
END_TEST

Suite *pattern_suite(void)
{
	Suite *s = suite_create("pattern");
	TCase *t = tcase_create("pattern");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, a_pattern_fits_what_it_should, 0,
		sizeof(samples) / sizeof(*samples));
	tcase_add_test(t, all_patterns_say_what_the_library_says);
	tcase_add_test(t, no_sound_pattern_takes_long);
	suite_add_tcase(s, t);
	return s;
}
