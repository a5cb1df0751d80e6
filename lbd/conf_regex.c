/*
 * Regular expressions of probes: a short one with repetitions can stand for any
 * number of steps, and one with back-references takes any time; both are
 * refused. The C library says whether the rest is well-formed. Pure.
 */
#include "conf_probe.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

enum {
	SIZE_MOST = 1000, /* 40 ms at worst to match 4 KiB */
	DEPTH_MOST = LINE_BYTES,
};

/* How large a pattern gets, in characters to match, all copies counted. */
struct extent {
	uint64_t total[DEPTH_MOST + 1]; /* of each group that is open */
	uint64_t last;			/* of what a repetition repeats */
	size_t depth;
};

/* Behind [...]: ] comes first, and so does one of a class, [:alpha:]. */
static const char *skip_bracket(const char *at)
{
	at += 1 + (at[1] == '^');
	if (*at == ']')
		at++;
	while (*at && *at != ']') {
		const char kind = at[0] == '[' ? at[1] : 0;
		const char close[] = {kind, ']', '\0'};
		const char *end = kind && strchr(":.=", kind)
			? strstr(at + 2, close)
			: NULL;

		at = end ? end + 2 : at + 1;
	}
	return *at ? at + 1 : at;
}

/* A repetition at `at`: how often, at most. */
static uint64_t repetitions(const char **at)
{
	const char *from = *at;
	char *end;
	uint64_t n, most;

	*at += 1;
	if (*from != '{')
		return *from == '+' ? 2 : 1;
	n = strtoul(from + 1, &end, 10);
	if (*end == ',') {
		most = strtoul(end + 1, &end, 10);
		n = most ? most : n + 1; /* {n,} is n and a star */
	}
	*at = *end == '}' ? end + 1 : from + 1;
	return n > SIZE_MOST ? SIZE_MOST + 1 : n ? n : 1;
}

static void add_item(struct extent *e, uint64_t size)
{
	e->last = size;
	e->total[e->depth] += size;
}

static void repeat_item(struct extent *e, uint64_t times)
{
	uint64_t size = e->last * times;

	if (size > SIZE_MOST)
		size = SIZE_MOST + 1;
	e->total[e->depth] += size - e->last;
	e->last = size;
}

static void close_group(struct extent *e)
{
	uint64_t size = e->total[e->depth];

	if (!e->depth)
		return;
	e->depth--;
	add_item(e, size + 1);
}

/* The next piece; false for a back-reference. */
static bool measure(struct extent *e, const char **at)
{
	const char *c = *at;

	if (strchr("*+?{", *c)) {
		repeat_item(e, repetitions(at));
		return true;
	}
	*at += 1 + (*c == '\\' && c[1]);
	if (*c == '\\' && c[1] >= '1' && c[1] <= '9')
		return false;
	if (*c == '(') {
		e->depth++;
		e->total[e->depth] = 0;
	} else if (*c == ')') {
		close_group(e);
	} else {
		if (*c == '[')
			*at = skip_bracket(c);
		add_item(e, 1);
	}
	return true;
}

static bool is_interval(const char *at, const char *end)
{
	unsigned long least, most;
	char *next;

	least = strtoul(at + 1, &next, 10);
	if (*next != ',')
		return next > at + 1 && next + 1 == end;
	most = strtoul(next + 1, &next, 10);
	return next + 1 == end && (end[-2] == ',' || least <= most);
}

/* A piece for the C library to look at: nested repetitions could keep it for
 * minutes, and any is as good as another where only the form matters. */
static char *copy_piece(char *to, const char *at, const char *end)
{
	if (strchr("*+?", *at) || (*at == '{' && is_interval(at, end))) {
		*to = '?';
		return to + 1;
	}
	memcpy(to, at, (size_t)(end - at));
	return to + (end - at);
}

/* What the C library would say; false where it takes the pattern. */
static bool is_malformed(const char *pattern, char *fault, size_t room)
{
	regex_t regex;
	int rc = regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB);

	if (rc)
		regerror(rc, &regex, fault, room);
	else
		regfree(&regex);
	return rc;
}

bool regex_is_sound(const char *pattern, char *why, size_t room)
{
	struct extent e = {0};
	char fault[80] = "";
	char form[DEPTH_MOST + 1], *to = form;
	bool sound = strlen(pattern) <= DEPTH_MOST;

	if (!sound)
		snprintf(fault, sizeof(fault), "longer than a line");
	for (const char *at = pattern, *from = at; sound && *at; from = at) {
		if (!measure(&e, &at))
			snprintf(fault, sizeof(fault), "has a back-reference");
		else if (e.total[e.depth] > SIZE_MOST)
			snprintf(fault, sizeof(fault), "repeats too much");
		sound = !*fault;
		to = copy_piece(to, from, at);
	}
	*to = '\0';
	if (sound)
		sound = !is_malformed(form, fault, sizeof(fault));
	if (!sound)
		snprintf(why, room, "a POSIX regular expression (%s)", fault);
	return sound;
}
