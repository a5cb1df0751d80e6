/*
 * Callers of whom the kernel does not tell what a rule asks for: whoever wrote
 * the rule learns why it does not do what it says, and is told once.
 */
#include "doubts.h"
#include "log.h"

#include <stdio.h>

struct others {
	char text[32];
};

static struct others and_more(size_t more)
{
	struct others o = {""};

	if (more)
		snprintf(o.text, sizeof(o.text), " and %zu more", more);
	return o;
}

static void say(const struct list *list, const struct rule *rule,
	enum subject subject, const char *why)
{
	static const char *const what[SUBJECT_KINDS] = {"user", "groups",
		"program", "control group", "host's addresses"};
	const char *service = list->service[0]->conf->name;
	struct log_about about = {.service = service, .reason = why};

	log_event(LEVEL_WARNING, "caller-unknown", &about,
		"callers whose %s cannot be known are judged without: service "
		"%s%s, line %d",
		what[subject_index(subject)], service,
		and_more(list->services - 1).text, rule->line);
}

void doubts_say(struct list *list, const struct identity *who)
{
	for (unsigned i = 0; i < SUBJECT_KINDS; i++) {
		enum subject subject = (enum subject)(1u << i);
		const struct rule *rule;

		if (!who->why[i] || list->doubted & subject)
			continue;
		rule = acl_doubt(list->rules, who, subject);
		if (!rule)
			continue;
		list->doubted |= subject;
		say(list, rule, subject, who->why[i]);
	}
}

void doubts_no_exe(const struct service_conf *s, const struct rule *rule,
	size_t more, const char *why)
{
	struct log_about about = {.service = s->name, .reason = why};

	log_event(LEVEL_WARNING, "no-exe", &about,
		"rules with exe hold for programs of this user alone: service "
		"%s%s, line %d",
		s->name, and_more(more).text, rule->line);
}
