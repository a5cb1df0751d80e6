/*
 * A file in steps: the names in its rules are answered, in pieces, by whoever
 * looked them up. The name service is one of the tests' own.
 */
#include "conf_lines.h"
#include "ini_file.h"
#include "name_service.h"
#include "suites.h"
#include "test_conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Answers, as a child would give them; the caller frees them. */
static char *answers(struct reading *r, size_t *size)
{
	FILE *to = tmpfile();
	int fd = dup(fileno(to));
	char *bytes;

	ck_assert(reading_answer(r, fd));
	fseek(to, 0, SEEK_END);
	*size = (size_t)ftell(to);
	bytes = malloc(*size + 1);
	rewind(to);
	ck_assert_uint_eq(fread(bytes, 1, *size, to), *size);
	fclose(to);
	return bytes;
}

START_TEST(answers_come_in_pieces_of_any_size)
{
	struct complaints said;
	size_t size;

	name_service.somebody = 1234;
	ini_write_rules("permit = user somebody group root\n"
			"permit = exe /proc/self\n"
			"deny = user somebody\n");
	for (size_t piece = 1; piece < 64; piece += 5) {
		struct reading *r = reading_begin(ini_path, &said);
		struct conf *conf;
		char *bytes;

		ck_assert(reading_asks(r));
		bytes = answers(r, &size);
		for (size_t at = 0; at < size; at += piece)
			reading_hear(r, bytes + at,
				size - at < piece ? size - at : piece);
		conf = reading_end(r, NULL);
		ck_assert_ptr_nonnull(conf);
		ck_assert_uint_eq(conf->service->rules.rule[0].user, 1234);
		ck_assert_uint_eq(conf->service->rules.rule[0].group, 0);
		ck_assert_str_eq(
			conf->service->rules.rule[1].exe, "/proc/self");
		ck_assert_uint_eq(conf->service->rules.rule[2].user, 1234);
		ck_assert_uint_eq(said.count, 1); /* where the link leads */
		conf_free(conf);
		complaints_free(&said);
		free(bytes);
	}
	unlink(ini_path);
}
END_TEST

static void count_one(void *count)
{
	++*(unsigned *)count;
}

/* How often the loop of who reads this file has its turn. */
static unsigned turns_with(const char *rules)
{
	struct complaints said;
	unsigned turns = 0;
	struct reading *r;

	ini_write_rules(rules);
	r = reading_begin_in_pieces(ini_path, &said, count_one, &turns);
	ck_assert_ptr_nonnull(r);
	conf_free(reading_end(r, NULL));
	complaints_free(&said);
	unlink(ini_path);
	return turns;
}

START_TEST(who_reads_much_has_others_come_between_oftener)
{
	const char *more = "permit = any\n[service b]\naddress = 10.9.9.9:1\n"
			   "[service c]\naddress = 10.9.9.8:1\n";

	ck_assert_uint_gt(turns_with(more), turns_with("permit = any\n"));
	ck_assert_uint_gt(turns_with("permit = any\n"), 0);
}
END_TEST

START_TEST(what_is_cut_short_or_not_an_answer_is_an_error)
{
	struct complaints said;
	size_t size = 1;

	name_service.somebody = 1234;
	ini_write_rules("permit = user somebody\ndeny = exe /proc/self\n");
	for (size_t cut = 0; cut < size; cut++) {
		struct reading *r = reading_begin(ini_path, &said);
		char *bytes = answers(r, &size);

		reading_hear(r, bytes, cut);
		ck_assert_ptr_null(reading_end(r, NULL));
		ck_assert_uint_eq(said.errors, 1);
		ck_assert_ptr_nonnull(strstr(said.item[0].text,
			": what its rules name could not be looked up: not all "
			"was answered"));
		complaints_free(&said);
		free(bytes);
	}
	for (int wrong = 0; wrong < 2; wrong++) {
		struct reading *r = reading_begin(ini_path, &said);
		char *bytes = answers(r, &size);

		bytes[0] = (char)(bytes[0] ^ wrong); /* another's answer */
		reading_hear(r, bytes, size);
		reading_hear(r, "x", !wrong);
		ck_assert_ptr_null(reading_end(r, NULL));
		complaints_free(&said);
		free(bytes);
	}
	for (unsigned seed = 0; seed < 2000; seed++) {
		struct reading *r = reading_begin(ini_path, &said);
		char *bytes = answers(r, &size);

		srand48(seed);
		for (int n = 0; n < 4; n++)
			bytes[lrand48() % (long)size] ^= (char)lrand48();
		reading_hear(r, bytes, size);
		conf_free(reading_end(r, NULL));
		complaints_free(&said);
		free(bytes);
	}
	unlink(ini_path);
}
END_TEST

START_TEST(what_asks_for_nothing_needs_no_answer)
{
	struct complaints said;
	struct reading *r;
	struct conf *conf;

	ini_write_rules("permit = user 7\ndeny = net 10.0.0.0/8\n");
	r = reading_begin(ini_path, &said);
	ck_assert(!reading_asks(r));
	conf = reading_end(r, NULL);
	ck_assert_ptr_nonnull(conf);
	conf_free(conf);
	complaints_free(&said);
	unlink(ini_path);
	r = reading_begin(ini_path, &said);
	ck_assert(!reading_asks(r));
	ck_assert_ptr_null(reading_end(r, NULL));
	ck_assert_uint_eq(said.errors, 1);
	complaints_free(&said);
}
END_TEST

static struct conf *read_again(
	const struct conf *before, struct complaints *said)
{
	struct reading *r = reading_begin(ini_path, said);
	size_t size;
	char *bytes = answers(r, &size);

	reading_hear(r, bytes, size);
	free(bytes);
	return reading_end(r, before);
}

START_TEST(a_name_that_is_somebody_else_now_is_warned_of_once)
{
	struct complaints said;
	struct conf *before, *after;
	char words[256];

	name_service.somebody = 1000;
	ini_write_rules(
		"permit = user somebody\ndeny = user somebody group root\n"
		"permit = user 1000\n");
	before = read_again(NULL, &said);
	ck_assert_ptr_nonnull(before);
	complaints_free(&said);
	after = read_again(before, &said);
	ck_assert_uint_eq(said.count, 2); /* the first covers the others */
	complaints_free(&said);
	conf_free(after);
	name_service.somebody = 1005;
	after = read_again(before, &said);
	ck_assert_ptr_nonnull(after);
	ck_assert_uint_eq(after->service->rules.rule[0].user, 1005);
	snprintf(words, sizeof(words),
		"%s:4: warning: [service a] permit: user \"somebody\" is 1005 "
		"now; it was 1000 when the file was last read",
		ini_path);
	ck_assert_uint_eq(said.count, 2);
	ck_assert_str_eq(said.item[0].text, words);
	complaints_free(&said);
	conf_free(before);
	conf_free(after);
	unlink(ini_path);
}
END_TEST

START_TEST(whoever_is_denied_may_be_somebody_else_now_too)
{
	struct complaints said;
	struct conf *before, *after;

	name_service.somebody = 1000;
	ini_write_rules("deny = user somebody\npermit = any\n");
	before = read_again(NULL, &said);
	ck_assert_ptr_nonnull(before);
	complaints_free(&said);
	name_service.somebody = 1005;
	after = read_again(before, &said);
	ck_assert_ptr_nonnull(after);
	ck_assert_uint_eq(said.count, 1);
	ck_assert_ptr_nonnull(strstr(said.item[0].text, "deny: user "));
	complaints_free(&said);
	conf_free(before);
	conf_free(after);
	unlink(ini_path);
}
END_TEST

START_TEST(a_name_service_may_say_no_in_many_ways)
{
	static const int no[] = {0, ENOENT, ESRCH, EBADF, EPERM};
	char words[128];

	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++) {
		name_service.trouble = no[i];
		snprintf(words, sizeof(words),
			"F:4: [service a] permit: unknown user \"trouble\"\n");
		conf_expect(SERVICE "permit = user trouble\n", words);
	}
	name_service.trouble = EIO;
	conf_expect(SERVICE "permit = user trouble\n",
		"F:4: [service a] permit: cannot look up user \"trouble\"\n");
}
END_TEST

START_TEST(a_user_of_any_size_up_to_16_mib_is_known)
{
	size_t *wide = &name_service.wide;
	struct conf *conf;

	for (*wide = 1000; *wide <= 1 << 24; *wide *= 8) {
		conf = conf_good(SERVICE "permit = user wide\n");
		ck_assert_uint_eq(conf->service->rules.rule->user, 77);
		conf_free(conf);
	}
	*wide = (1 << 24) + 1;
	conf_expect(SERVICE "permit = user wide\n",
		"F:4: [service a] permit: cannot look up user \"wide\"\n");
}
END_TEST

/* Each word as it was, and as it is. */
START_TEST(only_a_users_or_groups_number_is_compared)
{
	static const char *const files[] = {
		"permit = user root\n",
		"permit = user somebody exe /proc/self\ndeny = group root\n",
		"permit = user trouble\n",
	};
	struct complaints said;
	struct conf *before, *after;

	name_service.somebody = 5;
	name_service.trouble = EIO;
	ini_write_rules(files[1]);
	before = read_again(NULL, &said);
	ck_assert_ptr_nonnull(before);
	complaints_free(&said);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		unlink(ini_path);
		ini_write_rules(files[i]);
		after = read_again(before, &said);
		ck_assert(!after == (i == 2));
		ck_assert_uint_eq(said.count, i > 0); /* of the link */
		complaints_free(&said);
		conf_free(after);
	}
	conf_free(before);
	unlink(ini_path);
}
END_TEST

Suite *reading_suite(void)
{
	Suite *s = suite_create("reading");
	TCase *t = tcase_create("reading");

	tcase_add_test(t, answers_come_in_pieces_of_any_size);
	tcase_add_test(t, who_reads_much_has_others_come_between_oftener);
	tcase_add_test(t, what_is_cut_short_or_not_an_answer_is_an_error);
	tcase_add_test(t, what_asks_for_nothing_needs_no_answer);
	tcase_add_test(t, a_name_that_is_somebody_else_now_is_warned_of_once);
	tcase_add_test(t, whoever_is_denied_may_be_somebody_else_now_too);
	tcase_add_test(t, a_name_service_may_say_no_in_many_ways);
	tcase_add_test(t, a_user_of_any_size_up_to_16_mib_is_known);
	tcase_add_test(t, only_a_users_or_groups_number_is_compared);
	suite_add_tcase(s, t);
	return s;
}
