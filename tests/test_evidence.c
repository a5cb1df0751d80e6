/* Stuck SYNs against connections that stand. */
#include "lbd/evidence.h"
#include "suites.h"

enum { TARGET = 9, ALICE = 1000, BOB = 1001 };

static struct evidence e;
static uint16_t suspect;

static void begin(void)
{
	evidence_forget(&e);
	e.informed = true;
	suspect = 0;
}

/* One round: so many stuck SYNs of Alice; picks so far, more that stand? Says
 * how many failures are reported; -1: it takes connections. */
static int go(unsigned stuck, uint64_t picks, bool grown)
{
	struct suspect *s;
	int n = 0;

	while (stuck--)
		suspect = evidence_stuck(&e, suspect, TARGET, ALICE);
	e.informed = true;
	s = &e.suspect[suspect];
	if (!suspect || !s->target)
		return 0;
	switch (evidence_judge(&e, s, picks, grown)) {
	case JUDGED_FAILING:
		for (unsigned i = 0; i < s->users; i++) {
			n += (int)s->user[i].unreported;
			s->user[i].unreported = 0;
		}
		break;
	case JUDGED_TAKING:
		n = -1;
		break;
	case JUDGED_NOTHING:
		break;
	}
	evidence_next(s);
	return n;
}

START_TEST(syns_that_stay_stuck_are_reported_once)
{
	begin();
	ck_assert_int_eq(go(5, 100, false), 0);
	ck_assert_int_eq(go(5, 100, false), 5);
	ck_assert_int_eq(go(5, 100, false), 0);
	ck_assert_int_eq(go(7, 102, false), 2);
	ck_assert_int_eq(go(3, 102, false), 0);
}
END_TEST

START_TEST(those_whose_callers_gave_up_are_reported)
{
	begin();
	ck_assert_int_eq(go(5, 100, false), 0);
	ck_assert_int_eq(go(0, 100, false), 5);
}
END_TEST

START_TEST(a_backend_that_takes_connections_is_not_blamed)
{
	begin();
	ck_assert_int_eq(go(5, 100, false), 0);
	ck_assert_int_eq(go(6, 105, true), 0);
	ck_assert_int_eq(go(6, 105, false), 0);
}
END_TEST

START_TEST(a_busy_backend_is_not_blamed_for_lost_packets)
{
	uint64_t picks = 1000;

	begin();
	for (unsigned i = 1; i < 50; i++) /* one in ten is lost */
		ck_assert_int_le(go(i, picks += 10, false), 0);
}
END_TEST

START_TEST(a_dead_backend_that_is_picked_goes_on_being_blamed)
{
	uint64_t picks = 1000;
	int reported = 0;

	begin();
	for (unsigned i = 1; i <= 50; i++)
		reported += go(10 * i, picks += 10, false);
	ck_assert_int_eq(reported, 500);
}
END_TEST

START_TEST(who_was_blamed_is_cleared_once)
{
	begin();
	go(5, 100, false);
	ck_assert_int_eq(go(5, 100, false), 5);
	ck_assert_int_eq(go(0, 100, false), 0);
	ck_assert_int_eq(go(0, 100, true), -1);
	ck_assert_int_eq(go(0, 100, true), 0);
}
END_TEST

START_TEST(what_was_stuck_before_the_first_round_is_not_news)
{
	begin();
	e.informed = false;
	suspect = evidence_stuck(&e, 0, TARGET, ALICE);
	evidence_judge(&e, &e.suspect[suspect], 0, false);
	evidence_next(&e.suspect[suspect]);
	ck_assert_int_eq(go(1, 0, false), 0);
	ck_assert_int_eq(go(1, 0, false), 0);
}
END_TEST

START_TEST(users_are_told_apart_as_far_as_there_is_room)
{
	begin();
	suspect = evidence_stuck(&e, suspect, TARGET, ALICE);
	suspect = evidence_stuck(&e, suspect, TARGET, BOB);
	suspect = evidence_stuck(&e, suspect, TARGET, ALICE);
	ck_assert_uint_eq(e.suspect[suspect].users, 2);
	ck_assert_uint_eq(e.suspect[suspect].user[0].stuck, 2);
	ck_assert_uint_eq(e.suspect[suspect].user[1].stuck, 1);
	for (uid_t u = 0; u < 100; u++)
		evidence_stuck(&e, suspect, TARGET, u);
	ck_assert_uint_eq(e.suspect[suspect].users, SUSPECT_USERS);
}
END_TEST

START_TEST(too_many_suspects_are_not_noticed)
{
	begin();
	for (uint32_t t = 1; t < SUSPECTS_MAX; t++)
		ck_assert_uint_ne(evidence_stuck(&e, 0, t, ALICE), 0);
	ck_assert_uint_eq(evidence_stuck(&e, 0, 5000, ALICE), 0);
	e.suspect[7].user[0].stuck = 0; /* only remembered */
	ck_assert_uint_eq(evidence_stuck(&e, 0, 5000, ALICE), 7);
	ck_assert_uint_ne(evidence_stuck(&e, 7, 7, ALICE), 7);
}
END_TEST

Suite *evidence_suite(void)
{
	Suite *s = suite_create("evidence");
	TCase *t = tcase_create("evidence");

	tcase_add_test(t, syns_that_stay_stuck_are_reported_once);
	tcase_add_test(t, those_whose_callers_gave_up_are_reported);
	tcase_add_test(t, a_backend_that_takes_connections_is_not_blamed);
	tcase_add_test(t, a_busy_backend_is_not_blamed_for_lost_packets);
	tcase_add_test(t, a_dead_backend_that_is_picked_goes_on_being_blamed);
	tcase_add_test(t, who_was_blamed_is_cleared_once);
	tcase_add_test(t, what_was_stuck_before_the_first_round_is_not_news);
	tcase_add_test(t, users_are_told_apart_as_far_as_there_is_room);
	tcase_add_test(t, too_many_suspects_are_not_noticed);
	suite_add_tcase(s, t);
	return s;
}
