/* Who is told that a rule on exe cannot do what it says, and why. */
#include "lbd/rights.h"
#include "suites.h"
#include "test_conf.h"

#include <sched.h>
#include <string.h>
#include <unistd.h>

#define PLAIN "[service a]\naddress = 10.0.0.1:80\nbackend = 10.0.0.9:80\n"
#define FIRST                                                                  \
	"[service b]\naddress = 10.0.0.2:80\nbackend = 10.0.0.9:80\n"          \
	"permit = user 1\npermit = exe /dev/null\n"
#define MORE                                                                   \
	"[service c]\naddress = 10.0.0.3:80\nbackend = 10.0.0.9:80\n"          \
	"deny = exe /dev/zero\n"

static char said[256];

static void hear(const struct service_conf *s, const struct rule *rule,
	size_t more, const char *why)
{
	size_t n = strlen(said);

	snprintf(said + n, sizeof(said) - n, "%s %s +%zu: %s;", s->name,
		rule->exe, more, why);
}

static const char *warned(const char *text)
{
	struct conf *conf = conf_good(text);

	said[0] = '\0';
	rights_warn(conf, hear);
	conf_free(conf);
	return said;
}

START_TEST(without_the_right_the_first_rule_is_told_of)
{
	if (!geteuid())
		ck_assert_int_eq(setresuid(65534, 65534, 65534), 0);
	ck_assert_str_eq(warned(PLAIN), "");
	ck_assert_str_eq(
		warned(PLAIN FIRST), "b /dev/null +0: no CAP_SYS_PTRACE;");
	ck_assert_str_eq(
		warned(PLAIN FIRST MORE), "b /dev/null +1: no CAP_SYS_PTRACE;");
}
END_TEST

START_TEST(with_the_right_nobody_is_told)
{
	if (!geteuid() && !access("/proc/1/exe", R_OK))
		ck_assert_str_eq(warned(PLAIN FIRST MORE), "");
	/* Where namespaces are not for us to make nothing else can be seen. */
	if (!unshare(CLONE_NEWUSER))
		ck_assert_str_eq(warned(PLAIN FIRST MORE),
			"b /dev/null +1: a user namespace without all users;");
}
END_TEST

Suite *rights_suite(void)
{
	Suite *s = suite_create("rights");
	TCase *t = tcase_create("rights");

	tcase_add_test(t, without_the_right_the_first_rule_is_told_of);
	tcase_add_test(t, with_the_right_nobody_is_told);
	suite_add_tcase(s, t);
	return s;
}
