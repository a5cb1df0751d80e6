/* Denials: how often they are told, and of whom. */
#include "fixture.h"
#include "lbd/audit.h"
#include "lbd/refrain.h"
#include "lbd/suspects.h"
#include "suites.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* When lines are said of what happens ten times a second until `end`. */
static unsigned say_until(struct refrain *r, double begin, double end,
	double *when, unsigned most)
{
	unsigned said = 0;

	for (unsigned i = 0; begin + i * 0.1 < end; i++) {
		double now = begin + i * 0.1;

		if (!refrain_allows(r, now))
			continue;
		ck_assert_uint_lt(said, most);
		when[said++] = now;
		refrain_said(r, now);
	}
	return said;
}

START_TEST(pauses_double_up_to_a_minute)
{
	static const double expected[] = {
		100, 101, 103, 107, 115, 131, 163, 223, 283, 343};
	struct refrain r = {0};
	double when[20];

	ck_assert_uint_eq(say_until(&r, 100, 400, when, 20), 10);
	for (int i = 0; i < 10; i++)
		ck_assert_double_eq_tol(when[i], expected[i], 0.3 * (i + 1));
}
END_TEST

START_TEST(what_is_new_is_said_at_once)
{
	struct refrain r = {0};

	ck_assert(refrain_allows(&r, 0));
	refrain_said(&r, 0);
	ck_assert(!refrain_allows(&r, 0.9));
	ck_assert(refrain_allows(&r, 1));
}
END_TEST

START_TEST(after_a_calm_it_begins_anew)
{
	struct refrain r = {0};

	for (double now = 0; now < 20; now = r.next)
		refrain_said(&r, now);
	ck_assert_double_eq(r.pause, 16);
	refrain_said(&r, r.next + 15); /* not calm for as long as that */
	ck_assert_double_eq(r.pause, 32);
	refrain_said(&r, r.next + 32);
	ck_assert_double_eq(r.pause, 1);
}
END_TEST

enum { NOBODYS = 1 << 22 }; /* no process has a pid beyond */

static void add(struct lineup *l, uid_t user, uint32_t list, pid_t pid)
{
	struct suspect s = {.pid = pid, .rule = (int)pid % 7};

	lineup_add(l, user, list, &s, pid);
}

START_TEST(the_newest_stand_first_and_once)
{
	struct lineup *l = lineup_open();
	const struct suspects *s;

	add(l, 1000, 3, 11);
	add(l, 1000, 3, 12);
	add(l, 1000, 3, 11);
	s = lineup_find(l, 1000, 3);
	ck_assert_ptr_nonnull(s);
	ck_assert_uint_eq(s->count, 2);
	ck_assert_int_eq(s->one[0].pid, 11);
	ck_assert_int_eq(s->one[1].pid, 12);
	ck_assert_ptr_null(lineup_find(l, 1001, 3));
	ck_assert_ptr_null(lineup_find(l, 1000, 4));
	lineup_close(l);
}
END_TEST

START_TEST(who_cannot_be_told_apart_is_counted_each_time)
{
	struct lineup *l = lineup_open();

	add(l, 1000, 3, 0);
	add(l, 1000, 3, 0);
	ck_assert_uint_eq(lineup_find(l, 1000, 3)->count, 2);
	lineup_close(l);
}
END_TEST

START_TEST(too_many_are_counted_and_the_oldest_forgotten)
{
	struct lineup *l = lineup_open();
	const struct suspects *s;

	for (pid_t pid = 1; pid <= SUSPECTS_MOST + 3; pid++)
		add(l, 1000, 3, NOBODYS + pid);
	s = lineup_find(l, 1000, 3);
	ck_assert_uint_eq(s->count, SUSPECTS_MOST);
	ck_assert_uint_eq(s->forgotten, 3);
	for (int i = 0; i < SUSPECTS_MOST; i++)
		ck_assert_int_eq(
			s->one[i].pid, NOBODYS + SUSPECTS_MOST + 3 - i);
	lineup_close(l);
}
END_TEST

/* Users and lists without number: the room stays what it is, and who came last
 * is known. */
START_TEST(the_room_does_not_grow)
{
	struct lineup *l = lineup_open();
	unsigned known = 0;

	for (uid_t user = 0; user < 100000; user++) {
		add(l, user, user % 50 + 1, (pid_t)user + 1);
		ck_assert_ptr_nonnull(lineup_find(l, user, user % 50 + 1));
	}
	for (uid_t user = 0; user < 100000; user++)
		known += lineup_find(l, user, user % 50 + 1) != NULL;
	ck_assert_uint_le(known, 1024);
	ck_assert_uint_ge(known, 1000);
	lineup_close(l);
}
END_TEST

START_TEST(many_short_programs_do_not_hide_a_long_one)
{
	struct lineup *l = lineup_open();
	const struct suspects *s;

	add(l, 1000, 3, getpid());
	for (pid_t pid = 1; pid < 100; pid++)
		add(l, 1000, 3, NOBODYS + pid);
	s = lineup_find(l, 1000, 3);
	ck_assert_int_eq(s->one[0].pid, NOBODYS + 99);
	ck_assert_int_eq(s->one[SUSPECTS_MOST - 1].pid, getpid());
	lineup_close(l);
}
END_TEST

START_TEST(who_has_ended_is_no_suspect_any_more)
{
	struct lineup *l = lineup_open();
	struct suspects *s;

	for (pid_t pid = 1; pid <= SUSPECTS_MOST; pid++)
		add(l, 1000, 3, NOBODYS + pid);
	add(l, 1000, 3, getpid());
	add(l, 1000, 3, 0);
	s = lineup_find(l, 1000, 3);
	suspects_told(s);
	ck_assert_uint_eq(s->count, 1);
	ck_assert_int_eq(s->one[0].pid, getpid());
	ck_assert_uint_eq(s->forgotten, 0);
	lineup_close(l);
}
END_TEST

START_TEST(a_process_is_looked_at)
{
	struct suspect s;
	char link[4096];
	ssize_t n = readlink("/proc/self/exe", link, sizeof(link) - 1);

	ck_assert_int_gt(n, 0);
	link[n] = '\0';
	suspect_look_at(&s, getpid());
	ck_assert_int_eq(s.pid, getpid());
	ck_assert_ptr_nonnull(
		strstr(link, s.exe[0] == '.' ? s.exe + 3 : s.exe));
	suspect_look_at(&s, -1);
	ck_assert_int_eq(s.pid, 0);
	ck_assert_str_eq(s.exe, "");
}
END_TEST

/* ---- lines, as they are in the log ---- */

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
	char *lines;

	fixture_reload(
		&f, "[service all]\naddress = 127.96.1.1:*\ndeny = any\n");
	audit_rebind(audit);
	free(said());
	deny("all", 7, 1);
	f.lbd.overview.now += 1;
	audit_tell(audit);
	lines = said();
	ck_assert_ptr_nonnull(strstr(lines, " address=127.96.1.1:* "));
	free(lines);
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
	audit_tell(audit);
	lines = said();
	ck_assert_ptr_nonnull(strstr(lines, " service=s78 "));
	free(lines);
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
	audit_tell(audit);
	text = said();
	ck_assert_ptr_nonnull(
		strstr(text, " reason=\"deny = user 7\" line=5 uid=7 "));
	free(text);
	deny("books", 7, 1);
	audit_tell(audit);
	text = said();
	ck_assert_ptr_nonnull(strstr(text, " line=10 uid=7 "));
	free(text);
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
	TCase *t = tcase_create("refrain");

	tcase_add_test(t, pauses_double_up_to_a_minute);
	tcase_add_test(t, what_is_new_is_said_at_once);
	tcase_add_test(t, after_a_calm_it_begins_anew);
	suite_add_tcase(s, t);
	t = tcase_create("suspects");
	tcase_add_test(t, the_newest_stand_first_and_once);
	tcase_add_test(t, who_cannot_be_told_apart_is_counted_each_time);
	tcase_add_test(t, too_many_are_counted_and_the_oldest_forgotten);
	tcase_add_test(t, the_room_does_not_grow);
	tcase_add_test(t, many_short_programs_do_not_hide_a_long_one);
	tcase_add_test(t, who_has_ended_is_no_suspect_any_more);
	tcase_add_test(t, a_process_is_looked_at);
	suite_add_tcase(s, t);
	t = tcase_create("lines");
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
