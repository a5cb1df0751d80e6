/*
 * One connect() that is only thought of, as JSON: every rule in its turn and
 * what came of it, then the wheel with every backend and what keeps it off.
 */
#include "admin_explain.h"
#include "admin_json.h"
#include "publish_wheels.h"
#include "wheel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Takes `item`; false where memory is short. */
static bool add(json_t *array, json_t *item)
{
	return !json_array_append_new(array, item);
}

/* Half of an answer would be another one. */
static json_t *keep(json_t *value, bool whole)
{
	if (whole)
		return value;
	json_decref(value);
	return NULL;
}

/* "user", ... for every bit. */
static json_t *subjects_json(unsigned subjects)
{
	json_t *array = json_array();
	bool whole = array;

	for (unsigned bit = 1; whole && subjects; bit <<= 1) {
		if (subjects & bit)
			whole = add(array, json_string(subject_word(bit)));
		subjects &= ~bit;
	}
	return keep(array, whole);
}

static json_t *groups_json(const struct identity *who)
{
	json_t *array = json_array();
	bool whole = array;

	for (size_t i = 0; whole && i < who->groups; i++)
		whole = add(array, json_integer(who->group[i]));
	return keep(array, whole);
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
	return keep(reasons, whole);
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

	return keep(json,
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

		whole = add(array, rule_json(&rules->rule[i], decides, &a));
	}
	return keep(array, whole);
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

/* ---- the wheel ---- */

struct spin {
	struct wheel_item *item;
	struct wheel_plan plan;
	size_t items, open;	     /* open: on the wheel and not full */
	const struct backend *first; /* of those */
	bool primary, backup;
};

/* The wheel as callers have it now. False if memory is short. */
static bool spin(
	struct spin *to, const struct service *s, enum table_family family)
{
	*to = (struct spin){
		.item = calloc(s->backends + 1, sizeof(*to->item)),
		.plan.stop = calloc(s->backends + 1, sizeof(uint64_t)),
	};
	if (!to->item || !to->plan.stop)
		return false;
	to->items = publish_wheel_plan(s, family, to->item, &to->plan);
	for (size_t i = 0; i < to->plan.stops; i++) {
		const struct backend *b =
			s->backend[(uint32_t)to->plan.stop[i]];

		if (!b->full && !to->open++)
			to->first = b;
		to->primary |= !b->conf->backup;
		to->backup |= b->conf->backup;
	}
	return true;
}

static void spin_end(struct spin *s)
{
	free(s->item);
	free(s->plan.stop);
}

/* Percent of the wheel; 0: not on it. */
static double width_of(const struct spin *s, const struct backend *b)
{
	uint32_t before = 0;

	for (size_t i = 0; i < s->plan.stops; i++) {
		uint32_t end = s->plan.stop[i] >> 32;

		if ((uint32_t)s->plan.stop[i] == b->ordinal)
			return 100.0 * (end - before) / s->plan.total;
		before = end;
	}
	return 0;
}

/* The first that is usable may be the only one. */
static bool is_passed_over(const struct spin *s, const struct backend *b)
{
	return b->service->conf->balance == BALANCE_FIRST && s->first != b;
}

/* Why callers are not sent there; NULL: they are. */
static const char *why_not(
	const struct spin *s, const struct backend *b, double width)
{
	if (width > 0 && b->full)
		return "full";
	if (width > 0)
		return is_passed_over(s, b) ? "not the first" : NULL;
	if (b->will != WILL_READY)
		return b->will == WILL_DRAIN ? "drained by hand"
					     : "in maintenance by hand";
	if (!health_is_usable(b))
		return health_is_ejected(b) ? "ejected" : "down";
	if (b->conf->backup && s->primary)
		return "a backup, while others are used";
	return "another zone";
}

static double share_of(
	const struct spin *s, const struct backend *b, double width)
{
	if (b->service->conf->balance != BALANCE_FIRST)
		return width;
	return s->first == b ? 100 : 0;
}

static json_t *backend_json(
	const struct lbd *lbd, const struct spin *s, const struct backend *b)
{
	json_t *json = admin_json_backend(lbd, b);
	double width = width_of(s, b);
	const char *why = why_not(s, b, width);

	return keep(json,
		!json_object_set_new(
			json, "share", json_real(share_of(s, b, width))) &&
			!json_object_set_new(
				json, "chosen", json_boolean(!why)) &&
			(!why ||
				!json_object_set_new(
					json, "not_chosen", json_string(why))));
}

static json_t *backends_json(const struct lbd *lbd, const struct spin *s,
	const struct service *service)
{
	json_t *array = json_array();
	bool whole = array;

	for (size_t i = 0; whole && i < s->items; i++)
		whole = add(array,
			backend_json(
				lbd, s, service->backend[s->item[i].ordinal]));
	return keep(array, whole);
}

static const char *tier_word(const struct spin *s)
{
	if (s->plan.panic)
		return "panic";
	if (s->primary && s->backup)
		return "all are full, and backups";
	if (!s->primary && !s->backup)
		return "none";
	return s->primary ? "usable" : "backups";
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

	if (spin(&wheel, s, v4 ? FAMILY_V4 : FAMILY_V6)) {
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
			tier_word(&wheel), "backends",
			backends_json(lbd, &wheel, s), "error",
			error ? json_string(strerrorname_np(error))
			      : json_null());
	}
	spin_end(&wheel);
	return json;
}
