/*
 * Who the rules mean: names of users and groups become numbers, each asked for
 * once, since a name service can be slow. A program whose path is a link, or
 * leads nowhere, gets a warning: rules see the whole path, with all links
 * followed.
 *
 *	sort out -> ask (whoever may wait) -> settle
 */
#include "conf_parts.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { BUFFER_LEAST = 1024, BUFFER_MOST = 1 << 24 };

static bool same_lookup(const void *left, const void *right)
{
	const struct lookup *a = left, *b = right;

	return a->subject == b->subject && !strcmp(a->word, b->word);
}

static uint64_t hash_word(const struct lookup *l)
{
	return hash_text((struct span){l->word, strlen(l->word)});
}

void lookups_sort_out(struct draft *d)
{
	struct lookup *l = d->memory->lookups.item;
	struct index ix = {.same = same_lookup};

	if (d->exhausted || !index_clear(d, &ix, d->memory->lookups.count))
		return;
	for (size_t i = 0; i < d->memory->lookups.count; i++) {
		const struct lookup *first =
			index_add(&ix, hash_word(&l[i]), &l[i]);

		l[i].first = first ? (size_t)(first - l) : i;
	}
	index_free(&ix);
}

/* errno of one question; ENOENT = there is no such name. */
static int ask_names(struct lookup *l, char *buffer, size_t size)
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

static int ask_id(struct lookup *l)
{
	size_t size = BUFFER_LEAST;
	char *buffer = NULL, *larger;
	int rc;

	do {
		larger = realloc(buffer, size);
		if (!larger) {
			rc = ENOMEM;
			break;
		}
		buffer = larger;
		rc = ask_names(l, buffer, size);
		size *= 4;
	} while (rc == ERANGE && size <= BUFFER_MOST);
	free(buffer);
	return rc;
}

char *lookup_ask(struct lookup *l)
{
	struct stat at;
	char *path;

	if (l->subject != SUBJECT_EXE) {
		l->err = ask_id(l);
		return NULL;
	}
	path = realpath(l->word, NULL);
	l->err = path ? 0 : errno;
	/* GCOVR_EXCL_BR_START: it went in between */
	if (path && !stat(path, &at) && S_ISDIR(at.st_mode))
		l->err = EISDIR;
	/* GCOVR_EXCL_BR_STOP */
	return path;
}

void lookup_lead(struct draft *d, struct lookup *l, const char *path)
{
	if (path && strcmp(path, l->word))
		l->target = keep_text(d, path, strlen(path));
}

void lookups_ask(struct draft *d)
{
	struct lookup *l = d->memory->lookups.item;

	for (size_t i = 0; i < d->memory->lookups.count; i++) {
		char *path;

		if (l[i].first != i)
			continue;
		path = lookup_ask(&l[i]);
		lookup_lead(d, &l[i], path);
		free(path);
		d->exhausted |= l[i].err == ENOMEM;
	}
}

/* An exe: whatever it is called, a program appears by one path. */
static void warn_of_path(struct draft *d, const struct section *s,
	const struct rule *rule, const struct lookup *l)
{
	const char *key = rule->permit ? "permit" : "deny";

	if (l->target)
		warn_of(d, s, key, rule->line,
			"exe %s is a link: programs appear as %s",
			quote(l->word).text, quote(l->target).text);
	else if (l->err == EISDIR)
		warn_of(d, s, key, rule->line,
			"exe %s is a directory: no program appears as that",
			quote(l->word).text);
	else if (l->err == ENOENT || l->err == ENOTDIR)
		warn_of(d, s, key, rule->line, "exe %s does not exist",
			quote(l->word).text);
}

static void settle(struct draft *d, const struct lookup *l)
{
	struct rule *rule = d->memory->rules.item;
	struct section *s = d->sections.item;

	rule += l->rule;
	s += l->section;
	if (l->subject == SUBJECT_USER)
		rule->user = l->id;
	else if (l->subject == SUBJECT_GROUP)
		rule->group = l->id;
	else
		rule->exe = l->word;
	if (l->subject == SUBJECT_EXE) {
		warn_of_path(d, s, rule, l);
	} else if (l->err) {
		s->bad |= key_bit(KEY_PERMIT);
		complain_of(d, s, rule->permit ? "permit" : "deny", rule->line,
			"%s %s %s",
			l->err == ENOENT ? "unknown" : "cannot look up",
			subject_word(l->subject), quote(l->word).text);
	}
}

/* A name that stands for somebody else since the last time: the old number may
 * be another's by now. */
static void compare(
	struct draft *d, const struct lookup *l, const struct lookup *before)
{
	const struct rule *rule = d->memory->rules.item;
	const struct section *s = d->sections.item;

	rule += l->rule;
	s += l->section;
	if (before && l->subject != SUBJECT_EXE && !l->err &&
		l->id != before->id)
		warn_of(d, s, rule->permit ? "permit" : "deny", rule->line,
			"%s %s is %u now; it was %u when the file was last "
			"read",
			subject_word(l->subject), quote(l->word).text, l->id,
			before->id);
}

static void compare_all(struct draft *d, const struct conf_memory *before)
{
	const struct lookup *l = d->memory->lookups.item;
	const struct lookup *old = before->lookups.item;
	struct index ix = {.same = same_lookup};

	if (!index_clear(d, &ix, before->lookups.count))
		return;
	for (size_t i = 0; i < before->lookups.count; i++)
		if (old[i].first == i)
			index_add(&ix, hash_word(&old[i]), &old[i]);
	for (size_t i = 0; i < d->memory->lookups.count; i++)
		if (l[i].first == i)
			compare(d, &l[i],
				index_find(&ix, hash_word(&l[i]), &l[i]));
	index_free(&ix);
}

void lookups_settle(struct draft *d, const struct conf_memory *before)
{
	struct lookup *l = d->memory->lookups.item;

	for (size_t i = 0; i < d->memory->lookups.count && !d->exhausted; i++) {
		const struct lookup *first = &l[l[i].first];

		l[i].err = first->err;
		l[i].id = first->id;
		l[i].target = first->target;
		settle(d, &l[i]);
	}
	if (before && !d->exhausted)
		compare_all(d, before);
}
