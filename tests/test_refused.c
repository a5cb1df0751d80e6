/*
 * lbd.ini while memory runs out, at each request in turn and from each on: it
 * is read as a whole, or one word says why not. Files that cannot be looked at,
 * or change meanwhile, are told apart from those that are wrong.
 */
#include "conf_lines.h"
#include "ini_file.h"
#include "lbd/conf_parts.h"
#include "refusal.h"
#include "suites.h"
#include "test_conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

static char *dumped(const struct conf *conf)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(f);
	conf_dump(conf, f);
	fclose(f);
	return text;
}

/* Both are given back. */
static void expect_same(struct conf *a, struct conf *b)
{
	char *one, *two;

	ck_assert(!a == !b);
	if (!a)
		return;
	one = dumped(a);
	two = dumped(b);
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

/* What is said with one call refused, without the file's name; "" = read. */
static void expect_file(struct refusal what, const char *words)
{
	struct complaints said;
	struct conf *conf;
	char *got, whole[128] = "";

	ini_write(SERVICE);
	refusal_begin(what);
	conf = conf_read(ini_path, &said);
	ck_assert(refusal_end());
	ck_assert(!conf == (*words != '\0'));
	if (*words)
		snprintf(whole, sizeof(whole), "%s: %s\n", ini_path, words);
	got = conf_said(&said);
	ck_assert_str_eq(got, whole);
	free(got);
	complaints_free(&said);
	conf_free(conf);
	unlink(ini_path);
}

START_TEST(a_file_that_cannot_be_looked_at_is_told_why)
{
	expect_file((struct refusal){.call = "open", .nth = 1},
		"Too many open files");
	expect_file((struct refusal){.call = "open", .nth = 1, .err = ENXIO},
		"No such device or address");
	expect_file((struct refusal){.call = "fstat", .nth = 1},
		"Input/output error");
	expect_file((struct refusal){.call = "read", .nth = 1},
		"Input/output error");
	expect_file((struct refusal){.call = "read", .nth = 2},
		"Input/output error");
}
END_TEST

START_TEST(a_signal_does_not_end_a_read)
{
	expect_file(
		(struct refusal){.call = "read", .nth = 1, .err = EINTR}, "");
	expect_file(
		(struct refusal){.call = "read", .nth = 2, .err = EINTR}, "");
}
END_TEST

static void cut(void)
{
	ck_assert_int_eq(truncate(ini_path, 3), 0);
}

static void grow(void)
{
	ck_assert_int_eq(truncate(ini_path, 1000), 0);
}

static void touch_sec(void)
{
	struct timespec at[2] = {{.tv_nsec = UTIME_OMIT}};
	struct stat st;

	ck_assert_int_eq(stat(ini_path, &st), 0);
	at[1] = st.st_mtim;
	at[1].tv_sec--;
	ck_assert_int_eq(utimensat(AT_FDCWD, ini_path, at, 0), 0);
}

static void touch_nsec(void)
{
	struct timespec at[2] = {{.tv_nsec = UTIME_OMIT}};
	struct stat st;

	ck_assert_int_eq(stat(ini_path, &st), 0);
	at[1] = st.st_mtim;
	at[1].tv_nsec ^= 1;
	ck_assert_int_eq(utimensat(AT_FDCWD, ini_path, at, 0), 0);
}

START_TEST(a_file_that_changes_while_it_is_read_is_refused)
{
	static void (*const change[])(void) = {
		cut, grow, touch_sec, touch_nsec};
	static const char words[] = "changed while it was read";

	for (size_t i = 0; i < sizeof(change) / sizeof(*change); i++) {
		expect_file((struct refusal){.call = "read",
				    .nth = 1,
				    .meanwhile = change[i]},
			words);
		expect_file((struct refusal){.call = "fstat",
				    .nth = 2,
				    .meanwhile = change[i]},
			words);
	}
	expect_file((struct refusal){.call = "fstat", .nth = 2}, words);
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

START_TEST(who_cannot_answer_says_so)
{
	struct complaints said;
	struct reading *r;
	int full = open("/dev/full", O_WRONLY);
	int closed = open("/dev/null", O_RDONLY);

	ini_write(SOUND);
	r = reading_begin(ini_path, &said);
	ck_assert_ptr_nonnull(r);
	ck_assert(!reading_answer(r, full));
	ck_assert(!reading_answer(r, -1));
	ck_assert(!reading_answer(r, closed));
	ck_assert_ptr_null(reading_end(r, NULL));
	ck_assert_uint_eq(said.errors, 1);
	complaints_free(&said);
	unlink(ini_path);
}
END_TEST

/* More than a stream holds back. */
START_TEST(who_cannot_answer_it_all_says_so_too)
{
	char text[16384], *to = text;
	struct complaints said;
	struct reading *r;

	for (int i = 0; i < 400; i++)
		to += i % 200
			? sprintf(to, "deny = exe /no/%d\n", i)
			: sprintf(to, "[service s%d]\naddress = 10.0.0.%d:80\n",
				  i, i % 199 + 1);
	ini_write(text);
	r = reading_begin(ini_path, &said);
	ck_assert(!reading_answer(r, open("/dev/full", O_WRONLY)));
	ck_assert_ptr_null(reading_end(r, NULL));
	complaints_free(&said);
	unlink(ini_path);
}
END_TEST

/* The number, the error, the id and the size of a path, and that path. */
START_TEST(an_answer_longer_than_a_path_is_none)
{
	static char bytes[8192] = {[12] = 0x88, [13] = 0x13}; /* 5000 */
	struct complaints said;
	struct reading *r;

	ini_write(SERVICE "deny = exe /x\n");
	for (int fits = 0; fits < 2; fits++) {
		r = reading_begin(ini_path, &said);
		memset(bytes + 16, 'x', 5000);
		bytes[13] = fits ? 0x0f : 0x13;
		bytes[16 + (fits ? 0xf88 : 5000) - 1] = '\0';
		reading_hear(r, bytes, 16 + (fits ? 0xf88 : 5000));
		ck_assert_int_eq(said.errors, 0);
		if (fits) {
			conf_free(reading_end(r, NULL));
			ck_assert_uint_eq(said.errors, 0);
		} else {
			ck_assert_ptr_null(reading_end(r, NULL));
			ck_assert_uint_eq(said.errors, 1);
		}
		complaints_free(&said);
	}
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
	tcase_add_test(t, a_file_that_cannot_be_looked_at_is_told_why);
	tcase_add_test(t, a_signal_does_not_end_a_read);
	tcase_add_test(t, a_file_that_changes_while_it_is_read_is_refused);
	tcase_add_test(t, without_memory_a_file_is_refused);
	tcase_add_test(t, without_memory_a_reading_ends_with_nothing);
	tcase_add_test(t, who_cannot_answer_says_so);
	tcase_add_test(t, who_cannot_answer_it_all_says_so_too);
	tcase_add_test(t, an_answer_longer_than_a_path_is_none);
	tcase_set_timeout(t, 30);
	suite_add_tcase(s, t);
	return s;
}
