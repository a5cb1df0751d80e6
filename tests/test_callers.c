#include "lbd/guests.h"
#include "lbd/request.h"
#include "shim/table.h"
#include "suites.h"

#include <string.h>

static const struct attach_request good = {
	.magic = ATTACH_MAGIC,
	.major = TABLE_MAJOR,
	.minor = TABLE_MINOR,
	.netns = 77,
};

START_TEST(only_a_whole_request_is_one)
{
	char bytes[64] = {0};
	struct attach_request r;

	memcpy(bytes, &good, sizeof(good));
	for (size_t n = 0; n < sizeof(bytes); n++)
		ck_assert_int_eq(request_judge(bytes, n, &r),
			n == 16 || n >= sizeof(good) ? REQUEST_ATTACH
						     : REQUEST_NONE);
	bytes[0] ^= 1;
	ck_assert_int_eq(request_judge(bytes, sizeof(good), &r), REQUEST_NONE);
}
END_TEST

START_TEST(what_an_older_library_did_not_say_is_zero)
{
	struct attach_request r;

	ck_assert_int_eq(request_judge(&good, 16, &r), REQUEST_ATTACH);
	ck_assert_uint_eq(r.netns, 0);
	ck_assert_int_eq(
		request_judge(&good, sizeof(good), &r), REQUEST_ATTACH);
	ck_assert_uint_eq(r.netns, 77);
}
END_TEST

START_TEST(another_layout_is_a_request_all_the_same)
{
	struct attach_request other = good, r;

	other.major = TABLE_MAJOR + 1;
	ck_assert_int_eq(
		request_judge(&other, sizeof(other), &r), REQUEST_OTHER_MAJOR);
	ck_assert_uint_eq(r.major, TABLE_MAJOR + 1);
}
END_TEST

/* How many answers of that cost a user gets until there is no room. */
static size_t fill(
	struct guests *all, struct guest *g, size_t cost, size_t budget)
{
	size_t answers = 0;

	while (guests_have_room(all, g, budget)) {
		guests_hold(all, g, cost);
		answers++;
	}
	return answers;
}

START_TEST(one_user_gets_half_and_the_next_half_of_the_rest)
{
	struct guests all = {0};
	struct guest *g[9];

	for (uid_t i = 0; i < 9; i++)
		g[i] = guests_enter(&all, 1000 + i * GUEST_BUCKETS);
	ck_assert_uint_eq(fill(&all, g[0], 4, 1024), 128);
	ck_assert_uint_eq(fill(&all, g[1], 4, 1024), 64);
	for (int i = 2; i < 8; i++)
		ck_assert_uint_ge(fill(&all, g[i], 4, 1024), 1);
	ck_assert_uint_eq(fill(&all, g[8], 4, 1024), 1);
	for (int i = 0; i < 9; i++) {
		guests_let_go(&all, g[i], g[i]->held);
		guests_leave(&all, g[i]);
	}
	ck_assert_uint_eq(all.held, 0);
}
END_TEST

START_TEST(an_answer_larger_than_a_share_is_given_one_at_a_time)
{
	struct guests all = {0};
	struct guest *one = guests_enter(&all, 1), *two = guests_enter(&all, 2);

	ck_assert_uint_eq(fill(&all, one, 700, 1000), 1);
	ck_assert_uint_eq(fill(&all, two, 700, 1000), 1);
	guests_let_go(&all, one, 700);
	ck_assert(!guests_have_room(&all, two, 1000));
	ck_assert(guests_have_room(&all, one, 1000));
	guests_let_go(&all, two, 700);
	ck_assert(guests_have_room(&all, two, 1000));
	guests_leave(&all, one);
	guests_leave(&all, two);
}
END_TEST

START_TEST(the_greediest_is_who_waits_most_often)
{
	struct guests all = {0};
	struct guest *one = guests_enter(&all, 1);
	struct guest *other = guests_enter(&all, 1 + GUEST_BUCKETS);

	ck_assert_ptr_null(guests_greediest(&all));
	ck_assert_ptr_eq(guests_enter(&all, 1), one);
	one->waiting = 1;
	ck_assert_ptr_eq(guests_greediest(&all), one);
	other->waiting = 2;
	ck_assert_ptr_eq(guests_greediest(&all), other);
	one->waiting = 3;
	ck_assert_ptr_eq(guests_greediest(&all), one);
	guests_leave(&all, one);
	ck_assert_ptr_eq(guests_enter(&all, 1), one); /* it had another */
	guests_leave(&all, one);
	guests_leave(&all, one);
	guests_leave(&all, other);
	for (int i = 0; i < GUEST_BUCKETS; i++)
		ck_assert_ptr_null(all.bucket[i]);
}
END_TEST

Suite *callers_suite(void)
{
	Suite *s = suite_create("callers");
	TCase *t = tcase_create("callers");

	tcase_add_test(t, only_a_whole_request_is_one);
	tcase_add_test(t, what_an_older_library_did_not_say_is_zero);
	tcase_add_test(t, another_layout_is_a_request_all_the_same);
	tcase_add_test(t, one_user_gets_half_and_the_next_half_of_the_rest);
	tcase_add_test(t, an_answer_larger_than_a_share_is_given_one_at_a_time);
	tcase_add_test(t, the_greediest_is_who_waits_most_often);
	suite_add_tcase(s, t);
	return s;
}
