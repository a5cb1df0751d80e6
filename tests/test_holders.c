/* Who has attached, and whom new rules cost something. */
#include "lbd/holders.h"
#include "suites.h"

#include <stdlib.h>
#include <string.h>

static struct holders h;

static void end(void)
{
	holders_free(&h);
}

static struct identity somebody(uid_t user)
{
	static gid_t none;

	return (struct identity){.user_known = true,
		.groups_known = true,
		.user = user,
		.group = &none,
		.groups = 1};
}

static void attach(uid_t user)
{
	struct identity who = somebody(user);

	holders_remember(&h, &who);
}

static bool lose(const struct rule *a, size_t m, const struct rule *b, size_t n)
{
	struct rules before = {(struct rule *)(uintptr_t)a, m};
	struct rules after = {(struct rule *)(uintptr_t)b, n};

	return holders_lose(&h, &before, &after);
}

#define PERMIT(uid)                                                            \
	{                                                                      \
		.permit = true, .subjects = SUBJECT_USER, .user = (uid)        \
	}
#define DENY(uid)                                                              \
	{                                                                      \
		.permit = false, .subjects = SUBJECT_USER, .user = (uid)       \
	}

START_TEST(who_is_not_permitted_any_more_loses)
{
	const struct rule both[] = {PERMIT(1), PERMIT(2)};

	attach(1);
	attach(2);
	ck_assert(lose(both, 2, both, 1));
	ck_assert(lose(both, 2, both + 1, 1));
	ck_assert(!lose(both, 2, both, 2));
	ck_assert(!lose(both, 1, both, 2));
	end();
}
END_TEST

START_TEST(who_has_not_attached_loses_nothing)
{
	const struct rule both[] = {PERMIT(1), PERMIT(2)};

	attach(1);
	ck_assert(!lose(both, 2, both, 1));
	end();
}
END_TEST

START_TEST(who_had_nothing_loses_nothing)
{
	const struct rule one = PERMIT(1), no[] = {DENY(2), PERMIT(1)};

	attach(1);
	attach(2);
	ck_assert(!lose(&one, 1, no, 2));
	end();
}
END_TEST

START_TEST(other_rules_with_the_same_effect_cost_nothing)
{
	const struct rule one[] = {PERMIT(1), PERMIT(2), DENY(3)};
	const struct rule other[] = {DENY(3), PERMIT(2), PERMIT(1)};

	attach(1);
	attach(2);
	attach(3);
	ck_assert(!lose(one, 3, other, 3));
	end();
}
END_TEST

START_TEST(without_rules_nobody_loses_and_with_the_first_somebody_may)
{
	const struct rule one = PERMIT(1);

	attach(1);
	ck_assert(!lose(NULL, 0, &one, 1));
	ck_assert(!lose(&one, 1, NULL, 0));
	attach(2);
	ck_assert(lose(NULL, 0, &one, 1));
	ck_assert(!lose(&one, 1, NULL, 0));
	end();
}
END_TEST

START_TEST(an_identity_is_remembered_once)
{
	gid_t groups[] = {5, 6};
	struct identity who = somebody(1);

	for (pid_t pid = 1; pid < 100; pid++) {
		who.pid = pid;
		holders_remember(&h, &who);
	}
	ck_assert_uint_eq(h.count, 1);
	who.group = groups;
	holders_remember(&h, &who);
	groups[0] = 6;
	holders_remember(&h, &who);
	who.groups = 2;
	holders_remember(&h, &who);
	who.groups_known = false;
	holders_remember(&h, &who);
	who.exe = "/bin/a";
	holders_remember(&h, &who);
	who.exe = "/bin/b";
	holders_remember(&h, &who);
	who.user_known = false;
	holders_remember(&h, &who);
	ck_assert_uint_eq(h.count, 8);
	end();
}
END_TEST

START_TEST(what_is_remembered_is_a_copy)
{
	struct rule before = {.permit = true, .subjects = SUBJECT_EXE};
	struct rule after = {.permit = true, .subjects = SUBJECT_GROUP};
	gid_t group = 5;
	char exe[] = "/bin/a";
	struct identity who = somebody(1);

	before.exe = (char[]){"/bin/a"};
	after.group = 5;
	who.group = &group;
	who.exe = exe;
	holders_remember(&h, &who);
	group = 6;
	exe[5] = 'b';
	ck_assert(!lose(&before, 1, &after, 1));
	after.group = 6;
	ck_assert(lose(&before, 1, &after, 1));
	end();
}
END_TEST

START_TEST(beyond_the_bound_somebody_loses)
{
	const struct rule all[] = {PERMIT(9999), {.permit = true}};

	for (uid_t user = 0; user < 1024; user++)
		attach(user);
	ck_assert(!lose(NULL, 0, all, 2));
	attach(1023);
	ck_assert(!lose(NULL, 0, all, 2));
	attach(1024);
	ck_assert_uint_eq(h.count, 1024);
	ck_assert(lose(NULL, 0, all, 2));
	ck_assert(!lose(all, 2, NULL, 0));
	end();
}
END_TEST

START_TEST(many_groups_are_not_kept_without_end)
{
	enum { MANY = 65536 };
	gid_t *group = calloc(MANY, sizeof(*group));
	struct identity who = somebody(1);

	ck_assert_ptr_nonnull(group);
	who.group = group;
	who.groups = MANY;
	for (gid_t i = 0; i < 100; i++) {
		group[0] = i;
		holders_remember(&h, &who);
	}
	ck_assert_uint_le(h.bytes, 1024 * 1024);
	ck_assert(h.more);
	free(group);
	end();
}
END_TEST

Suite *holders_suite(void)
{
	Suite *s = suite_create("holders");
	TCase *t = tcase_create("holders");

	tcase_add_test(t, who_is_not_permitted_any_more_loses);
	tcase_add_test(t, who_has_not_attached_loses_nothing);
	tcase_add_test(t, who_had_nothing_loses_nothing);
	tcase_add_test(t, other_rules_with_the_same_effect_cost_nothing);
	tcase_add_test(
		t, without_rules_nobody_loses_and_with_the_first_somebody_may);
	tcase_add_test(t, an_identity_is_remembered_once);
	tcase_add_test(t, what_is_remembered_is_a_copy);
	tcase_add_test(t, beyond_the_bound_somebody_loses);
	tcase_add_test(t, many_groups_are_not_kept_without_end);
	suite_add_tcase(s, t);
	return s;
}
