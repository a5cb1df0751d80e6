/* Denials: how often they are told, and of whom. */
#include "lbd/refrain.h"
#include "lbd/suspects.h"
#include "suites.h"

#include <string.h>
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
		add(l, 1000, 3, pid);
	s = lineup_find(l, 1000, 3);
	ck_assert_uint_eq(s->count, SUSPECTS_MOST);
	ck_assert_uint_eq(s->forgotten, 3);
	for (int i = 0; i < SUSPECTS_MOST; i++)
		ck_assert_int_eq(s->one[i].pid, SUSPECTS_MOST + 3 - i);
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

START_TEST(who_has_ended_is_no_suspect_any_more)
{
	struct lineup *l = lineup_open();
	struct suspects *s;

	for (pid_t pid = 1; pid <= SUSPECTS_MOST; pid++)
		add(l, 1000, 3, (1 << 22) + pid); /* none is so high */
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
	tcase_add_test(t, who_has_ended_is_no_suspect_any_more);
	tcase_add_test(t, a_process_is_looked_at);
	suite_add_tcase(s, t);
	return s;
}
