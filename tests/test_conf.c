/*
 * lbd.ini: what is said about broken files. From memory; files are
 * test_conf_file.c's.
 */
#include "test_conf.h"
#include "conf_across.h"
#include "conf_form.h"
#include "conf_keys.h"
#include "conf_lines.h"
#include "conf_warned.h"
#include "lbd/conf.h"
#include "suites.h"

#include <stdlib.h>
#include <string.h>

enum { LINES = sizeof(line_cases) / sizeof(*line_cases) };

static const struct {
	const struct file_case *file;
	size_t count;
} tables[] = {
	{form_cases, sizeof(form_cases) / sizeof(*form_cases)},
	{keys_cases, sizeof(keys_cases) / sizeof(*keys_cases)},
	{across_cases, sizeof(across_cases) / sizeof(*across_cases)},
	{warned_cases, sizeof(warned_cases) / sizeof(*warned_cases)},
};

enum {
	FILES = (sizeof(form_cases) + sizeof(keys_cases) +
			sizeof(across_cases) + sizeof(warned_cases)) /
		sizeof(struct file_case),
};

char *conf_said(const struct complaints *said)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(f);
	complaints_print(said, f);
	fclose(f);
	return text;
}

char *conf_dumped(const struct conf *conf)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(f);
	conf_dump(conf, f);
	ck_assert(!ferror(f));
	fclose(f);
	ck_assert_uint_eq(strlen(text), size);
	return text;
}

struct conf *conf_from(const char *text, size_t size, struct complaints *said)
{
	char *copy = malloc(size ? size : 1);
	struct conf *conf;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, text, size);
	conf = conf_parse("F", copy, size, said);
	free(copy);
	return conf;
}

struct conf *conf_good(const char *text)
{
	struct complaints said;
	struct conf *conf = conf_from(text, strlen(text), &said);
	char *words = conf_said(&said);

	ck_assert_str_eq(words, "");
	ck_assert_ptr_nonnull(conf);
	free(words);
	complaints_free(&said);
	return conf;
}

static void expect_bytes(const char *text, size_t size, const char *words)
{
	struct complaints said;
	struct conf *conf = conf_from(text, size, &said);
	char *got = conf_said(&said);

	ck_assert_str_eq(got, words);
	ck_assert(!conf == (said.errors > 0));
	free(got);
	conf_free(conf);
	complaints_free(&said);
}

void conf_expect(const char *text, const char *words)
{
	expect_bytes(text, strlen(text), words);
}

START_TEST(a_broken_line_is_quoted_with_what_it_must_be)
{
	const struct line_case *c = &line_cases[_i];
	char text[512], words[512];

	snprintf(text, sizeof(text), "%s%s\n", SERVICE, c->line);
	snprintf(words, sizeof(words), "F:4: [service a] %s\n", c->said);
	conf_expect(text, words);
}
END_TEST

START_TEST(every_error_is_said_in_line_order)
{
	size_t table = 0, i = (size_t)_i;

	while (i >= tables[table].count)
		i -= tables[table++].count;
	conf_expect(tables[table].file[i].text, tables[table].file[i].said);
}
END_TEST

START_TEST(an_empty_file_is_refused)
{
	conf_expect("", "F: empty file\n");
}
END_TEST

START_TEST(a_nul_byte_is_refused)
{
	static const char text[] = SERVICE "rise = 2\0 or 3\n";

	expect_bytes(text, sizeof(text) - 1,
		"F:4: NUL byte: \"rise = 2\\x00 or 3\"\n");
}
END_TEST

START_TEST(a_word_processors_encoding_is_told_by_name)
{
	expect_bytes("[\0l\0b\0", 6, "F: is UTF-16: must be UTF-8\n");
	expect_bytes("\0[\0l\0b", 6, "F: is UTF-16: must be UTF-8\n");
	expect_bytes("\0[lb", 4, "F:1: NUL byte: \"\\x00[lb\"\n");
	expect_bytes("\0[\0\0", 4, "F:1: NUL byte: \"\\x00[\\x00\\x00\"\n");
	expect_bytes("\0\0[l", 4, "F:1: NUL byte: \"\\x00\\x00[l\"\n");
	expect_bytes("[\0\0l", 4, "F:1: NUL byte: \"[\\x00\\x00l\"\n");
	expect_bytes("[\0lb", 4, "F:1: NUL byte: \"[\\x00lb\"\n");
}
END_TEST

START_TEST(lines_have_199_bytes_at_most)
{
	char text[1024], line[256];

	memset(line, 'x', sizeof(line));
	snprintf(text, sizeof(text), SERVICE "; %.197s\r\n", line);
	conf_free(conf_good(text));
	snprintf(text, sizeof(text), SERVICE "; %.198s\n", line);
	conf_expect(text, "F:4: line has 200 bytes: at most 199\n");
}
END_TEST

START_TEST(a_line_of_a_million_bytes_is_one_mistake)
{
	enum { LONG = 1000000 };
	char *text = malloc(LONG + sizeof(SERVICE)), *to;

	ck_assert_ptr_nonnull(text);
	to = stpcpy(text, SERVICE);
	memset(to, '[', LONG);
	to[LONG] = '\0';
	conf_expect(text, "F:4: line has 1000000 bytes: at most 199\n");
	free(text);
}
END_TEST

START_TEST(keys_below_a_long_section_line_are_not_those_of_the_one_above)
{
	char text[1024], line[256];

	memset(line, 'x', sizeof(line));
	snprintf(text, sizeof(text), SERVICE "[service %.191s]\nrise = 0\n",
		line);
	conf_expect(text, "F:4: line has 201 bytes: at most 199\n");
}
END_TEST

START_TEST(files_have_64_mib_at_most)
{
	struct complaints said;

	ck_assert_ptr_null(conf_parse("F", "", (64 << 20) + 1, &said));
	ck_assert_str_eq(
		said.item[0].text, "F: 67108865 bytes: at most 67108864");
	complaints_free(&said);
}
END_TEST

START_TEST(complaints_tell_line_and_kind)
{
	static const char text[] =
		"[service a]\naddress = 10.0.0.1:80\nx = 1\n";
	struct complaints said;

	ck_assert_ptr_null(conf_from(text, sizeof(text) - 1, &said));
	ck_assert_uint_eq(said.count, 2);
	ck_assert_uint_eq(said.errors, 1);
	ck_assert(said.item[0].warning && said.item[0].line == 1);
	ck_assert(!said.item[1].warning && said.item[1].line == 3);
	complaints_free(&said);
	ck_assert_uint_eq(said.count, 0);
}
END_TEST

START_TEST(a_flood_of_errors_is_counted)
{
	enum { JUNK = 20000 };
	char *text = malloc(2 * JUNK);
	struct complaints said;

	for (size_t i = 0; i < JUNK; i++)
		memcpy(text + 2 * i, "x\n", 2);
	ck_assert_ptr_null(conf_parse("F", text, 2 * JUNK, &said));
	ck_assert_uint_eq(said.errors, JUNK);
	ck_assert_uint_eq(said.count, 10001);
	ck_assert_str_eq(said.item[10000].text, "F: and 10000 more");
	complaints_free(&said);
	free(text);
}
END_TEST

START_TEST(two_hundred_fifty_seven_rules_are_one_too_many)
{
	char text[8192], *to = stpcpy(text, SERVICE);
	struct conf *conf;

	for (unsigned i = 0; i < 256; i++)
		to += sprintf(to, "deny = user %u\n", i);
	conf = conf_good(text);
	ck_assert_uint_eq(conf->service[0].rules.count, 256);
	conf_free(conf);
	strcpy(to, "deny = user 256\ndeny = user 257\n");
	conf_expect(text, "F:260: [service a] deny: more than 256 rules\n");
}
END_TEST

static void add_said(Suite *suite)
{
	TCase *tc = tcase_create("said");

	tcase_add_loop_test(
		tc, a_broken_line_is_quoted_with_what_it_must_be, 0, LINES);
	tcase_add_loop_test(tc, every_error_is_said_in_line_order, 0, FILES);
	tcase_add_test(tc, an_empty_file_is_refused);
	tcase_add_test(tc, a_nul_byte_is_refused);
	tcase_add_test(tc, a_word_processors_encoding_is_told_by_name);
	tcase_add_test(tc, lines_have_199_bytes_at_most);
	tcase_add_test(tc, a_line_of_a_million_bytes_is_one_mistake);
	tcase_add_test(tc,
		keys_below_a_long_section_line_are_not_those_of_the_one_above);
	tcase_add_test(tc, files_have_64_mib_at_most);
	tcase_add_test(tc, complaints_tell_line_and_kind);
	tcase_add_test(tc, a_flood_of_errors_is_counted);
	tcase_add_test(tc, two_hundred_fifty_seven_rules_are_one_too_many);
	suite_add_tcase(suite, tc);
}

Suite *conf_suite(void)
{
	Suite *suite = suite_create("conf");

	add_said(suite);
	suite_add_tcase(suite, conf_model_case());
	suite_add_tcase(suite, conf_probe_case());
	suite_add_tcase(suite, conf_broken_case());
	suite_add_tcase(suite, conf_contract_case());
	suite_add_tcase(suite, conf_damage_case());
	suite_add_tcase(suite, conf_dump_case());
	suite_add_tcase(suite, conf_file_case());
	suite_add_tcase(suite, conf_large_case());
	return suite;
}
