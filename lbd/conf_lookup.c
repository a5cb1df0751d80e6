/*
 * Who the rules mean: names of users and groups become numbers, each asked for
 * once, since a name service can be slow. A program whose path is a link gets
 * a warning: rules see the whole path, with all links followed.
 */
#include "conf_parts.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER_LEAST = 1024, BUFFER_MOST = 1 << 24 };

/* errno of one question; ENOENT = there is no such name. */
static int ask(struct lookup *l, char *buffer, size_t size)
{
	struct passwd pw, *user = NULL;
	struct group gr, *group = NULL;
	int rc;

	if (l->subject == SUBJECT_USER)
		rc = getpwnam_r(l->word, &pw, buffer, size, &user);
	else
		rc = getgrnam_r(l->word, &gr, buffer, size, &group);
	if (user)
		l->id = user->pw_uid;
	else if (group)
		l->id = group->gr_gid;
	else /* getpwnam(3): many ways to say no */
		return !rc || rc == ESRCH || rc == EBADF || rc == EPERM ? ENOENT
									: rc;
	return 0;
}

static void resolve_id(struct draft *d, struct lookup *l)
{
	size_t size = BUFFER_LEAST;
	char *buffer = NULL, *larger;
	int rc;

	do {
		larger = realloc(buffer, size);
		if (!larger) {
			d->exhausted = true;
			break;
		}
		buffer = larger;
		rc = ask(l, buffer, size);
		size *= 4;
	} while (rc == ERANGE && size <= BUFFER_MOST);
	free(buffer);
	if (d->exhausted || !rc)
		return;
	l->fault = rc == ENOENT ? "unknown" : "cannot look up";
}

static void resolve_path(struct draft *d, struct lookup *l)
{
	char *target = realpath(l->word, NULL);

	if (target && strcmp(target, l->word))
		l->target = keep_text(d, target, strlen(target));
	free(target);
}

static void complete_rule(struct draft *d, const struct lookup *l)
{
	struct rule *rule = d->memory->rules.item;
	struct section *s = d->sections.item;
	const char *key;

	rule += l->rule;
	s += l->section;
	key = rule->permit ? "permit" : "deny";
	if (l->subject == SUBJECT_USER)
		rule->user = l->id;
	else if (l->subject == SUBJECT_GROUP)
		rule->group = l->id;
	else
		rule->exe = l->word;
	if (l->target)
		warn_of(d, s, key, rule->line,
			"exe %s is a link: programs appear as %s",
			quote(l->word).text, quote(l->target).text);
	if (!l->fault)
		return;
	s->bad |= key_bit(KEY_PERMIT);
	complain_of(d, s, key, rule->line, "%s %s %s", l->fault,
		l->subject == SUBJECT_USER ? "user" : "group",
		quote(l->word).text);
}

static bool same_lookup(const void *left, const void *right)
{
	const struct lookup *a = left, *b = right;

	return a->subject == b->subject && !strcmp(a->word, b->word);
}

static void resolve(struct draft *d, struct index *ix, struct lookup *l)
{
	struct span word = {l->word, strlen(l->word)};
	const struct lookup *first = index_add(ix, hash_text(word), l);

	if (first) {
		l->fault = first->fault;
		l->id = first->id;
		l->target = first->target;
	} else if (l->subject == SUBJECT_EXE) {
		resolve_path(d, l);
	} else {
		resolve_id(d, l);
	}
	complete_rule(d, l);
}

void lookups_resolve(struct draft *d)
{
	struct lookup *l = d->lookups.item;
	struct index ix = {.same = same_lookup};

	if (index_clear(d, &ix, d->lookups.count))
		for (size_t i = 0; i < d->lookups.count && !d->exhausted; i++)
			resolve(d, &ix, &l[i]);
	index_free(&ix);
}
