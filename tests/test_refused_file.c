/*
 * Files that cannot be looked at, or change meanwhile, are told apart from those
 * that are wrong; and answers that cannot be given from those that are none.
 */
#include "conf_lines.h"
#include "ini_file.h"
#include "lbd/conf_parts.h"
#include "refusal.h"
#include "test_conf.h"
#include "test_refused.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

START_TEST(who_cannot_answer_says_so)
{
	struct complaints said;
	struct reading *r;
	int full = open("/dev/full", O_WRONLY);
	int closed = open("/dev/null", O_RDONLY);

	ini_write_rules("permit = user root exe /proc/self\n");
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

TCase *refused_file_case(void)
{
	TCase *t = tcase_create("file");

	tcase_add_test(t, a_file_that_cannot_be_looked_at_is_told_why);
	tcase_add_test(t, a_signal_does_not_end_a_read);
	tcase_add_test(t, a_file_that_changes_while_it_is_read_is_refused);
	tcase_add_test(t, who_cannot_answer_says_so);
	tcase_add_test(t, who_cannot_answer_it_all_says_so_too);
	tcase_add_test(t, an_answer_longer_than_a_path_is_none);
	return t;
}
