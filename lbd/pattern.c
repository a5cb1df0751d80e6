/*
 * A pattern becomes steps, each of which takes a byte, checks a place, or leads
 * on to one or two others.
 *
 * What a single [...] or \w takes is asked of the C library, once per byte.
 * Texts that it would not compile never come here.
 */
#include "pattern_parts.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

enum {
	TEXT_MOST = 256,
	FOR_EVER = UINT16_MAX,
};

/* A pattern in the making. */
struct scribe {
	struct pattern *p;
	uint16_t set_at[TEXT_MOST]; /* 1 + the set of what stands there */
	const char *text;
	bool failed;
};

struct times {
	unsigned least, most;
};

static uint16_t add_step(struct scribe *s, enum kind kind, unsigned char what)
{
	struct pattern *p = s->p;

	if (p->steps == STEPS_MOST) {
		s->failed = true;
		return 0;
	}
	p->step[p->steps] = (struct step){
		.kind = kind,
		.what = what,
		.other = NOWHERE,
		.next = (uint16_t)(p->steps + 1),
	};
	return (uint16_t)p->steps++;
}

static uint16_t here(const struct scribe *s)
{
	return (uint16_t)s->p->steps;
}

/* Behind [...]: ] comes first, and so does one of a class, [:alpha:]. */
static const char *behind_bracket(const char *at)
{
	at += 1 + (at[1] == '^');
	at += *at == ']';
	while (*at != ']') {
		const char close[] = {at[1], ']', '\0'};
		bool named = at[0] == '[' && strchr(":.=", at[1]);

		at = named ? strstr(at + 2, close) + 2 : at + 1;
	}
	return at + 1;
}

static const char *behind_atom(const char *at)
{
	unsigned depth = 0;

	do {
		if (*at == '[') {
			at = behind_bracket(at);
			continue;
		}
		depth += *at == '(';
		depth -= *at == ')' && depth;
		at += 1 + (*at == '\\');
	} while (depth);
	return at;
}

static struct times read_times(const char **at)
{
	const char kind = *(*at)++;
	struct times t = {kind == '+', kind == '?' ? 1 : FOR_EVER};
	char *end;

	if (kind != '{')
		return t;
	t.least = t.most = (unsigned)strtoul(*at, &end, 10);
	if (*end == ',') {
		*at = end + 1;
		t.most = (unsigned)strtoul(*at, &end, 10);
		if (end == *at)
			t.most = FOR_EVER;
	}
	*at = end + 1;
	return t;
}

static bool is_simple(struct times t)
{
	return t.least <= 1 && (t.most == 1 || t.most == FOR_EVER);
}

/* What one byte at `at` takes, as the C library has it. */
static uint16_t find_set(struct scribe *s, const char *at, size_t size)
{
	char text[TEXT_MOST + 2], byte[2] = "";
	struct set *set = &s->p->set[s->p->sets];
	uint16_t *known = &s->set_at[at - s->text];
	regmatch_t whole = {.rm_so = 0, .rm_eo = 1};
	regex_t one;

	if (*known)
		return *known - 1;
	text[0] = '^';
	memcpy(text + 1, at, size);
	memcpy(text + 1 + size, "$", 2);
	if (regcomp(&one, text, REG_EXTENDED | REG_NOSUB)) {
		s->failed = true;
		return 0;
	}
	for (unsigned i = 0; i < 256; i++) {
		byte[0] = (char)i;
		if (!regexec(&one, byte, 1, &whole, REG_STARTEND))
			set->bit[i / 64] |= UINT64_C(1) << i % 64;
	}
	regfree(&one);
	*known = (uint16_t)++s->p->sets;
	return *known - 1;
}

static const char *add_branches(struct scribe *s, const char *at, bool inside);

static void add_atom(struct scribe *s, const char *at, const char *end)
{
	const char *special = *at == '\\' ? "wWsS" : ".[";
	char c = *at == '\\' ? at[1] : *at;

	if (*at == '(')
		add_branches(s, at + 1, true);
	else if (strchr(special, c))
		add_step(s, TAKE_ONE_OF,
			(unsigned char)find_set(s, at, (size_t)(end - at)));
	else if (strchr(*at == '\\' ? "bB<>`'" : "^$", c))
		add_step(s, CHECK, (unsigned char)c);
	else
		add_step(s, TAKE_BYTE, (unsigned char)c);
}

/* An atom with so many repetitions behind it, each of all that is before. */
static void add_repeated(struct scribe *s, const char *at, const char *end,
	const struct times *times, unsigned count)
{
	struct times t;
	uint16_t fork;

	if (!count) {
		add_atom(s, at, end);
		return;
	}
	t = times[--count];
	for (unsigned i = 0; i < t.least && !s->failed; i++)
		add_repeated(s, at, end, times, count);
	if (t.most == FOR_EVER) {
		fork = add_step(s, FORK, 0);
		add_repeated(s, at, end, times, count);
		s->p->step[add_step(s, FORK, 0)].next = fork;
		s->p->step[fork].other = here(s);
		return;
	}
	for (unsigned i = t.least; i < t.most && !s->failed; i++) {
		fork = add_step(s, FORK, 0);
		add_repeated(s, at, end, times, count);
		s->p->step[fork].other = here(s);
	}
}

/* Of repetitions in a row, such as a**+, those that make one are one. */
static const char *add_piece(struct scribe *s, const char *at)
{
	const char *end = behind_atom(at), *next = end;
	struct times times[TEXT_MOST];
	unsigned count = 0;

	while (*next && strchr("*+?{", *next)) {
		struct times t = read_times(&next), *last = times + count;

		if (!count || !is_simple(t) || !is_simple(*--last)) {
			times[count++] = t;
			continue;
		}
		last->least = last->least && t.least;
		last->most = last->most > t.most ? last->most : t.most;
	}
	add_repeated(s, at, end, times, count);
	return next;
}

/* a|b: a fork to the next branch before each, a way to the end behind. */
static const char *add_branches(struct scribe *s, const char *at, bool inside)
{
	uint16_t fork = add_step(s, FORK, 0), out = NOWHERE;

	while (!s->failed && *at && (*at != ')' || !inside)) {
		uint16_t leave;

		if (*at != '|') {
			at = add_piece(s, at);
			continue;
		}
		leave = add_step(s, FORK, 0);
		s->p->step[leave].next = out; /* in a chain until the end */
		out = leave;
		s->p->step[fork].other = here(s);
		fork = add_step(s, FORK, 0);
		at++;
	}
	while (!s->failed && out != NOWHERE) {
		uint16_t before = s->p->step[out].next;

		s->p->step[out].next = here(s);
		out = before;
	}
	return at;
}

void pattern_free(struct pattern *p)
{
	if (!p)
		return;
	free(p->step);
	free(p->set);
	free(p);
}

struct pattern *pattern_make(const char *text)
{
	struct pattern *p = calloc(1, sizeof(*p));
	struct scribe s = {.p = p, .text = text};
	struct step *fitting;

	if (!p)
		return NULL;
	p->step = calloc(STEPS_MOST, sizeof(*p->step));
	p->set = calloc(strlen(text) + 1, sizeof(*p->set));
	s.failed = !p->step || !p->set || strlen(text) >= TEXT_MOST;
	if (!s.failed)
		add_branches(&s, text, false);
	if (!s.failed)
		add_step(&s, MATCH, 0);
	if (s.failed) {
		pattern_free(p);
		return NULL;
	}
	fitting = realloc(p->step, p->steps * sizeof(*p->step));
	if (fitting)
		p->step = fitting;
	/* cppcheck-suppress memleak ; it is in p, which is returned */
	return p;
}
