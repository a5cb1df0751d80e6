/* How often what goes on and on is said. */
#include "lbd/refrain.h"
#include "suites.h"

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

Suite *refrain_suite(void)
{
	Suite *s = suite_create("refrain");
	TCase *t = tcase_create("refrain");

	tcase_add_test(t, pauses_double_up_to_a_minute);
	tcase_add_test(t, what_is_new_is_said_at_once);
	tcase_add_test(t, after_a_calm_it_begins_anew);
	suite_add_tcase(s, t);
	return s;
}
