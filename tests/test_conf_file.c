/*
 * lbd.ini on disk: what is no file is refused with a reason, at once; the
 * files that come with the product are taken.
 */
#include "lbd/conf_parts.h"
#include "test_conf.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/lbd-conf-XXXXXX";

/* In a directory of our own, where names can be short. */
static void enter(void)
{
	strcpy(directory + sizeof(directory) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	ck_assert_int_eq(chdir(directory), 0);
}

static void leave(void)
{
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(rmdir(directory), 0);
}

static void write_file(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(chmod(path, mode), 0);
}

static void expect_refusal(const char *path, const char *words)
{
	struct complaints said;

	ck_assert_ptr_null(conf_read(path, &said));
	ck_assert_uint_eq(said.count, 1);
	ck_assert_uint_eq(said.errors, 1);
	ck_assert_str_eq(said.item[0].text, words);
	complaints_free(&said);
}

static struct conf *read_good(const char *path, size_t warnings)
{
	struct complaints said;
	struct conf *conf = conf_read(path, &said);

	ck_assert_uint_eq(said.count, warnings);
	ck_assert_ptr_nonnull(conf);
	complaints_free(&said);
	return conf;
}

START_TEST(what_is_no_file_is_refused_at_once)
{
	enter();
	expect_refusal("none", "none: No such file or directory");
	expect_refusal(".", ".: is a directory, not a file");
	ck_assert_int_eq(mkfifo("fifo", 0600), 0);
	expect_refusal("fifo", "fifo: is a FIFO, not a file");
	ck_assert_int_eq(symlink("/dev/zero", "zero"), 0);
	ck_assert_int_eq(mknod("socket", S_IFSOCK | 0600, 0), 0);
	expect_refusal("zero", "zero: is a device, not a file");
	expect_refusal("socket", "socket: is a socket, not a file");
	unlink("fifo");
	unlink("zero");
	unlink("socket");
	leave();
}
END_TEST

START_TEST(a_file_that_everybody_may_write_is_refused)
{
	enter();
	write_file("f", "[lbd]\n", 0666);
	expect_refusal("f",
		"f: everybody may write it (mode 0666): "
		"chmod o-w");
	ck_assert_int_eq(chmod("f", 0664), 0);
	conf_free(read_good("f", 1));
	unlink("f");
	leave();
}
END_TEST

START_TEST(a_file_that_may_not_be_read_is_refused)
{
	uid_t me = geteuid();

	enter();
	write_file("f", "[lbd]\n", 0);
	ck_assert_int_eq(chmod(".", 0755), 0);
	if (!me) /* reads everything */
		ck_assert_int_eq(seteuid(65534), 0);
	expect_refusal("f", "f: Permission denied");
	ck_assert_int_eq(seteuid(me), 0);
	unlink("f");
	leave();
}
END_TEST

START_TEST(empty_and_huge_files_are_refused)
{
	enter();
	write_file("f", "", 0600);
	expect_refusal("f", "f: empty file");
	ck_assert_int_eq(truncate("f", 2LL << 30), 0);
	expect_refusal("f", "f: 2147483648 bytes: at most 67108864");
	unlink("f");
	leave();
}
END_TEST

START_TEST(a_link_to_a_file_is_followed)
{
	enter();
	write_file("f", "[lbd]\nlog = syslog\n", 0600);
	ck_assert_int_eq(symlink("f", "link"), 0);
	conf_free(read_good("link", 1));
	unlink("f");
	unlink("link");
	leave();
}
END_TEST

START_TEST(a_rule_for_a_link_is_warned_of)
{
	char text[256], words[256];
	struct complaints said;

	enter();
	ck_assert_int_eq(symlink("/dev/null", "program"), 0);
	snprintf(text, sizeof(text), "[defaults]\npermit = exe %s/program\n",
		directory);
	snprintf(words, sizeof(words),
		"F:2: warning: [defaults] permit: exe \"%s/program\" is a "
		"link: programs appear as \"/dev/null\"",
		directory);
	conf_free(conf_parse("F", text, strlen(text), &said));
	ck_assert_uint_eq(said.count, 2);
	ck_assert_str_eq(said.item[1].text, words);
	complaints_free(&said);
	unlink("program");
	leave();
}
END_TEST

/* From where make runs the tests: the top of the tree. */
START_TEST(the_file_that_comes_with_lbd_is_taken)
{
	conf_free(read_good("conf/lbd.ini", 1)); /* it has no service */
	conf_free(read_good("conf/minimal.ini", 0));
}
END_TEST

/* The file's text, its ";key" lines turned into "key" lines. */
static size_t uncomment(const char *path, char *to, size_t room)
{
	FILE *f = fopen(path, "r");
	size_t size = 0;
	char line[256];

	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f)) {
		const char *from = *line == ';' ? line + 1 : line;

		ck_assert_uint_lt(size + strlen(from), room);
		memcpy(to + size, from, strlen(from));
		size += strlen(from);
	}
	fclose(f);
	return size;
}

START_TEST(the_values_it_shows_are_the_defaults)
{
	static const char plain[] = "[service api]\naddress = 10.0.0.1:80\n"
				    "backend = 10.0.0.2:80\n";
	char text[16384];
	size_t size = uncomment("conf/lbd.ini", text, sizeof(text));
	struct complaints said, none;
	struct conf *shown = conf_parse("F", text, size, &said);
	struct conf *conf = conf_parse("F", plain, sizeof(plain) - 1, &none);
	const struct service_conf *a = shown->service, *b = conf->service;

	ck_assert_uint_eq(said.count + none.count, 0);
	ck_assert_str_eq(shown->socket, conf->socket);
	ck_assert_str_eq(shown->admin, conf->admin);
	ck_assert_uint_eq(shown->socket_mode, conf->socket_mode);
	ck_assert(shown->log == conf->log);
	ck_assert(shown->log_level == conf->log_level);
	ck_assert(a->protocol == b->protocol && a->balance == b->balance);
	ck_assert(a->probe.kind == b->probe.kind &&
		a->probe.port == b->probe.port);
	ck_assert(a->interval_ms == b->interval_ms);
	ck_assert(a->timeout_ms == b->timeout_ms);
	ck_assert(a->interval_down_ms == b->interval_down_ms);
	ck_assert(a->interval_change_ms == b->interval_change_ms);
	ck_assert(a->rise == b->rise && a->fall == b->fall);
	ck_assert(a->retries == b->retries && a->panic == b->panic);
	ck_assert(a->connect_timeout_ms == b->connect_timeout_ms);
	ck_assert(a->no_backend == b->no_backend);
	ck_assert(a->hash_on == b->hash_on);
	ck_assert(a->interval_idle_ms == b->interval_idle_ms);
	ck_assert(a->probe_full_when_busy == b->probe_full_when_busy);
	ck_assert(a->eject_after == b->eject_after);
	ck_assert(a->eject_time_ms == b->eject_time_ms);
	ck_assert(a->slow_start_ms == b->slow_start_ms);
	ck_assert(a->reset_on_down == b->reset_on_down);
	ck_assert(a->peer_is_real == b->peer_is_real);
	conf_free(shown);
	conf_free(conf);
}
END_TEST

/* Every key stands in the file, as `format` has it. */
static void expect_all_keys(const char *path, const char *format)
{
	char text[65536];
	FILE *f = fopen(path, "r");
	size_t size;

	ck_assert_ptr_nonnull(f);
	size = fread(text, 1, sizeof(text) - 1, f);
	ck_assert_uint_lt(size, sizeof(text) - 1);
	text[size] = '\0';
	fclose(f);
	for (int id = 0; id <= KEY_PERMIT; id++) {
		char word[64];

		snprintf(word, sizeof(word), format, conf_keys[id].name);
		ck_assert_msg(strstr(text, word), "%s: no %s", path, word);
	}
}

START_TEST(the_file_and_the_manual_know_every_key)
{
	expect_all_keys("conf/lbd.ini", "\n;%s = ");
	expect_all_keys("lbd/lbd.ini.5", "Cm %s Li =");
}
END_TEST

TCase *conf_file_case(void)
{
	TCase *tc = tcase_create("file");

	tcase_add_test(tc, what_is_no_file_is_refused_at_once);
	tcase_add_test(tc, a_file_that_everybody_may_write_is_refused);
	tcase_add_test(tc, a_file_that_may_not_be_read_is_refused);
	tcase_add_test(tc, empty_and_huge_files_are_refused);
	tcase_add_test(tc, a_link_to_a_file_is_followed);
	tcase_add_test(tc, a_rule_for_a_link_is_warned_of);
	tcase_add_test(tc, the_file_that_comes_with_lbd_is_taken);
	tcase_add_test(tc, the_values_it_shows_are_the_defaults);
	tcase_add_test(tc, the_file_and_the_manual_know_every_key);
	return tc;
}
