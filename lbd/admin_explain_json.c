/*
 * One connect() that is only thought of, as JSON: who it is by, every rule in
 * its turn and what came of it, and what its program gets.
 */
#include "admin_explain.h"
#include "admin_json.h"

#include <errno.h>
#include <string.h>

/* "user", ... for every bit. */
static json_t *subjects_json(unsigned subjects)
{
	json_t *array = json_array();
	bool whole = array;

	for (unsigned bit = 1; whole && subjects; bit <<= 1) {
		if (subjects & bit)
			whole = admin_json_add(
				array, json_string(subject_word(bit)));
		subjects &= ~bit;
	}
	return admin_json_whole(array, whole);
}

static json_t *groups_json(const struct identity *who)
{
	json_t *array = json_array();
	bool whole = array;

	for (size_t i = 0; whole && i < who->groups; i++)
		whole = admin_json_add(array, json_integer(who->group[i]));
	return admin_json_whole(array, whole);
}

/* {"exe": "no CAP_SYS_PTRACE"} */
static json_t *reasons_json(const struct identity *who)
{
	json_t *reasons = json_object();
	bool whole = reasons;

	for (unsigned i = 0; whole && i < SUBJECT_KINDS; i++)
		if (who->why[i])
			whole = !json_object_set_new(reasons,
				subject_word(1u << i),
				admin_json_string(who->why[i]));
	return admin_json_whole(reasons, whole);
}

json_t *explain_identity(const struct identity *who)
{
	json_t *json = json_pack("{s:o,s:o,s:o,s:o,s:o}", "uid",
		who->user_known ? json_integer(who->user) : json_null(),
		"groups", who->groups_known ? groups_json(who) : json_null(),
		"exe", who->exe ? admin_json_string(who->exe) : json_null(),
		"cgroup",
		who->cgroup ? admin_json_string(who->cgroup) : json_null(),
		"unknown_because", reasons_json(who));

	return admin_json_whole(json,
		!who->pid ||
			!json_object_set_new(
				json, "pid", json_integer(who->pid)));
}

static const char *match_word(const struct acl_answers *a)
{
	return a->no ? "no" : a->unknown ? "unknown" : "yes";
}

/* Rules behind the one that decides are listed, and not asked. */
static json_t *rule_json(const struct rule *r, const struct rule *decides,
	const struct acl_answers *a)
{
	bool asked = !decides || r <= decides;

	return json_pack("{s:i,s:s,s:o,s:b,s:s,s:o,s:o,s:b}", "line", r->line,
		"key", r->permit ? "permit" : "deny", "value",
		admin_json_string(r->written), "by_default", (int)r->by_default,
		"match", asked ? match_word(a) : "not asked", "no",
		subjects_json(asked ? a->no : 0), "unknown",
		subjects_json(asked ? a->unknown : 0), "decides",
		(int)(r == decides));
}

static json_t *rules_json(const struct rules *rules, const struct identity *who,
	const struct rule *decides)
{
	json_t *array = json_array();
	bool whole = array;

	for (size_t i = 0; whole && i < rules->count; i++) {
		struct acl_answers a = acl_ask(&rules->rule[i], who);

		whole = admin_json_add(
			array, rule_json(&rules->rule[i], decides, &a));
	}
	return admin_json_whole(array, whole);
}

static const char *why_word(
	const struct rules *rules, enum acl verdict, const struct rule *decides)
{
	if (!rules->count)
		return "there are no rules";
	if (decides)
		return "rule";
	return verdict == ACL_PERMIT ? "no deny rule matched"
				     : "no permit rule matched";
}

/* ---- the whole ---- */

static json_t *asked_json(const struct place *p)
{
	struct addr asked = *p->address;
	char text[ADDR_TEXT_MAX];
	unsigned length;

	if (p->port)
		asked.port = p->port;
	length = addr_text(&asked, true, text);
	if (!asked.port)
		text[length - 1] = '*';
	return json_stringn(text, length);
}

/* What its program gets; 0: a connection, as far as we are concerned. */
static int error_of(
	enum acl verdict, const struct spin *s, const struct service *service)
{
	if (verdict != ACL_PERMIT)
		return EACCES;
	return s->open ? 0 : service->conf->no_backend;
}

json_t *explain_place(const struct lbd *lbd, const struct place *place,
	const struct identity *who)
{
	const struct service *s = place->service;
	const struct rules *rules = &s->conf->rules;
	bool v4 = addr_is_v4(place->address);
	const struct rule *decides;
	enum acl verdict = acl_judge(rules, who, &decides);
	struct spin wheel;
	json_t *json = NULL;
	int error;

	if (explain_spin(&wheel, s, v4 ? FAMILY_V4 : FAMILY_V6)) {
		error = error_of(verdict, &wheel, s);
		json = json_pack(
			"{s:s,s:o,s:s,s:s,s:o,s:o,s:o,s:b,s:s,s:s,s:o,s:o}",
			"service", s->conf->name, "address", asked_json(place),
			"protocol",
			s->conf->protocol == PROTOCOL_UDP ? "udp" : "tcp",
			"balance", admin_json_balance(s->conf->balance),
			"probe", admin_json_probe(s->conf), "counts",
			admin_json_counts(lbd), "rules",
			rules_json(rules, who, decides), "permitted",
			(int)(verdict == ACL_PERMIT), "why",
			why_word(rules, verdict, decides), "tier",
			explain_tier(&wheel), "backends",
			explain_backends(lbd, &wheel, s), "error",
			error ? json_string(strerrorname_np(error))
			      : json_null());
	}
	explain_spin_end(&wheel);
	return json;
}
