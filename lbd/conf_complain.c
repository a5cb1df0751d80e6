/*
 * What there is to say about a file. Anybody may complain at any time; who
 * reads it gets line order. A file that is no lbd.ini at all can hold millions
 * of errors: those beyond MOST are counted, not kept.
 */
#include "conf_parts.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 10000 };
static_assert(MOST & (MOST - 1), "of all that grows there is room for a last");

/* Said when there is no memory to say it with. */
static char no_memory[] = "out of memory";
static struct complaint last_words = {.text = no_memory};

/* Controls, blanks other than ours, and what has no width. */
static const struct {
	uint32_t first, last;
} hidden[] = {
	{0x00, 0x1f},
	{0x7f, 0xa0},
	{0xad, 0xad},
	{0x2000, 0x200f},
	{0x2028, 0x202f},
	{0x205f, 0x206f},
	{0x3000, 0x3000},
	{0xfeff, 0xfeff},
};

bool is_hidden(const char *at, unsigned length)
{
	uint32_t c = (unsigned char)at[0] & (0x7fU >> length);

	if (length == 1)
		c = (unsigned char)at[0];
	for (unsigned i = 1; i < length; i++)
		c = c << 6 | ((unsigned char)at[i] & 0x3f);
	for (size_t i = 0; i < sizeof(hidden) / sizeof(*hidden); i++)
		if (c >= hidden[i].first && c <= hidden[i].last)
			return true;
	return false;
}

static char *put_escaped(char *to, char c)
{
	static const char digit[] = "0123456789abcdef";

	*to++ = '\\';
	*to++ = 'x';
	*to++ = digit[(unsigned char)c >> 4];
	*to++ = digit[(unsigned char)c & 15];
	return to;
}

/* At most LINE_BYTES of it. */
static char *put_visible(char *to, struct span s, bool in_quotes)
{
	size_t size = s.size < LINE_BYTES ? s.size : LINE_BYTES, i = 0;

	while (i < size) {
		unsigned length = utf8_length(s.at + i, size - i);

		if (!length || is_hidden(s.at + i, length)) {
			for (unsigned n = length ? length : 1; n; n--)
				to = put_escaped(to, s.at[i++]);
			continue;
		}
		if (in_quotes && (s.at[i] == '"' || s.at[i] == '\\'))
			*to++ = '\\';
		to = mempcpy(to, s.at + i, length);
		i += length;
	}
	return to;
}

struct quoted visible(struct span s)
{
	struct quoted q = {0};

	put_visible(q.text, s, false);
	return q;
}

struct quoted quote_span(struct span s)
{
	struct quoted q = {.text = "\""};

	*put_visible(q.text + 1, s, true) = '"';
	return q;
}

struct quoted quote(const char *text)
{
	return quote_span((struct span){text, strlen(text)});
}

static bool make_room(struct complaints *said)
{
	size_t n = said->count;
	void *item;

	if (n & (n - 1)) /* grows at powers of two */
		return true;
	item = reallocarray(said->item, n ? 2 * n : 1, sizeof(*said->item));
	if (!item)
		return false;
	said->item = item;
	return true;
}

/* Owns `text` from here on; NULL: there was no memory for it. */
static void add(struct draft *d, int line, bool warning, char *text)
{
	struct complaints *said = d->said;

	if (!text || !make_room(said)) {
		d->exhausted = true;
		free(text);
		return;
	}
	said->item[said->count] = (struct complaint){
		.line = line,
		.order = (unsigned)said->count,
		.warning = warning,
		.text = text,
	};
	said->count++;
}

/* `where` is "[section] key: " or nothing. */
static void say(struct draft *d, int line, bool warning, const char *where,
	const char *format, va_list args)
{
	char at[16] = "", *what = NULL, *text = NULL;

	d->said->errors += !warning;
	if (d->said->count >= MOST) {
		d->unsaid++;
		return;
	}
	if (line)
		snprintf(at, sizeof(at), "%d:", line);
	if (vasprintf(&what, format, args) < 0)
		what = NULL;
	else if (asprintf(&text, "%s:%s%s %s%s", d->file, at,
			 warning ? " warning:" : "", where, what) < 0)
		text = NULL;
	free(what);
	add(d, line, warning, text);
}

void complain(struct draft *d, int line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(d, line, false, "", format, args);
	va_end(args);
}

static void say_of(struct draft *d, const struct section *s, const char *key,
	int line, bool warning, const char *format, va_list args)
{
	char where[2 * sizeof(struct quoted) + 8] = "";
	struct span name = {key, key ? strlen(key) : 0};

	if (s)
		snprintf(where, sizeof(where),
			"[%s]%s%s: ", visible(s->title).text, key ? " " : "",
			visible(name).text);
	say(d, line, warning, where, format, args);
}

void complain_of(struct draft *d, const struct section *s, const char *key,
	int line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_of(d, s, key, line, false, format, args);
	va_end(args);
}

void warn_of(struct draft *d, const struct section *s, const char *key,
	int line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_of(d, s, key, line, true, format, args);
	va_end(args);
}

static int by_line(const void *left, const void *right)
{
	const struct complaint *a = left, *b = right;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

void complaints_close(struct draft *d)
{
	struct complaints *said = d->said;

	if (said->count)
		qsort(said->item, said->count, sizeof(*said->item), by_line);
	if (d->unsaid) {
		struct complaint *last = &said->item[said->count];

		*last = (struct complaint){.warning = !said->errors};
		if (asprintf(&last->text, "%s: and %zu more", d->file,
			    d->unsaid) < 0)
			d->exhausted = true;
		else
			said->count++;
	}
	if (d->exhausted) {
		complaints_free(said);
		*said = (struct complaints){&last_words, 1, 1};
	}
}

void complaints_print(const struct complaints *said, FILE *to)
{
	for (size_t i = 0; i < said->count; i++)
		fprintf(to, "%s\n", said->item[i].text);
}

void complaints_free(struct complaints *said)
{
	for (size_t i = 0; i < said->count; i++)
		if (said->item[i].text != no_memory)
			free(said->item[i].text);
	if (said->item != &last_words)
		free(said->item);
	*said = (struct complaints){0};
}
