/* Denials, as they are in the log: how many lines, and what is in them. */
#include "fixture.h"
#include "lbd/audit.h"
#include "suites.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct fixture f;
static struct audit *audit;
static int log_fd;
static off_t read_to;

static const char two_services[] = "[defaults]\n"
				   "probe = none\n"
				   "[service payroll]\n"
				   "address = 127.96.0.1:80\n"
				   "deny = user 7\n"
				   "permit = user 1\n"
				   "[service books]\n"
				   "address = 127.96.0.2:80\n"
				   "; not the line of the other\n"
				   "deny = user 7\n"
				   "permit = user 1\n";

static void begin(void)
{
	log_fd = memfd_create("log", 0);
	ck_assert_int_ge(log_fd, 0);
	dup2(log_fd, STDERR_FILENO);
	fixture_open(&f, two_services);
	audit = audit_open(&f.lbd);
	ck_assert_ptr_nonnull(audit);
	f.lbd.overview.now = 100;
	read_to = lseek(log_fd, 0, SEEK_END);
}

static void end(void)
{
	audit_close(audit);
	fixture_close(&f);
	close(log_fd);
}

/* What was said since the last call; free()d by the caller. */
static char *said(void)
{
	off_t size = lseek(log_fd, 0, SEEK_END);
	char *text = calloc(1, (size_t)(size - read_to) + 1);

	ck_assert_ptr_nonnull(text);
	ck_assert_int_eq(pread(log_fd, text, (size_t)(size - read_to), read_to),
		size - read_to);
	read_to = size;
	return text;
}

/* Are these words in what is told now? */
static bool tells(const char *words)
{
	char *text;
	bool has;

	audit_tell(audit);
	text = said();
	has = strstr(text, words);
	free(text);
	return has;
}

struct told {
	unsigned lines;
	uint64_t connects;
};

static struct told add_up(void)
{
	char *text = said(), *at = text;
	struct told t = {0};

	while ((at = strstr(at, " connects="))) {
		at += strlen(" connects=");
		t.lines++;
		t.connects += strtoull(at, &at, 10);
	}
	free(text);
	return t;
}

static struct told tell_at(double now)
{
	f.lbd.overview.now = now;
	audit_tell(audit);
	return add_up();
}

static void deny(const char *service, uid_t user, uint64_t connects)
{
	audit_denied(
		audit, fixture_service(&f, service), user, false, connects);
}

START_TEST(lines_of_a_second_are_limited_and_nobody_is_passed_over)
{
	struct told t;

	for (uid_t user = 1; user <= 50; user++)
		deny("payroll", user, 2);
	t = tell_at(100);
	ck_assert_uint_eq(t.lines, 20);
	ck_assert_uint_eq(tell_at(100.9).lines, 0);
	/* those who were told have more to tell, and are not first */
	for (uid_t user = 1; user <= 50; user++)
		deny("payroll", user, 3);
	ck_assert_uint_eq(tell_at(101.5).connects, 20 * 5);
	t = tell_at(102.6);
	ck_assert_uint_eq(t.lines, 20);
	ck_assert_uint_eq(t.connects, 10 * 5 + 10 * 3);
	t = tell_at(103.7);
	ck_assert_uint_eq(t.lines, 10);
	ck_assert_uint_eq(t.connects, 10 * 3);
}
END_TEST

START_TEST(what_is_held_back_is_in_the_next_line)
{
	struct told t;

	deny("payroll", 7, 1);
	ck_assert_uint_eq(tell_at(100).connects, 1);
	deny("payroll", 7, 10);
	deny("payroll", 7, 5);
	ck_assert_uint_eq(tell_at(100.5).lines, 0);
	t = tell_at(101);
	ck_assert_uint_eq(t.lines, 1);
	ck_assert_uint_eq(t.connects, 15);
	ck_assert_uint_eq(tell_at(200).lines, 0);
}
END_TEST

START_TEST(services_and_users_have_lines_of_their_own)
{
	struct told t;

	deny("payroll", 7, 1);
	deny("books", 7, 1);
	deny("payroll", 8, 1);
	t = tell_at(100);
	ck_assert_uint_eq(t.lines, 3);
}
END_TEST

START_TEST(an_address_with_every_port_has_a_star)
{
	fixture_reload(
		&f, "[service all]\naddress = 127.96.1.1:*\ndeny = any\n");
	audit_rebind(audit);
	free(said());
	deny("all", 7, 1);
	f.lbd.overview.now += 1;
	ck_assert(tells(" address=127.96.1.1:* "));
}
END_TEST

/* One user's programs write to all counters they have. */
START_TEST(nobody_fills_the_room_alone)
{
	static char text[500 * 64];
	char *at = text, *lines;

	for (int i = 0; i < 500; i++)
		at += sprintf(at,
			"[service s%d]\naddress = 127.96.1.1:%d\ndeny = any\n",
			i, i + 1);
	fixture_reload(&f, text);
	audit_rebind(audit);
	free(said());
	for (size_t i = 0; i < 500; i++)
		audit_denied(audit, &f.lbd.world.service[i], 7, false, 1);
	deny("s77", 4000008, 1000);
	for (int i = 0; i < 4; i++) {
		f.lbd.overview.now += 1;
		audit_tell(audit);
	}
	lines = said();
	ck_assert_ptr_nonnull(strstr(lines, "user 4000008 was denied"));
	free(lines);
	deny("s78", 7, 1); /* all others are told: there is room again */
	f.lbd.overview.now = 200;
	ck_assert(tells(" service=s78 "));
}
END_TEST

START_TEST(no_count_is_lost_where_there_is_no_room)
{
	struct told t;

	for (uid_t user = 1; user <= 5000; user++)
		deny("payroll", user, 2);
	t = tell_at(100);
	ck_assert_uint_eq(t.lines, 20);
	audit_tell_all(audit);
	t.connects += add_up().connects;
	ck_assert_uint_eq(t.connects, 10000);
}
END_TEST

START_TEST(the_end_is_told_in_few_lines)
{
	struct told t;

	for (uid_t user = 1; user <= 500; user++)
		deny("payroll", user, 2);
	audit_tell_all(audit);
	t = add_up();
	ck_assert_uint_eq(t.connects, 1000);
	ck_assert_uint_eq(t.lines, 101);
	audit_tell_all(audit);
	ck_assert_uint_eq(add_up().lines, 0);
}
END_TEST

START_TEST(a_service_that_goes_takes_no_count_along)
{
	struct told t;

	deny("payroll", 7, 3);
	deny("books", 7, 4);
	fixture_reload(&f, "[service books]\naddress = 127.96.0.2:80\n");
	free(said());
	audit_rebind(audit);
	t = tell_at(100);
	ck_assert_uint_eq(t.lines, 2);
	ck_assert_uint_eq(t.connects, 7);
}
END_TEST

static void refuse(const char *service, uid_t user)
{
	struct identity who = {.user_known = true,
		.groups_known = true,
		.user = user,
		.pid = getpid()};
	const struct list *list = fixture_service(&f, service)->list;
	const struct rule *rule;

	ck_assert_int_eq(acl_judge(list->rules, &who, &rule), ACL_DENY);
	audit_refused(audit, list, &who, rule);
}

/* Both services are of one list, and have their rules on lines of their own. */
START_TEST(the_line_is_the_services_own)
{
	char *text;

	refuse("payroll", 7);
	deny("payroll", 7, 1);
	ck_assert(tells(" reason=\"deny = user 7\" line=5 uid=7 "));
	deny("books", 7, 1);
	ck_assert(tells(" line=10 uid=7 "));
	refuse("books", 9);
	deny("books", 9, 1);
	audit_tell(audit);
	text = said();
	ck_assert_ptr_nonnull(
		strstr(text, " reason=\"no permit rule matched\" uid=9 "));
	ck_assert_ptr_nonnull(strstr(text, " pid="));
	free(text);
}
END_TEST

START_TEST(who_is_not_known_is_left_out)
{
	char *text;

	audit_denied(audit, fixture_service(&f, "books"), 4000000, true, 1);
	audit_tell(audit);
	text = said();
	ck_assert_ptr_nonnull(strstr(text,
		"user 4000000 or another was denied "
		"service books: 1 connect reported "));
	ck_assert_ptr_null(strstr(text, "pid="));
	ck_assert_ptr_null(strstr(text, "reason="));
	ck_assert_ptr_null(strstr(text, "exe="));
	free(text);
}
END_TEST

START_TEST(without_memory_nothing_is_said)
{
	audit_denied(NULL, fixture_service(&f, "books"), 1, false, 1);
	audit_refused(NULL, fixture_service(&f, "books")->list, NULL, NULL);
	audit_tell(NULL);
	audit_tell_all(NULL);
	audit_rebind(NULL);
	audit_close(NULL);
	ck_assert_uint_eq(add_up().lines, 0);
}
END_TEST

Suite *audit_suite(void)
{
	Suite *s = suite_create("audit");
	TCase *t = tcase_create("audit");

	tcase_add_checked_fixture(t, begin, end);
	tcase_add_test(
		t, lines_of_a_second_are_limited_and_nobody_is_passed_over);
	tcase_add_test(t, what_is_held_back_is_in_the_next_line);
	tcase_add_test(t, services_and_users_have_lines_of_their_own);
	tcase_add_test(t, an_address_with_every_port_has_a_star);
	tcase_add_test(t, nobody_fills_the_room_alone);
	tcase_add_test(t, no_count_is_lost_where_there_is_no_room);
	tcase_add_test(t, the_end_is_told_in_few_lines);
	tcase_add_test(t, a_service_that_goes_takes_no_count_along);
	tcase_add_test(t, the_line_is_the_services_own);
	tcase_add_test(t, who_is_not_known_is_left_out);
	tcase_add_test(t, without_memory_nothing_is_said);
	suite_add_tcase(s, t);
	return s;
}
