/*
 * Who a rule is about: words, and what each of them takes. One that names a
 * user, a group or a program is noted for lookups_settle().
 */
#include "conf_parts.h"

#include <string.h>

struct subject_word {
	const char *text;
	enum subject subject;
	void (*read)(struct draft *d, const struct key *k,
		const struct subject_word *s, struct rule *rule,
		const char *word);
	/* Both rules name it: does `rule`'s lie in `wider`'s? */
	bool (*covers)(const struct rule *wider, const struct rule *rule);
};

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
	struct lookup *l = list_add(d, &d->memory->lookups, sizeof(*l));

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

static void read_user(struct draft *d, const struct key *k,
	const struct subject_word *s, struct rule *rule, const char *word)
{
	read_id(d, k, s, word, &rule->user);
}

static bool covers_user(const struct rule *wider, const struct rule *rule)
{
	return wider->user == rule->user;
}

static void read_group(struct draft *d, const struct key *k,
	const struct subject_word *s, struct rule *rule, const char *word)
{
	read_id(d, k, s, word, &rule->group);
}

static bool covers_group(const struct rule *wider, const struct rule *rule)
{
	return wider->group == rule->group;
}

static void read_exe(struct draft *d, const struct key *k,
	const struct subject_word *s, struct rule *rule, const char *word)
{
	(void)rule;
	if (is_whole_path(word))
		note_lookup(d, s->subject, word);
	else
		complain_of(d, d->open, k->name, d->line,
			"exe must be a whole path (no //, . or .., nor / at "
			"the end), not %s",
			quote(word).text);
}

static bool covers_exe(const struct rule *wider, const struct rule *rule)
{
	return !strcmp(wider->exe, rule->exe);
}

/* The one path that may end in a slash is that of the uppermost group. */
static void read_cgroup(struct draft *d, const struct key *k,
	const struct subject_word *s, struct rule *rule, const char *word)
{
	(void)s;
	rule->cgroup = keep_text(d, word, strlen(word));
	if (strcmp(word, "/") && !is_whole_path(word))
		complain_of(d, d->open, k->name, d->line,
			"cgroup must be a whole path (no //, . or .., nor / at "
			"the end), not %s",
			quote(word).text);
}

bool cgroup_holds(const char *cgroup, const char *path)
{
	size_t size = strlen(cgroup);

	if (size == 1)
		return true;
	return !strncmp(path, cgroup, size) &&
		(path[size] == '/' || !path[size]);
}

static bool covers_cgroup(const struct rule *wider, const struct rule *rule)
{
	return cgroup_holds(wider->cgroup, rule->cgroup);
}

static void read_net(struct draft *d, const struct key *k,
	const struct subject_word *s, struct rule *rule, const char *word)
{
	struct range meant;
	const char *fault = value_range(word, &rule->net, &meant);

	(void)s;
	if (fault && meant.bits)
		complain_of(d, d->open, k->name, d->line,
			"net %s (%s?), not %s", fault, show_range(&meant).text,
			quote(word).text);
	else if (fault)
		complain_of(d, d->open, k->name, d->line, "net %s, not %s",
			fault, quote(word).text);
}

static bool covers_net(const struct rule *wider, const struct rule *rule)
{
	return wider->net.bits <= rule->net.bits &&
		range_holds(&wider->net, &rule->net.first);
}

static const struct subject_word subjects[] = {
	{"user", SUBJECT_USER, read_user, covers_user},
	{"group", SUBJECT_GROUP, read_group, covers_group},
	{"exe", SUBJECT_EXE, read_exe, covers_exe},
	{"cgroup", SUBJECT_CGROUP, read_cgroup, covers_cgroup},
	{"net", SUBJECT_NET, read_net, covers_net},
};

enum { KINDS = sizeof(subjects) / sizeof(*subjects) };

const char *subject_word(enum subject subject)
{
	for (size_t i = 0; i < KINDS; i++)
		if (subjects[i].subject == subject)
			return subjects[i].text;
	return "any";
}

bool rule_covers(const struct rule *wider, const struct rule *rule)
{
	if (wider->subjects & ~rule->subjects)
		return false;
	for (size_t i = 0; i < KINDS; i++)
		if (wider->subjects & subjects[i].subject &&
			!subjects[i].covers(wider, rule))
			return false;
	return true;
}

static const struct subject_word *find_subject(const char *word)
{
	for (size_t i = 0; i < KINDS; i++)
		if (!strcmp(subjects[i].text, word))
			return &subjects[i];
	return NULL;
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
	else
		s->read(d, k, s, rule, word);
	rule->subjects |= s->subject;
}

/* What other programs call it, or what stands there without its word. */
static const char *foreign_subject(const char *word)
{
	static const struct {
		const char *word, *meant;
	} others[] = {
		{"all", "any"},
		{"everybody", "any"},
		{"everyone", "any"},
		{"uid", "user"},
		{"gid", "group"},
		{"program", "exe"},
		{"control-group", "cgroup"},
		{"network", "net"},
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (!strcmp(word, others[i].word))
			return others[i].meant;
	if (*word == '/')
		return "exe /PATH";
	return strchr(word, '/') ? "net IP/PREFIX" : NULL;
}

static const char *nearest_subject(const char *word)
{
	struct span written = {word, strlen(word)};
	unsigned nearest = hint_distance(written, "any");
	const char *hint = nearest == HINT_FAR ? NULL : "any";

	for (size_t i = 0; i < KINDS; i++) {
		unsigned n = hint_distance(written, subjects[i].text);

		if (n >= nearest)
			continue;
		nearest = n;
		hint = subjects[i].text;
	}
	return hint;
}

static void refuse_word(struct draft *d, const struct key *k, const char *word)
{
	const char *hint = foreign_subject(word);

	if (!hint && strcmp(word, "any")) /* which is right, but not here */
		hint = nearest_subject(word);
	complain_of(d, d->open, k->name, d->line,
		"must be any, or user, group, exe, cgroup, net with one word "
		"each, not %s%s%s%s",
		quote(word).text, hint ? " (" : "", hint ? hint : "",
		hint ? "?)" : "");
}

void read_subjects(
	struct draft *d, const struct key *k, struct rule *rule, char *rest)
{
	const char *word;

	while ((word = next_word(&rest))) {
		const struct subject_word *s = find_subject(word);

		if (s) {
			read_subject(d, k, rule, s, next_word(&rest));
			continue;
		}
		refuse_word(d, k, word);
		return;
	}
}
