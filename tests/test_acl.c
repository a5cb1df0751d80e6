#include "lbd/acl.h"
#include "suites.h"

static gid_t groups[] = {100, 27, 44};

static const struct identity alice = {
	.user_known = true,
	.groups_known = true,
	.user = 1000,
	.group = groups,
	.groups = 3,
	.exe = "/usr/bin/curl",
};

static enum acl judge(
	struct rule *rule, size_t count, const struct identity *who)
{
	struct rules rules = {rule, count};
	const struct rule *matched;

	return acl_judge(&rules, who, &matched);
}

START_TEST(without_rules_everybody_may)
{
	struct identity stranger = {0};

	ck_assert_int_eq(judge(NULL, 0, &alice), ACL_PERMIT);
	ck_assert_int_eq(judge(NULL, 0, &stranger), ACL_PERMIT);
}
END_TEST

START_TEST(the_first_match_decides)
{
	struct rule rule[] = {
		{.permit = false, .subjects = SUBJECT_USER, .user = 1000},
		{.permit = true, .subjects = 0},
	};

	ck_assert_int_eq(judge(rule, 2, &alice), ACL_DENY);
	rule[0].user = 1001;
	ck_assert_int_eq(judge(rule, 2, &alice), ACL_PERMIT);
}
END_TEST

START_TEST(a_permit_rule_turns_the_default_to_no)
{
	struct rule rule = {
		.permit = true, .subjects = SUBJECT_USER, .user = 1};

	ck_assert_int_eq(judge(&rule, 1, &alice), ACL_DENY);
	rule.permit = false;
	ck_assert_int_eq(judge(&rule, 1, &alice), ACL_PERMIT);
}
END_TEST

START_TEST(supplementary_groups_count)
{
	struct rule rule = {.permit = true, .subjects = SUBJECT_GROUP};

	for (size_t i = 0; i < 3; i++) {
		rule.group = groups[i];
		ck_assert_int_eq(judge(&rule, 1, &alice), ACL_PERMIT);
	}
	rule.group = 45;
	ck_assert_int_eq(judge(&rule, 1, &alice), ACL_DENY);
}
END_TEST

START_TEST(a_program_is_its_whole_path)
{
	struct rule rule = {.permit = true,
		.subjects = SUBJECT_EXE,
		.exe = (char *)"/usr/bin/curl"};
	struct identity who = alice;

	ck_assert_int_eq(judge(&rule, 1, &who), ACL_PERMIT);
	who.exe = "/usr/bin/curl2";
	ck_assert_int_eq(judge(&rule, 1, &who), ACL_DENY);
	who.exe = "/tmp/usr/bin/curl";
	ck_assert_int_eq(judge(&rule, 1, &who), ACL_DENY);
	who.exe = "/usr/bin/curl (deleted)";
	ck_assert_int_eq(judge(&rule, 1, &who), ACL_DENY);
}
END_TEST

START_TEST(all_subjects_of_a_line_must_match)
{
	struct rule rule = {.permit = true,
		.subjects = SUBJECT_USER | SUBJECT_GROUP | SUBJECT_EXE,
		.user = 1000,
		.group = 27,
		.exe = (char *)"/usr/bin/curl"};
	struct identity who = alice;

	ck_assert_int_eq(judge(&rule, 1, &who), ACL_PERMIT);
	who.user = 1001;
	ck_assert_int_eq(judge(&rule, 1, &who), ACL_DENY);
	who = alice;
	who.groups = 1;
	ck_assert_int_eq(judge(&rule, 1, &who), ACL_DENY);
	who = alice;
	who.exe = "/bin/sh";
	ck_assert_int_eq(judge(&rule, 1, &who), ACL_DENY);
}
END_TEST

START_TEST(what_is_unknown_permits_nothing_and_is_denied)
{
	struct rule rule = {.subjects = SUBJECT_EXE | SUBJECT_USER,
		.user = 1000,
		.exe = (char *)"/usr/bin/curl"};
	struct identity who = alice;

	who.exe = NULL;
	rule.permit = true;
	ck_assert_int_eq(judge(&rule, 1, &who), ACL_DENY);
	rule.permit = false;
	ck_assert_int_eq(judge(&rule, 1, &who), ACL_DENY);
	who.user = 1001; /* a plain no needs no program */
	ck_assert_int_eq(judge(&rule, 1, &who), ACL_PERMIT);
}
END_TEST

START_TEST(an_unknown_user_matches_rules_that_need_none)
{
	struct rule rule[] = {
		{.permit = true, .subjects = SUBJECT_USER, .user = 65534},
		{.permit = true,
			.subjects = SUBJECT_EXE,
			.exe = (char *)"/usr/bin/curl"},
	};
	struct identity who = alice;

	who.user = 65534;
	who.user_known = who.groups_known = false;
	ck_assert_int_eq(judge(rule, 1, &who), ACL_DENY);
	ck_assert_int_eq(judge(rule, 2, &who), ACL_PERMIT);
}
END_TEST

START_TEST(a_host_is_where_its_addresses_are)
{
	/* 10.0.0.0/8 */
	struct rule rule = {.permit = true,
		.subjects = SUBJECT_NET,
		.net = {{.lo = ADDR_V4_PREFIX | 10u << 24}, 104}};
	struct addr at[] = {{.hi = (uint64_t)0xfd << 56, .lo = 1},
		{.lo = ADDR_V4_PREFIX | 10u << 24 | 7}};
	struct identity who = alice;

	who.address = at;
	who.addresses = 2;
	ck_assert_int_eq(judge(&rule, 1, &who), ACL_DENY); /* not known */
	who.addresses_known = true;
	ck_assert_int_eq(judge(&rule, 1, &who), ACL_PERMIT);
	who.addresses = 1;
	ck_assert_int_eq(judge(&rule, 1, &who), ACL_DENY);
	rule.permit = false;
	ck_assert_int_eq(judge(&rule, 1, &who), ACL_PERMIT);
	who.addresses_known = false;
	ck_assert_int_eq(judge(&rule, 1, &who), ACL_DENY);
}
END_TEST

START_TEST(a_control_group_counts_with_those_below)
{
	struct rule rule = {.permit = true,
		.subjects = SUBJECT_CGROUP,
		.cgroup = (char *)"/system.slice/nginx.service"};
	struct identity who = alice;

	who.cgroup = "/system.slice/nginx.service";
	ck_assert_int_eq(judge(&rule, 1, &who), ACL_PERMIT);
	who.cgroup = "/system.slice/nginx.service/worker";
	ck_assert_int_eq(judge(&rule, 1, &who), ACL_PERMIT);
	who.cgroup = "/system.slice/nginx.service2";
	ck_assert_int_eq(judge(&rule, 1, &who), ACL_DENY);
	who.cgroup = "/system.slice";
	ck_assert_int_eq(judge(&rule, 1, &who), ACL_DENY);
	who.cgroup = NULL;
	ck_assert_int_eq(judge(&rule, 1, &who), ACL_DENY);
	rule.permit = false;
	ck_assert_int_eq(judge(&rule, 1, &who), ACL_DENY);
	who.cgroup = "/";
	ck_assert_int_eq(judge(&rule, 1, &who), ACL_PERMIT);
	rule.cgroup = (char *)"/";
	ck_assert_int_eq(judge(&rule, 1, &who), ACL_DENY);
}
END_TEST

START_TEST(one_group_that_is_known_is_enough)
{
	struct rule rule = {
		.permit = true, .subjects = SUBJECT_GROUP, .group = 27};
	struct identity who = alice;

	who.groups_known = false;
	ck_assert_int_eq(judge(&rule, 1, &who), ACL_PERMIT);
	rule.group = 28; /* it may be in there */
	ck_assert_int_eq(judge(&rule, 1, &who), ACL_DENY);
	rule.permit = false;
	ck_assert_int_eq(judge(&rule, 1, &who), ACL_DENY);
}
END_TEST

START_TEST(a_doubt_is_one_before_the_decision)
{
	struct rule rule[] = {
		{.permit = true, .subjects = SUBJECT_USER, .user = 1000},
		{.permit = true,
			.subjects = SUBJECT_EXE | SUBJECT_CGROUP | SUBJECT_USER,
			.user = 1000,
			.exe = (char *)"/bin/sh",
			.cgroup = (char *)"/a"},
	};
	struct rules rules = {rule, 2};
	struct identity who = alice;

	who.exe = NULL;
	ck_assert_ptr_null(acl_doubt(&rules, &who, SUBJECT_EXE));
	rule[0].user = rule[1].user = 7; /* no decision, but a plain no */
	ck_assert_ptr_null(acl_doubt(&rules, &who, SUBJECT_EXE));
	who.user = 8;
	rule[1].user = 8;
	ck_assert_ptr_eq(acl_doubt(&rules, &who, SUBJECT_EXE), &rule[1]);
	ck_assert_ptr_eq(acl_doubt(&rules, &who, SUBJECT_CGROUP), &rule[1]);
	ck_assert_ptr_null(acl_doubt(&rules, &who, SUBJECT_USER));
	ck_assert_ptr_null(acl_doubt(&rules, &who, SUBJECT_NET));
	rules.count = 1;
	ck_assert_ptr_null(acl_doubt(&rules, &who, SUBJECT_EXE));
}
END_TEST

START_TEST(the_deciding_rule_is_named)
{
	struct rule rule[] = {
		{.permit = false, .subjects = SUBJECT_USER, .user = 1},
		{.permit = true, .subjects = 0},
	};
	struct rules rules = {rule, 2};
	const struct rule *matched;

	acl_judge(&rules, &alice, &matched);
	ck_assert_ptr_eq(matched, &rule[1]);
	rules.count = 1;
	acl_judge(&rules, &alice, &matched);
	ck_assert_ptr_null(matched);
}
END_TEST

Suite *acl_suite(void)
{
	Suite *s = suite_create("acl");
	TCase *t = tcase_create("acl");

	tcase_add_test(t, without_rules_everybody_may);
	tcase_add_test(t, the_first_match_decides);
	tcase_add_test(t, a_permit_rule_turns_the_default_to_no);
	tcase_add_test(t, supplementary_groups_count);
	tcase_add_test(t, a_program_is_its_whole_path);
	tcase_add_test(t, all_subjects_of_a_line_must_match);
	tcase_add_test(t, what_is_unknown_permits_nothing_and_is_denied);
	tcase_add_test(t, an_unknown_user_matches_rules_that_need_none);
	tcase_add_test(t, a_host_is_where_its_addresses_are);
	tcase_add_test(t, a_control_group_counts_with_those_below);
	tcase_add_test(t, one_group_that_is_known_is_enough);
	tcase_add_test(t, a_doubt_is_one_before_the_decision);
	tcase_add_test(t, the_deciding_rule_is_named);
	suite_add_tcase(s, t);
	return s;
}
