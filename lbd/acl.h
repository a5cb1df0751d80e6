/* Who may call: rules against an identity. Pure. */
#ifndef LBD_ACL_H
#define LBD_ACL_H

#include "conf.h"

/* What is known of a caller. What is not known is said to be so. */
struct identity {
	bool user_known, groups_known, addresses_known;
	uid_t user;
	const gid_t *group; /* the primary and the supplementary ones */
	size_t groups;
	const char *exe;	    /* resolved path; NULL = unknown */
	const char *cgroup;	    /* path; NULL = unknown */
	const struct addr *address; /* this host's, of any interface */
	size_t addresses;
	const char *why[SUBJECT_KINDS]; /* it is not known; subject_index() */
	pid_t pid;			/* for messages */
};

static inline unsigned subject_index(enum subject subject)
{
	return (unsigned)__builtin_ctz(subject);
}

enum acl { ACL_PERMIT, ACL_DENY };

/*
 * The first rule that matches decides; with none, the caller is denied if any
 * permit rule exists. `rule` is set to that rule, or NULL where none matched.
 * What is unknown matches no permit rule that needs it, and any deny rule.
 */
enum acl acl_judge(const struct rules *rules, const struct identity *who,
	const struct rule **rule);

/* What the rules ask of a caller: SUBJECT_*. */
unsigned acl_needs(const struct rules *rules);

/*
 * The first rule that asked for what is not known of `who`, before one decided;
 * NULL where none did.
 */
const struct rule *acl_doubt(const struct rules *rules,
	const struct identity *who, enum subject subject);

/* What each subject of a rule says, as SUBJECT_* bits. One no is a no of the
 * whole; without any, what is unknown leaves it open. */
struct acl_answers {
	unsigned no, unknown;
};
struct acl_answers acl_ask(const struct rule *r, const struct identity *who);

#endif
