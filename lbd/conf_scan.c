/*
 * The shape of each line, judged before inih sees it, because inih keeps quiet
 * about what it cannot read: it cuts long lines, section names and values with
 * a NUL in them, and takes an indented line for more of the value above. It is
 * handed only what is sound, without indents; all else as an empty line.
 */
#include "conf_parts.h"

#include <ini.h>
#include <string.h>

enum { LINES_AT_ONCE = 256 }; /* before others have their turn */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct span cut_blanks(struct span s)
{
	while (s.size && is_blank(*s.at)) {
		s.at++;
		s.size--;
	}
	while (s.size && is_blank(s.at[s.size - 1]))
		s.size--;
	return s;
}

/* A comment begins with a blank and a semicolon. */
static struct span cut_comment(struct span s)
{
	for (size_t i = 1; i < s.size; i++) {
		if (s.at[i] == ';' && is_blank(s.at[i - 1])) {
			s.size = i - 1;
			return cut_blanks(s);
		}
	}
	return s;
}

bool line_was_cut(const struct draft *d)
{
	struct span line = cut_blanks(d->whole);

	return cut_comment(line).size < line.size;
}

/* What no text has; NULL when there is nothing of it. */
static const char *find_garbage(struct span s)
{
	for (size_t i = 0; i < s.size;) {
		unsigned char c = (unsigned char)s.at[i];
		unsigned length;

		if (c >= 0x20 && c < 0x7f) {
			i++;
			continue;
		}
		length = utf8_length(s.at + i, s.size - i);
		if (!length)
			return "not UTF-8";
		if (!c)
			return "NUL byte";
		if (length == 1 && c != '\t')
			return "control byte";
		i += length;
	}
	return NULL;
}

static struct span next_line(struct draft *d)
{
	struct span line = d->rest;
	const char *end = memchr(line.at, '\n', line.size);

	if (end)
		line.size = (size_t)(end - line.at);
	d->rest.at += line.size + !!end;
	d->rest.size -= line.size + !!end;
	if (end && line.size && end[-1] == '\r')
		line.size--;
	d->whole = line;
	d->line++;
	return line;
}

static void complain_of_shape(struct draft *d, struct span s, const char *hint)
{
	complain(d, d->line,
		"expected [section], key = value or a comment: %s%s",
		quote_span(s).text, hint);
}

static bool section_is_sound(struct draft *d, struct span s)
{
	const char *end = memchr(s.at, ']', s.size);
	struct span title = {s.at + 1, s.size - 1};
	bool sound = end == s.at + s.size - 1;

	if (end)
		title.size = (size_t)(end - title.at);
	if (!sound)
		complain_of_shape(d, s, "");
	section_open(d, title, sound);
	return sound;
}

/* What begins comments elsewhere. */
static bool is_comment_elsewhere(struct span s)
{
	return s.size > 1 && (!memcmp(s.at, "//", 2) || !memcmp(s.at, "--", 2));
}

/* "key: value", not an address somewhere behind words. */
static bool colon_separates(struct span s, const char *colon)
{
	struct span key = {s.at, (size_t)(colon - s.at)};

	key = cut_blanks(key);
	return key.size && !memchr(key.at, ' ', key.size) &&
		!memchr(key.at, '\t', key.size);
}

static bool key_is_sound(struct draft *d, struct span s)
{
	const char *equals = memchr(s.at, '=', s.size);
	const char *colon = memchr(s.at, ':', s.size);

	if (equals && equals != s.at && (!colon || colon > equals))
		return true;
	if (is_comment_elsewhere(s))
		complain_of_shape(d, s, " (; or # begins a comment)");
	else if (colon && colon_separates(s, colon))
		complain_of_shape(d, s, " (= separates, not :)");
	else
		complain_of_shape(d, s, "");
	return false;
}

/* False: inih is not to see it. Comments and empty lines are sound. */
static bool line_is_sound(struct draft *d, struct span line)
{
	struct span s = cut_blanks(line);
	bool opens = s.size && *s.at == '[';
	const char *garbage;

	if (line.size > LINE_BYTES)
		complain(d, d->line, "line has %zu bytes: at most %d",
			line.size, LINE_BYTES);
	else if ((garbage = find_garbage(line)))
		complain(d, d->line, "%s: %s", garbage, quote_span(s).text);
	else if (!s.size || *s.at == ';' || *s.at == '#')
		return true;
	else if (opens)
		return section_is_sound(d, cut_comment(s));
	else
		return key_is_sound(d, cut_comment(s));
	if (opens) /* keep what follows away from the section above */
		section_open(d, (struct span){"", 0}, false);
	return false;
}

/* inih's fgets(): the next line, or NULL at the end. */
static char *read_line(char *to, int size, void *draft)
{
	struct draft *d = draft;
	struct span line;

	if (!d->rest.size || d->exhausted)
		return NULL;
	line = next_line(d);
	if (!(d->line % LINES_AT_ONCE))
		come_between(d);
	if (!line_is_sound(d, line))
		line.size = 0;
	line = cut_blanks(line);
	/* GCOVR_EXCL_BR_START: inih reads as much as we do */
	if (line.size >= (size_t)size) {
		complain(d, d->line, "inih reads %d bytes only", size - 1);
		line.size = 0;
	}
	/* GCOVR_EXCL_BR_STOP */
	memcpy(to, line.at, line.size);
	to[line.size] = '\0';
	return to;
}

/* Its byte order mark, or a NUL at every other of the first characters. */
bool text_is_utf16(const char *text, size_t size)
{
	if (size < 4)
		return false;
	return !memcmp(text, "\xff\xfe", 2) || !memcmp(text, "\xfe\xff", 2) ||
		(!text[0] && text[1] && !text[2] && text[3]) ||
		(text[0] && !text[1] && text[2] && !text[3]);
}

void scan_text(struct draft *d)
{
	static const char mark[] = "\xef\xbb\xbf";
	int rc;

	if (d->rest.size >= 3 && !memcmp(d->rest.at, mark, 3)) {
		d->rest.at += 3;
		d->rest.size -= 3;
	}
	rc = ini_parse_stream(read_line, d, on_key, d);
	/* We and inih disagree on what is sound: nothing may get lost. */
	/* GCOVR_EXCL_BR_START: inih is of one mind with us, and has memory */
	if (rc > 0 && !d->exhausted)
		complain(d, rc, "cannot be read");
	else if (rc < 0)
		d->exhausted = true;
	/* GCOVR_EXCL_BR_STOP */
}
