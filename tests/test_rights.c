/* Who is told that a rule on exe cannot do what it says, and why. */
#include "lbd/capable.h"
#include "lbd/identify.h"
#include "lbd/rights.h"
#include "suites.h"
#include "test_conf.h"

#include <linux/capability.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
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

static void give_up(unsigned capability)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	ck_assert_int_eq(syscall(SYS_capget, &header, data), 0);
	data[CAP_TO_INDEX(capability)].effective &= ~CAP_TO_MASK(capability);
	ck_assert_int_eq(syscall(SYS_capset, &header, data), 0);
}

START_TEST(without_the_right_the_first_rule_is_told_of)
{
	give_up(CAP_SYS_PTRACE);
	ck_assert_str_eq(warned(PLAIN), "");
	ck_assert_str_eq(
		warned(PLAIN FIRST), "b /dev/null +0: no CAP_SYS_PTRACE;");
	ck_assert_str_eq(
		warned(PLAIN FIRST MORE), "b /dev/null +1: no CAP_SYS_PTRACE;");
}
END_TEST

START_TEST(with_the_right_over_all_users_nobody_is_told)
{
	if (is_capable(CAP_SYS_PTRACE) && identify_sees_all_users())
		ck_assert_str_eq(warned(PLAIN FIRST MORE), "");
	/* A right that counts among its own users alone, if we can have it. */
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
	tcase_add_test(t, with_the_right_over_all_users_nobody_is_told);
	suite_add_tcase(s, t);
	return s;
}
