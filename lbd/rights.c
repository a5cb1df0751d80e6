/*
 * Rights of lbd's own: /proc/PID/exe of another user's process is shown to who
 * might trace it. A rule that rests on that does not do what it says where lbd
 * may not look, and whoever wrote it is told.
 */
#include "rights.h"
#include "capable.h"
#include "identify.h"

#include <linux/capability.h>

static const struct rule *find_exe(const struct rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		if (rules->rule[i].subjects & SUBJECT_EXE)
			return &rules->rule[i];
	return NULL;
}

/* A capability counts in its own user namespace alone. */
static const char *find_obstacle(void)
{
	if (!is_capable(CAP_SYS_PTRACE))
		return "no CAP_SYS_PTRACE";
	if (!identify_sees_all_users())
		return "a user namespace without all users";
	return NULL;
}

void rights_warn(const struct conf *conf,
	void (*say_it)(const struct service_conf *s, const struct rule *rule,
		size_t more, const char *why))
{
	const struct service_conf *first = NULL;
	const char *why = find_obstacle();
	size_t all = 0;

	for (size_t i = 0; why && i < conf->services; i++) {
		if (!find_exe(&conf->service[i].rules))
			continue;
		if (!all++)
			first = &conf->service[i];
	}
	if (first)
		say_it(first, find_exe(&first->rules), all - 1, why);
}
