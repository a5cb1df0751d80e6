/* The child that looks names up: it answers, hangs or dies. */
#include "ini_file.h"
#include "lbd/children.h"
#include "lbd/conf.h"
#include "lbd/errand.h"
#include "lbd/loop_signals.h"
#include "name_service.h"
#include "suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

	loop = ev_loop_new(0);
	ck_assert(loop_signals_open(loop));
	children_open();
	is_done = false;
	ini_write_rules(text);
	r = reading_begin(ini_path, said);
	unlink(ini_path);
	ck_assert(reading_asks(r));
	ck_assert_ptr_nonnull(errand_send(loop, r, limit, on_done, NULL));
	ck_assert(!is_done);
	ev_run(loop, 0);
	ck_assert(is_done);
	loop_signals_close();
	ev_loop_destroy(loop);
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

	name_service.somebody = 4321;
	conf = send_out("permit = user somebody\n", 30, &said);
	ck_assert_ptr_nonnull(conf);
	ck_assert_uint_eq(conf->service->rules.rule[0].user, 4321);
	conf_free(conf);
	complaints_free(&said);
	name_service.somebody = 0;
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

Suite *errand_suite(void)
{
	Suite *s = suite_create("errand");
	TCase *t = tcase_create("errand");

	tcase_add_test(t, a_child_asks);
	tcase_add_test(t, many_answers_do_not_fit_into_a_pipe);
	tcase_add_test(t, a_child_that_hangs_or_dies_is_an_error);
	suite_add_tcase(s, t);
	return s;
}
