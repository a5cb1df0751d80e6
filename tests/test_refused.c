/*
 * lbd.ini while memory runs out, at each request in turn and from each on: it
 * is read as a whole, or one word says why not.
 */
#include "test_refused.h"
#include "conf_lines.h"
#include "ini_file.h"
#include "lbd/conf_parts.h"
#include "refusal.h"
#include "suites.h"
#include "test_conf.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SOUND                                                                  \
	"[service a]\naddress = 10.0.0.1:80\naddress = 10.0.0.1:81\n"          \
	"name = a.x\nname = b.x\nbackend = 10.0.0.2:80 name=w zone=z\n"        \
	"backend = 10.0.0.3:80\npermit = user root exe /proc/self\n"           \
	"deny = group root cgroup /x\nprobe = send \"a\" expect \"b\"\n"       \
	"[service b]\naddress = 10.0.0.1:90\nname = a.x\n"                     \
	"backend = 10.0.0.4:80\nprobe = http header=\"A: b\" body=\"c\"\n"     \
	"[service c]\naddress = 10.0.0.9:90\nbackend = 10.0.0.1:80\n"          \
	"probe = script /bin/true a \"b c\"\n"                                 \
	"[defaults]\npermit = user 7\n"                                        \
	"[lbd]\nsocket = /tmp/a/s\nzone = z\n"

static const char *const texts[] = {
	SOUND,
	"[lbd]\nadmin = /x\n" SOUND,
	SERVICE,
	/* Wrong in all ways at once. */
	SERVICE "interval = 3\nrise = 0\nfoo = bar\nbackend = 10.0.0.2:80\n"
		"address = 10.0.0.1:80\nname = x\nprobe = what\n"
		"permit = user nobody-of-this-name\n[servise b]\n"
		"[service c]\naddress = 10.0.0.1:80\nname = x\nname = x\n"
		"address = 10.0.0.8:80\nbackend = 10.0.0.8:1 weight=0\n"
		"[lbd]\nsocket = x\n",
};

enum { TEXTS = sizeof(texts) / sizeof(*texts) };

/* Both are given back. */
static void expect_same(struct conf *a, struct conf *b)
{
	char *one, *two;

	ck_assert(!a == !b);
	if (!a)
		return;
	one = conf_dumped(a);
	two = conf_dumped(b);
	ck_assert_str_eq(one, two);
	free(one);
	free(two);
	conf_free(a);
	conf_free(b);
}

static void expect_words(struct complaints *said, const char *words)
{
	char *got = conf_said(said);

	ck_assert_str_eq(got, words);
	free(got);
	complaints_free(said);
	ck_assert_uint_eq(said->count, 0);
}

/* How many requests it made. */
static unsigned long starve(const char *text, bool lasting)
{
	struct complaints said, same;
	struct conf *conf;
	unsigned long n = 0;
	char *words;
	bool refused;

	do {
		refusal_begin((struct refusal){.nth = ++n, .lasting = lasting});
		conf = conf_parse("F", text, strlen(text), &said);
		refused = refusal_end();
		if (!refused)
			break;
		ck_assert_ptr_null(conf);
		ck_assert_uint_eq(said.errors, 1);
		expect_words(&said, "out of memory\n");
	} while (refused);
	words = conf_said(&said);
	complaints_free(&said);
	expect_same(conf, conf_parse("F", text, strlen(text), &same));
	expect_words(&same, words);
	free(words);
	return n;
}

START_TEST(without_memory_a_text_is_refused_in_so_many_words)
{
	unsigned long n = starve(texts[_i], false);

	ck_assert_uint_gt(n, 10);
	ck_assert_uint_eq(n, starve(texts[_i], true));
}
END_TEST

START_TEST(without_memory_a_flood_of_errors_is_refused_too)
{
	enum { LINES = 10001 };
	char *text = malloc(4 * LINES + 1), *to = text;
	struct complaints said;

	ck_assert_ptr_nonnull(text);
	for (int i = 0; i < LINES; i++)
		to = stpcpy(to, "foo\n");
	/* The last says how many more there are. */
	refusal_begin((struct refusal){.call = "asprintf", .nth = LINES});
	ck_assert_ptr_null(conf_parse("F", text, 4 * LINES, &said));
	ck_assert(refusal_end());
	expect_words(&said, "out of memory\n");
	free(text);
}
END_TEST

START_TEST(without_memory_a_file_is_refused)
{
	struct complaints said;
	struct conf *conf = NULL;
	unsigned long n = 0;

	ini_write(SOUND);
	while (!conf) {
		refusal_begin((struct refusal){.nth = ++n});
		conf = conf_read(ini_path, &said);
		ck_assert(refusal_end() == !conf);
		ck_assert(!conf == (said.errors == 1));
		ck_assert(conf || said.count == 1);
		complaints_free(&said);
	}
	ck_assert_uint_gt(n, 20);
	conf_free(conf);
	unlink(ini_path);
}
END_TEST

/* In steps, with answers that come in two pieces. Asserts nothing: the test
 * library asks for memory to do so. */
static struct conf *read_in_steps(
	const struct conf *before, struct complaints *said)
{
	struct reading *r = reading_begin(ini_path, said);
	FILE *to = tmpfile();
	char bytes[4096];
	size_t size;

	if (!r) {
		fclose(to);
		return NULL;
	}
	if (!reading_asks(r) || !reading_answer(r, dup(fileno(to)))) {
		reading_give_up(r, "first");
		reading_give_up(r, "no answer");
	}
	rewind(to);
	size = fread(bytes, 1, sizeof(bytes), to);
	fclose(to);
	reading_hear(r, bytes, size / 2);
	reading_hear(r, bytes + size / 2, size - size / 2);
	return reading_end(r, before);
}

START_TEST(without_memory_a_reading_ends_with_nothing)
{
	struct complaints said;
	struct conf *before, *conf = NULL;
	unsigned long n = 0;

	ini_write(SOUND);
	before = conf_read(ini_path, &said);
	complaints_free(&said);
	ck_assert_ptr_nonnull(before);
	while (!conf) {
		refusal_begin((struct refusal){.nth = ++n});
		conf = read_in_steps(before, &said);
		ck_assert(refusal_end() == !conf);
		/* without a struct to read with there is nobody to say it */
		ck_assert(!conf == (said.errors > 0) || n == 1);
		complaints_free(&said);
	}
	ck_assert_uint_gt(n, 20);
	expect_same(before, conf);
	unlink(ini_path);
}
END_TEST

Suite *refused_suite(void)
{
	Suite *s = suite_create("refused");
	TCase *t = tcase_create("refused");

	tcase_add_loop_test(
		t, without_memory_a_text_is_refused_in_so_many_words, 0, TEXTS);
	tcase_add_test(t, without_memory_a_flood_of_errors_is_refused_too);
	tcase_add_test(t, without_memory_a_file_is_refused);
	tcase_add_test(t, without_memory_a_reading_ends_with_nothing);
	tcase_set_timeout(t, 30);
	suite_add_tcase(s, t);
	suite_add_tcase(s, refused_file_case());
	return s;
}
