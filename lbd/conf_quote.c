/*
 * A probe's value is words, some with a text in double quotes: "text", or
 * header="text". Cuts them apart, and resolves the escapes \r \n \t \" \\ \xHH.
 * What comes out may hold any byte. Pure.
 */
#include "conf_probe.h"

#include <string.h>

static bool is_end(char c)
{
	return !c || c == ' ' || c == '\t';
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)((at - digits) & 15) : -1;
}

/* Bytes of the escape at `from`, a backslash; 0: it is none. */
static size_t resolve_escape(const char *from, char *to)
{
	static const char letters[] = "rnt\"\\", bytes[] = "\r\n\t\"\\";
	/* GCOVR_EXCL_BR_START: it does not end in a backslash, but in a quote */
	const char *at = from[1] ? strchr(letters, from[1]) : NULL;
	/* GCOVR_EXCL_BR_STOP */
	int high, low;

	if (at) {
		*to = bytes[at - letters];
		return 2;
	}
	high = from[1] == 'x' ? hex_digit(from[2]) : -1;
	low = high < 0 ? -1 : hex_digit(from[3]);
	if (low < 0)
		return 0;
	*to = (char)(high << 4 | low);
	return 4;
}

/* What to show of an escape that is none: \q, \xg0 */
static struct span bad_escape(const char *from)
{
	size_t most = from[1] == 'x' ? 4 : 2, size = 1;

	while (size < most && from[size] && from[size] != '"')
		size++;
	return (struct span){from, size};
}

/* From behind the quote to behind the other one; *to moves on. */
static enum cut cut_text(const char **from, char **to, struct span *where)
{
	const char *at = *from;

	while (*at != '"') {
		size_t size = 1;

		if (!*at)
			return CUT_OPEN;
		if (*at != '\\')
			**to = *at;
		else if (!at[1])
			return CUT_OPEN;
		else if (!(size = resolve_escape(at, *to))) {
			*where = bad_escape(at);
			return CUT_ESCAPE;
		}
		at += size;
		(*to)++;
	}
	*from = at + 1;
	return CUT_OK;
}

/* Of as many bytes as it has in the value, and two more at most. */
static enum cut cut_token(
	const char **value, char **to, struct token *t, struct span *where)
{
	const char *from = *value;
	enum cut cut = CUT_OK;

	t->word = *to;
	while (!is_end(*from) && *from != '"')
		*(*to)++ = *from++;
	*(*to)++ = '\0';
	t->text = (struct span){NULL, 0};
	if (*from == '"') {
		from++;
		t->text.at = *to;
		cut = cut_text(&from, to, where);
		t->text.size = (size_t)(*to - t->text.at);
		*(*to)++ = '\0';
	}
	t->written = (struct span){*value, (size_t)(from - *value)};
	if (cut == CUT_OPEN || (!cut && !is_end(*from))) {
		*where = (struct span){*value, strlen(*value)};
		return cut ? cut : CUT_GLUED;
	}
	*value = from;
	return cut;
}

enum cut tokens_cut(const char *value, struct tokens *to, struct span *where)
{
	char *room = to->room;
	enum cut cut = CUT_OK;

	to->count = 0;
	value += strspn(value, " \t");
	while (*value && !cut) {
		cut = cut_token(&value, &room, &to->item[to->count++], where);
		value += strspn(value, " \t");
	}
	return cut;
}
