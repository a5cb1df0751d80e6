/*
 * Rules, in order: the first that matches decides. A subject that cannot be
 * known is neither yes nor no, and the doubt is the caller's loss.
 */
#include "acl.h"

#include <string.h>

enum answer { NO, YES, UNKNOWN };

static enum answer is_user(const struct rule *r, const struct identity *who)
{
	if (!who->user_known)
		return UNKNOWN;
	return who->user == r->user ? YES : NO;
}

static enum answer in_group(const struct rule *r, const struct identity *who)
{
	for (size_t i = 0; i < who->groups; i++)
		if (who->group[i] == r->group)
			return YES;
	return who->groups_known ? NO : UNKNOWN;
}

static enum answer is_exe(const struct rule *r, const struct identity *who)
{
	if (!who->exe)
		return UNKNOWN;
	return strcmp(who->exe, r->exe) ? NO : YES;
}

static enum answer in_cgroup(const struct rule *r, const struct identity *who)
{
	if (!who->cgroup)
		return UNKNOWN;
	return cgroup_holds(r->cgroup, who->cgroup) ? YES : NO;
}

static enum answer on_net(const struct rule *r, const struct identity *who)
{
	if (!who->addresses_known)
		return UNKNOWN;
	for (size_t i = 0; i < who->addresses; i++)
		if (range_holds(&r->net, &who->address[i]))
			return YES;
	return NO;
}

static const struct {
	enum subject subject;
	enum answer (*ask)(const struct rule *, const struct identity *);
} subjects[SUBJECT_KINDS] = {
	{SUBJECT_USER, is_user},
	{SUBJECT_GROUP, in_group},
	{SUBJECT_EXE, is_exe},
	{SUBJECT_CGROUP, in_cgroup},
	{SUBJECT_NET, on_net},
};

/* All subjects of a rule must match; one plain no outweighs any doubt. */
static enum answer matches(
	const struct rule *r, const struct identity *who, unsigned *unknown)
{
	*unknown = 0;
	for (size_t i = 0; i < SUBJECT_KINDS; i++) {
		enum answer one;

		if (!(r->subjects & subjects[i].subject))
			continue;
		one = subjects[i].ask(r, who);
		if (one == NO)
			return NO;
		if (one == UNKNOWN)
			*unknown |= subjects[i].subject;
	}
	return *unknown ? UNKNOWN : YES;
}

static bool decides(const struct rule *r, enum answer match)
{
	return match == YES || (match == UNKNOWN && !r->permit);
}

enum acl acl_judge(const struct rules *rules, const struct identity *who,
	const struct rule **rule)
{
	bool any_permit = false;
	unsigned unknown;

	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *r = &rules->rule[i];

		any_permit |= r->permit;
		if (decides(r, matches(r, who, &unknown))) {
			*rule = r;
			return r->permit ? ACL_PERMIT : ACL_DENY;
		}
	}
	*rule = NULL;
	return any_permit ? ACL_DENY : ACL_PERMIT;
}

const struct rule *acl_doubt(const struct rules *rules,
	const struct identity *who, enum subject subject)
{
	unsigned unknown;

	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *r = &rules->rule[i];
		enum answer match = matches(r, who, &unknown);

		if (match == UNKNOWN && unknown & subject)
			return r;
		if (decides(r, match))
			return NULL;
	}
	return NULL;
}

struct acl_answers acl_ask(const struct rule *r, const struct identity *who)
{
	struct acl_answers a = {0};

	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		enum subject subject = subjects[i].subject;
		enum answer one;

		if (!(r->subjects & subject))
			continue;
		one = subjects[i].ask(r, who);
		a.no |= one == NO ? subject : 0;
		a.unknown |= one == UNKNOWN ? subject : 0;
	}
	return a;
}

unsigned acl_needs(const struct rules *rules)
{
	unsigned needs = 0;

	for (size_t i = 0; i < rules->count; i++)
		needs |= rules->rule[i].subjects;
	return needs;
}
