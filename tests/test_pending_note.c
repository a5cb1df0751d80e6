/* What a program left with its registrations, by the number of the descriptor. */
#include "begun.h"
#include "shim/entry.h"
#include "shim/note.h"
#include "test_pending.h"

START_TEST(a_registration_is_noted_and_put_back)
{
	struct noted before = note_take(5, 4711, 1);

	ck_assert_uint_eq(before.events, 0);
	ck_assert(note_is(5, 4711));
	ck_assert_uint_eq(note_events(5), 1);
	before = note_take(5, 42, 4);
	ck_assert(!note_is(5, 4711));
	note_put_back(5, before);
	ck_assert(note_is(5, 4711));
	ck_assert_uint_eq(note_events(5), 1);
	ck_assert(!note_is(6, 0)); /* not noted */
}
END_TEST

START_TEST(who_was_left_the_same_is_found_in_order)
{
	note_take(5, 4711, 1);
	note_take(9, 4711, 0);
	note_take(7, 42, 1);
	ck_assert_int_eq(note_end(), 10);
	ck_assert_int_eq(note_find(0, 10, 4711), 5);
	ck_assert_int_eq(note_find(6, 10, 4711), 9);
	ck_assert_int_eq(note_find(6, 9, 4711), 9);
	ck_assert_int_eq(note_find(0, 10, 0), 10);
}
END_TEST

/* They are not looked for: the data says who it is. */
START_TEST(who_was_left_its_number_is_not_looked_for)
{
	for (uint64_t fd = 0; fd < 100; fd++)
		note_take((int)fd, 7ULL << 32 | fd, 1);
	ck_assert_int_eq(note_end(), 0);
	note_take(50, 51, 1);
	ck_assert_int_eq(note_end(), 51);
	note_take(FDS, 4711, 1);
	ck_assert_int_eq(note_end(), 51);
}
END_TEST

START_TEST(a_number_that_is_another_s_was_left_nothing)
{
	note_take(9, 4711, 1);
	note_forget(9);
	ck_assert(!note_is(9, 4711));
	ck_assert_int_eq(note_find(0, 10, 4711), 10);
	note_forget(-1);
	note_forget(FDS);
}
END_TEST

TCase *pending_note_case(void)
{
	TCase *t = tcase_create("note");

	tcase_add_checked_fixture(t, begun_set_up, NULL);
	tcase_add_test(t, a_registration_is_noted_and_put_back);
	tcase_add_test(t, who_was_left_the_same_is_found_in_order);
	tcase_add_test(t, who_was_left_its_number_is_not_looked_for);
	tcase_add_test(t, a_number_that_is_another_s_was_left_nothing);
	return t;
}
