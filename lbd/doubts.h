/* What rules ask for and callers do not show. */
#ifndef LBD_DOUBTS_H
#define LBD_DOUBTS_H

#include "acl.h"
#include "lbd.h"

/* Says what the list's rules had to judge `who` without: once of a list, and
 * of each kind of what is missing. */
void doubts_say(struct list *list, const struct identity *who);

/* For rights_warn(). */
void doubts_no_exe(const struct service_conf *s, const struct rule *rule,
	size_t more, const char *why);

#endif
