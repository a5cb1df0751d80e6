/*
 * permit and deny: one list a section, in the order of the file. What one line
 * says of who is conf_subject.c's.
 */
#include "conf_parts.h"

#include <string.h>

void read_rule(struct draft *d, const struct key *k, const char *value)
{
	char text[LINE_BYTES + 1];
	struct rule *rule;

	if (d->open->rules.count >= RULES_MOST) {
		if (d->open->rules.count++ == RULES_MOST)
			complain_of(d, d->open, k->name, d->line,
				"more than %d rules", RULES_MOST);
		return;
	}
	rule = list_add(d, &d->memory->rules, sizeof(*rule));
	if (!rule)
		return;
	d->open->rules.count++;
	rule->permit = k == &conf_keys[KEY_PERMIT];
	rule->line = d->line;
	rule->written = keep_text(d, value, strlen(value));
	rule->by_default = d->open->kind == SECTION_DEFAULTS;
	snprintf(text, sizeof(text), "%s", value);
	if (!strcmp(text, "any"))
		return;
	if (after(text, "any ") || after(text, "any\t"))
		complain_of(d, d->open, k->name, d->line,
			"any stands alone, not %s", quote(value).text);
	else
		read_subjects(d, k, rule, text);
}

/* No host is judged by such an address, and none has one of a group. */
static bool is_vain(const struct range *net)
{
	static const struct range vain[] = {
		{{.lo = ADDR_V4_PREFIX | 127u << 24}, 96 + 8},
		{{.lo = ADDR_V4_PREFIX | 169u << 24 | 254u << 16}, 96 + 16},
		{{.lo = ADDR_V4_PREFIX | 224u << 24}, 96 + 4},
		{{.lo = 1}, 128},
		{{.hi = (uint64_t)0xfe80 << 48}, 10},
		{{.hi = (uint64_t)0xff << 56}, 8},
	};

	for (size_t i = 0; i < sizeof(vain) / sizeof(*vain); i++)
		if (net->bits >= vain[i].bits &&
			range_holds(&vain[i], &net->first))
			return true;
	return false;
}

static void check_rule(struct draft *d, const struct section *s,
	const struct rule *first, const struct rule *rule)
{
	const char *key = rule->permit ? "permit" : "deny";

	while (first < rule && !rule_covers(first, rule))
		first++;
	if (first < rule)
		warn_of(d, s, key, rule->line,
			"matches nobody, as line %d matches first",
			first->line);
	else if (rule->subjects & SUBJECT_NET && is_vain(&rule->net))
		warn_of(d, s, key, rule->line,
			"matches nobody: of a host, addresses in %s do not "
			"count",
			show_range(&rule->net).text);
}

void check_rules(struct draft *d, const struct section *s)
{
	const struct rule *rule =
		list_at(&d->memory->rules, s->rules, sizeof(*rule));

	if (s->bad & (key_bit(KEY_PERMIT) | key_bit(KEY_DENY)))
		return;
	for (size_t i = 0; i < s->rules.count; i++)
		check_rule(d, s, rule, &rule[i]);
}
