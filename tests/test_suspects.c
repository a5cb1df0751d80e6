/* Which processes a denial may be of: who is remembered, and for how long. */
#include "lbd/suspects.h"
#include "suites.h"

#include <string.h>
#include <unistd.h>

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

Suite *suspects_suite(void)
{
	Suite *s = suite_create("suspects");
	TCase *t = tcase_create("suspects");

	tcase_add_test(t, the_newest_stand_first_and_once);
	tcase_add_test(t, who_cannot_be_told_apart_is_counted_each_time);
	tcase_add_test(t, too_many_are_counted_and_the_oldest_forgotten);
	tcase_add_test(t, the_room_does_not_grow);
	tcase_add_test(t, many_short_programs_do_not_hide_a_long_one);
	tcase_add_test(t, who_has_ended_is_no_suspect_any_more);
	tcase_add_test(t, a_process_is_looked_at);
	suite_add_tcase(s, t);
	return s;
}
