/*
 * send "text" expect "text", either of which may be missing; and script /path
 * with arguments.
 */
#include "conf_probe.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static bool is_talk_word(const struct token *t)
{
	return token_is(t, "send") || token_is(t, "expect");
}

/* The text behind send or expect; NULL: complained of. */
static const struct token *take_text(struct question *q, const char *word)
{
	const struct token *t = next_token(q);

	if (t && t->text.at && t->text.size && !*t->word)
		return t;
	if (!t)
		complain_of(q->d, q->d->open, "probe", q->d->line,
			"nothing stands after %s", word);
	else
		complain_of(q->d, q->d->open, "probe", q->d->line,
			"%s must be a text in quotes, not empty, not %s%s",
			word, quote_span(t->written).text, hint_of_quotes(t));
	if (t && is_talk_word(t))
		q->next--;
	return NULL;
}

bool take_talk(struct question *q, const struct token *t)
{
	struct bytes *send = &q->probe.send, *expect = &q->probe.expect;
	struct bytes *to = token_is(t, "send") ? send : expect;
	const struct token *text;

	if (!is_talk_word(t))
		return false;
	if (to->at)
		complain_of(q->d, q->d->open, "probe", q->d->line,
			"%s stands twice", t->word);
	else if (to == send && expect->at)
		complain_of(q->d, q->d->open, "probe", q->d->line,
			"send must stand before expect");
	text = take_text(q, t->word);
	if (!text)
		return true;
	to->at = keep_text(q->d, text->text.at, text->text.size);
	to->size = text->text.size;
	return true;
}

void warn_of_file(
	struct question *q, const char *option, const char *path, bool program)
{
	const char *fault = NULL;
	struct stat st;

	if (stat(path, &st))
		/* GCOVR_EXCL_BR_START: root may look */
		fault = errno == ENOENT || errno == ENOTDIR ? "does not exist"
							    : NULL;
	/* GCOVR_EXCL_BR_STOP */
	else if (S_ISDIR(st.st_mode))
		fault = "is a directory";
	else if (program && !(st.st_mode & 0111))
		fault = "is not executable";
	if (fault)
		warn_of(q->d, q->d->open, "probe", q->d->line, "%s %s %s",
			option, quote(path).text, fault);
}

/* --x="a b" is one word, as a shell would have it. */
bool take_script(struct question *q, const struct token *t)
{
	char word[LINE_BYTES + 1];
	size_t size = (size_t)snprintf(word, sizeof(word), "%s%s", t->word,
		t->text.at ? t->text.at : "");
	const char *must = NULL;

	if (size != strlen(t->word) + t->text.size)
		must = "words of a script must be without NUL";
	else if (!q->probe.words && *word != '/')
		must = "script must be an absolute path";
	if (must)
		complain_of(q->d, q->d->open, "probe", q->d->line, "%s, not %s",
			must, quote_span(t->written).text);
	q->word[q->probe.words++].text =
		must ? NULL : keep_text(q->d, word, size);
	return true;
}

void finish_script(struct question *q)
{
	if (!q->probe.words)
		complain_of(q->d, q->d->open, "probe", q->d->line,
			"nothing stands after script");
	else if (q->word[0].text)
		warn_of_file(q, "script", q->word[0].text, true);
}
