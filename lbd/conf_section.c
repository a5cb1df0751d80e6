/*
 * Sections: which there are, and where. A section that is unknown, or stands
 * there a second time, is read like the one that was probably meant, so that
 * one run finds all errors of a file; it is never applied.
 */
#include "conf_parts.h"

#include <stdlib.h>
#include <string.h>

static const struct opening {
	const char *word;
	enum section_kind kind;
} openings[] = {
	{"lbd", SECTION_LBD},
	{"defaults", SECTION_DEFAULTS},
	{"service", SECTION_SERVICE},
};

enum { OPENINGS = sizeof(openings) / sizeof(*openings) };

enum { HINT_ROOM = sizeof(struct quoted) + 64 };

static const char service_word[] = "service ";

static struct span drop(struct span s, size_t bytes)
{
	return (struct span){s.at + bytes, s.size - bytes};
}

static enum section_kind kind_of(struct span title)
{
	size_t size = strlen(service_word);

	if (span_is(title, "lbd"))
		return SECTION_LBD;
	if (span_is(title, "defaults"))
		return SECTION_DEFAULTS;
	if (title.size >= size && !memcmp(title.at, service_word, size))
		return SECTION_SERVICE;
	return SECTION_UNKNOWN;
}

struct span section_name(const struct section *s)
{
	return drop(s->title, strlen(service_word));
}

/* Of blanks, or of all else; some take other things for blanks. */
static size_t leading(struct span s, bool blanks)
{
	size_t n = 0;

	while (n < s.size && !!memchr(" \t:.\"", s.at[n], 5) == blanks)
		n++;
	return n;
}

/* What was meant, if that can be told: " (service api?)" and its kind. */
static enum section_kind guess(struct span title, char hint[HINT_ROOM])
{
	struct span word = drop(title, leading(title, true)), rest;
	const struct opening *best = NULL;
	unsigned nearest = HINT_FAR;

	rest = drop(word, leading(word, false));
	word.size -= rest.size;
	rest = drop(rest, leading(rest, true));
	snprintf(
		hint, HINT_ROOM, " (there are lbd, defaults and service NAME)");
	for (size_t i = 0; i < OPENINGS; i++) {
		unsigned n = hint_distance(word, openings[i].word);

		if (n >= nearest)
			continue;
		nearest = n;
		best = &openings[i];
	}
	if (!best)
		return SECTION_UNKNOWN;
	if (best->kind != SECTION_SERVICE)
		snprintf(hint, HINT_ROOM, " (%s?)", best->word);
	else
		snprintf(hint, HINT_ROOM, " (service %s?)",
			rest.size ? visible(rest).text : "NAME");
	return best->kind;
}

static void judge_title(struct draft *d, struct section *s)
{
	char hint[HINT_ROOM];
	struct span name;

	s->kind = kind_of(s->title);
	if (s->kind == SECTION_UNKNOWN) {
		s->stray = true;
		s->kind = guess(s->title, hint);
		complain_of(d, s, NULL, d->line, "unknown section%s", hint);
	}
	if (s->kind != SECTION_SERVICE || s->stray)
		return;
	name = section_name(s);
	if (value_name(name))
		return;
	s->stray = true;
	complain_of(d, s, NULL, d->line,
		"name must be 1-%d of A-Z a-z 0-9 . _ -, not %s", NAME_BYTES,
		quote_span(name).text);
}

void section_open(struct draft *d, struct span title, bool sound)
{
	struct section *s = list_add(d, &d->sections, sizeof(*s));
	char hint[HINT_ROOM];

	d->open = s;
	if (!s)
		return;
	s->title = title;
	s->line = d->line;
	s->addresses.first = d->memory->addresses.count;
	s->names.first = d->memory->names.count;
	s->backends.first = d->memory->backends.count;
	s->rules.first = d->memory->rules.count;
	if (sound) {
		judge_title(d, s);
		return;
	}
	s->stray = true;
	s->kind = kind_of(title);
	if (s->kind == SECTION_UNKNOWN)
		s->kind = guess(title, hint);
}

static bool same_title(const void *left, const void *right)
{
	const struct section *a = left, *b = right;

	return a->title.size == b->title.size &&
		!memcmp(a->title.at, b->title.at, a->title.size);
}

static void settle(struct draft *d, struct index *ix, struct section *s)
{
	const struct section *first;

	if (s->stray)
		return;
	first = index_add(ix, hash_text(s->title), s);
	if (first) {
		s->stray = true;
		complain_of(d, s, NULL, s->line, "stands on line %d already",
			first->line);
	} else if (s->kind == SECTION_LBD) {
		d->lbd = s;
	} else if (s->kind == SECTION_DEFAULTS) {
		d->defaults = s;
	}
}

void sections_settle(struct draft *d)
{
	struct section *s = d->sections.item;
	struct index ix = {.same = same_title};

	if (index_clear(d, &ix, d->sections.count))
		for (size_t i = 0; i < d->sections.count; i++)
			settle(d, &ix, &s[i]);
	index_free(&ix);
}
