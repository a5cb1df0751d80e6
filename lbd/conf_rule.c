/*
 * permit and deny: one list a section, in the order of the file. A word that
 * names a user, a group or a program is noted for lookups_resolve().
 */
#include "conf_parts.h"

#include <string.h>

static const struct subject_word {
	const char *text;
	enum subject subject;
} subjects[] = {
	{"user", SUBJECT_USER},
	{"group", SUBJECT_GROUP},
	{"exe", SUBJECT_EXE},
};

static const struct subject_word *find_subject(const char *word)
{
	for (size_t i = 0; i < sizeof(subjects) / sizeof(*subjects); i++)
		if (!strcmp(subjects[i].text, word))
			return &subjects[i];
	return NULL;
}

/* A link in /proc never reads otherwise. */
static bool is_whole_path(const char *path)
{
	const char *at = path;

	if (*at != '/')
		return false;
	while (*at) {
		size_t size = strcspn(++at, "/");

		if (!size || (size == 1 && *at == '.') ||
			(size == 2 && !strncmp(at, "..", 2)))
			return false;
		at += size;
	}
	return true;
}

static void note_lookup(struct draft *d, enum subject subject, const char *word)
{
	struct lookup *l = list_add(d, &d->lookups, sizeof(*l));

	if (!l)
		return;
	l->subject = subject;
	l->word = keep_text(d, word, strlen(word));
	l->rule = d->memory->rules.count - 1;
	l->section = d->sections.count - 1;
}

/* All digits is a number, which stands for itself. */
static void read_id(struct draft *d, const struct key *k,
	const struct subject_word *s, const char *word, unsigned *id)
{
	if (word[strspn(word, "0123456789")])
		note_lookup(d, s->subject, word);
	else if (!value_number(word, 0, UINT32_MAX - 1, id))
		complain_of(d, d->open, k->name, d->line,
			"%s must be a name or 0..4294967294, not %s", s->text,
			quote(word).text);
}

static void read_subject(struct draft *d, const struct key *k,
	struct rule *rule, const struct subject_word *s, const char *word)
{
	if (!word)
		complain_of(d, d->open, k->name, d->line,
			"nothing stands after %s", s->text);
	else if (rule->subjects & s->subject)
		complain_of(d, d->open, k->name, d->line, "%s stands twice",
			s->text);
	else if (s->subject == SUBJECT_USER)
		read_id(d, k, s, word, &rule->user);
	else if (s->subject == SUBJECT_GROUP)
		read_id(d, k, s, word, &rule->group);
	else if (is_whole_path(word))
		note_lookup(d, s->subject, word);
	else
		complain_of(d, d->open, k->name, d->line,
			"exe must be a whole path (no //, . or ..), not %s",
			quote(word).text);
	rule->subjects |= s->subject;
}

static void read_subjects(
	struct draft *d, const struct key *k, struct rule *rule, char *rest)
{
	const char *word;

	while ((word = next_word(&rest))) {
		const struct subject_word *s = find_subject(word);

		if (s) {
			read_subject(d, k, rule, s, next_word(&rest));
			continue;
		}
		complain_of(d, d->open, k->name, d->line,
			"must be any, or user, group, exe with one word each, "
			"not %s",
			quote(word).text);
		return;
	}
}

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
	snprintf(text, sizeof(text), "%s", value);
	if (!strcmp(text, "any"))
		return;
	if (after(text, "any ") || after(text, "any\t"))
		complain_of(d, d->open, k->name, d->line,
			"any stands alone, not %s", quote(value).text);
	else
		read_subjects(d, k, rule, text);
}

/* Does whoever matches `rule` match `first` as well? */
static bool stands_before(const struct rule *first, const struct rule *rule)
{
	if (first->subjects & ~rule->subjects)
		return false;
	if (first->subjects & SUBJECT_USER && first->user != rule->user)
		return false;
	if (first->subjects & SUBJECT_GROUP && first->group != rule->group)
		return false;
	return !(first->subjects & SUBJECT_EXE) ||
		!strcmp(first->exe, rule->exe);
}

void check_rules(struct draft *d, const struct section *s)
{
	const struct rule *rule =
		list_at(&d->memory->rules, s->rules, sizeof(*rule));

	if (s->bad & (key_bit(KEY_PERMIT) | key_bit(KEY_DENY)))
		return;
	for (size_t i = 1; i < s->rules.count; i++) {
		size_t n = 0;

		while (n < i && !stands_before(&rule[n], &rule[i]))
			n++;
		if (n < i)
			warn_of(d, s, rule[i].permit ? "permit" : "deny",
				rule[i].line,
				"matches nobody, as line %d matches first",
				rule[n].line);
	}
}
