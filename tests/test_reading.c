/*
 * A file in steps: the names in its rules are answered by a child. The name
 * service is one of the test's own, which knows root, and who it is told to know.
 */
#include "conf_lines.h"
#include "lbd/errand.h"
#include "suites.h"
#include "test_conf.h"

#include <dlfcn.h>
#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static uid_t somebody; /* the number of that user; 0: there is none */

static int trouble; /* what is said to who asks for that user */
static size_t wide; /* so many bytes a user of that name takes */

/* Comes before libc's, which knows all others. */
int getpwnam_r(const char *name, struct passwd *pw, char *buffer, size_t size,
	struct passwd **result)
{
	int (*libc)(const char *, struct passwd *, char *, size_t,
		struct passwd **) = NULL;

	if (!strcmp(name, "hang"))
		pause();
	if (!strcmp(name, "die"))
		raise(SIGKILL);
	if (!strcmp(name, "somebody")) {
		*pw = (struct passwd){.pw_uid = somebody};
		*result = somebody ? pw : NULL;
		return 0;
	}
	*result = NULL;
	if (!strcmp(name, "trouble"))
		return trouble;
	if (!strcmp(name, "wide")) {
		*pw = (struct passwd){.pw_uid = 77};
		*result = size < wide ? NULL : pw;
		return size < wide ? ERANGE : 0;
	}
	*(void **)&libc = dlsym(RTLD_NEXT, "getpwnam_r");
	return libc(name, pw, buffer, size, result);
}

static char file[] = "/tmp/lbd-unit.XXXXXX";

static void write_file(const char *rules)
{
	FILE *to;
	int fd;

	strcpy(file + strlen(file) - 6, "XXXXXX");
	fd = mkstemp(file);
	ck_assert_int_ge(fd, 0);
	to = fdopen(fd, "w");
	fprintf(to,
		"[service a]\naddress = 10.0.0.1:80\nbackend = 10.0.0.2:80\n%s",
		rules);
	ck_assert_int_eq(fclose(to), 0);
}

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

	somebody = 1234;
	write_file("permit = user somebody group root\n"
		   "permit = exe /proc/self\n"
		   "deny = user somebody\n");
	for (size_t piece = 1; piece < 64; piece += 5) {
		struct reading *r = reading_begin(file, &said);
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
	unlink(file);
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

	write_file(rules);
	r = reading_begin_in_pieces(file, &said, count_one, &turns);
	ck_assert_ptr_nonnull(r);
	conf_free(reading_end(r, NULL));
	complaints_free(&said);
	unlink(file);
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

	somebody = 1234;
	write_file("permit = user somebody\ndeny = exe /proc/self\n");
	for (size_t cut = 0; cut < size; cut++) {
		struct reading *r = reading_begin(file, &said);
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
		struct reading *r = reading_begin(file, &said);
		char *bytes = answers(r, &size);

		bytes[0] = (char)(bytes[0] ^ wrong); /* another's answer */
		reading_hear(r, bytes, size);
		reading_hear(r, "x", !wrong);
		ck_assert_ptr_null(reading_end(r, NULL));
		complaints_free(&said);
		free(bytes);
	}
	for (unsigned seed = 0; seed < 2000; seed++) {
		struct reading *r = reading_begin(file, &said);
		char *bytes = answers(r, &size);

		srand48(seed);
		for (int n = 0; n < 4; n++)
			bytes[lrand48() % (long)size] ^= (char)lrand48();
		reading_hear(r, bytes, size);
		conf_free(reading_end(r, NULL));
		complaints_free(&said);
		free(bytes);
	}
	unlink(file);
}
END_TEST

START_TEST(what_asks_for_nothing_needs_no_answer)
{
	struct complaints said;
	struct reading *r;
	struct conf *conf;

	write_file("permit = user 7\ndeny = net 10.0.0.0/8\n");
	r = reading_begin(file, &said);
	ck_assert(!reading_asks(r));
	conf = reading_end(r, NULL);
	ck_assert_ptr_nonnull(conf);
	conf_free(conf);
	complaints_free(&said);
	unlink(file);
	r = reading_begin(file, &said);
	ck_assert(!reading_asks(r));
	ck_assert_ptr_null(reading_end(r, NULL));
	ck_assert_uint_eq(said.errors, 1);
	complaints_free(&said);
}
END_TEST

static struct conf *read_again(
	const struct conf *before, struct complaints *said)
{
	struct reading *r = reading_begin(file, said);
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

	somebody = 1000;
	write_file("permit = user somebody\ndeny = user somebody group root\n"
		   "permit = user 1000\n");
	before = read_again(NULL, &said);
	ck_assert_ptr_nonnull(before);
	complaints_free(&said);
	after = read_again(before, &said);
	ck_assert_uint_eq(said.count, 2); /* the first covers the others */
	complaints_free(&said);
	conf_free(after);
	somebody = 1005;
	after = read_again(before, &said);
	ck_assert_ptr_nonnull(after);
	ck_assert_uint_eq(after->service->rules.rule[0].user, 1005);
	snprintf(words, sizeof(words),
		"%s:4: warning: [service a] permit: user \"somebody\" is 1005 "
		"now; it was 1000 when the file was last read",
		file);
	ck_assert_uint_eq(said.count, 2);
	ck_assert_str_eq(said.item[0].text, words);
	complaints_free(&said);
	conf_free(before);
	conf_free(after);
	unlink(file);
}
END_TEST

START_TEST(a_name_service_may_say_no_in_many_ways)
{
	static const int no[] = {0, ENOENT, ESRCH, EBADF, EPERM};
	char words[128];

	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++) {
		trouble = no[i];
		snprintf(words, sizeof(words),
			"F:4: [service a] permit: unknown user \"trouble\"\n");
		conf_expect(SERVICE "permit = user trouble\n", words);
	}
	trouble = EIO;
	conf_expect(SERVICE "permit = user trouble\n",
		"F:4: [service a] permit: cannot look up user \"trouble\"\n");
}
END_TEST

START_TEST(a_user_of_any_size_up_to_16_mib_is_known)
{
	struct conf *conf;

	for (wide = 1000; wide <= 1 << 24; wide *= 8) {
		conf = conf_good(SERVICE "permit = user wide\n");
		ck_assert_uint_eq(conf->service->rules.rule->user, 77);
		conf_free(conf);
	}
	wide = (1 << 24) + 1;
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

	somebody = 5;
	trouble = EIO;
	write_file(files[1]);
	before = read_again(NULL, &said);
	ck_assert_ptr_nonnull(before);
	complaints_free(&said);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		unlink(file);
		write_file(files[i]);
		after = read_again(before, &said);
		ck_assert(!after == (i == 2));
		ck_assert_uint_eq(said.count, i > 0); /* of the link */
		complaints_free(&said);
		conf_free(after);
	}
	conf_free(before);
	unlink(file);
}
END_TEST

static struct ev_loop *loop;
static bool is_done;

static void on_done(void *data)
{
	(void)data;
	is_done = true;
	ev_break(loop, EVBREAK_ALL);
}

/* By a child, all the way. */
static struct conf *send_out(
	const char *text, double limit, struct complaints *said)
{
	struct reading *r;

	loop = ev_default_loop(0);
	is_done = false;
	write_file(text);
	r = reading_begin(file, said);
	unlink(file);
	ck_assert(reading_asks(r));
	ck_assert_ptr_nonnull(errand_send(loop, r, limit, on_done, NULL));
	ck_assert(!is_done);
	ev_run(loop, 0);
	ck_assert(is_done);
	return reading_end(r, NULL);
}

static void ends_with(const struct complaints *said, const char *words)
{
	ck_assert_uint_eq(said->errors, 1);
	ck_assert_msg(
		strstr(said->item[0].text, words), "%s", said->item[0].text);
}

START_TEST(a_child_asks)
{
	struct complaints said;
	struct conf *conf;

	somebody = 4321;
	conf = send_out("permit = user somebody\n", 30, &said);
	ck_assert_ptr_nonnull(conf);
	ck_assert_uint_eq(conf->service->rules.rule[0].user, 4321);
	conf_free(conf);
	complaints_free(&said);
	somebody = 0;
	ck_assert_ptr_null(send_out("permit = user somebody\n", 30, &said));
	ends_with(&said, "[service a] permit: unknown user \"somebody\"");
	complaints_free(&said);
}
END_TEST

/* Each is a link to a path of its own, and more than a pipe holds together. */
START_TEST(many_answers_do_not_fit_into_a_pipe)
{
	enum { MANY = 256, DEEP = 16, SPAN = 30 };
	char *text = malloc(MANY * 64), *to = text, deep[DEEP * SPAN + 1] = "";
	char top[] = "/tmp/lbd-unit.XXXXXX", path[64], command[64];
	struct complaints said;
	struct conf *conf;

	ck_assert_ptr_nonnull(mkdtemp(top));
	ck_assert_int_eq(chdir(top), 0);
	for (int i = 0; i < DEEP; i++) {
		sprintf(deep + strlen(deep), "%s%029d", i ? "/" : "", i);
		ck_assert_int_eq(mkdir(deep, 0700), 0);
	}
	for (int i = 0; i < MANY; i++) {
		sprintf(path, "%s/%d", top, i);
		ck_assert_int_eq(symlink(deep, path), 0);
		to += sprintf(to, "deny = exe %s\n", path);
	}
	conf = send_out(text, 30, &said);
	ck_assert_ptr_nonnull(conf);
	ck_assert_uint_eq(said.count, MANY);
	for (int i = 0; i < MANY; i++)
		ck_assert_ptr_nonnull(
			strstr(said.item[i].text, "link: programs appear as"));
	conf_free(conf);
	complaints_free(&said);
	free(text);
	sprintf(command, "rm -r %s", top);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

START_TEST(a_child_that_hangs_or_dies_is_an_error)
{
	struct complaints said;

	ck_assert_ptr_null(send_out("permit = user hang\n", 0.2, &said));
	ends_with(&said, "no answer within 0.2 s");
	complaints_free(&said);
	ck_assert_ptr_null(send_out("permit = user die\n", 30, &said));
	ends_with(&said, "signal 9 ended who looked");
	complaints_free(&said);
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
	tcase_add_test(t, a_name_service_may_say_no_in_many_ways);
	tcase_add_test(t, a_user_of_any_size_up_to_16_mib_is_known);
	tcase_add_test(t, only_a_users_or_groups_number_is_compared);
	tcase_add_test(t, a_child_asks);
	tcase_add_test(t, many_answers_do_not_fit_into_a_pipe);
	tcase_add_test(t, a_child_that_hangs_or_dies_is_an_error);
	suite_add_tcase(s, t);
	return s;
}
