/*
 * http, https: [METHOD] [/PATH] [STATUSES] and then options. grpc: [tls] and
 * options. What is left out is filled in.
 */
#include "conf_probe.h"

#include <string.h>

enum shape { SHAPE_OTHER, SHAPE_METHOD, SHAPE_PATH, SHAPE_STATUSES };

static enum shape shape_of(const struct token *t)
{
	const char *word = t->word;

	if (t->text.at)
		return SHAPE_OTHER;
	if (*word == '/')
		return SHAPE_PATH;
	if (*word >= '0' && *word <= '9')
		return SHAPE_STATUSES;
	return word[strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] ? SHAPE_OTHER
								: SHAPE_METHOD;
}

/* What a request line can carry; a fragment never leaves a client. */
static bool path_is_sound(const char *path)
{
	for (; *path; path++)
		/* GCOVR_EXCL_BR_START: no line has a DEL */
		if (*path <= ' ' || *path > '~' || *path == '#')
			return false;
	/* GCOVR_EXCL_BR_STOP */
	return true;
}

/* Cuts "200" or "200-299" off; `end` is what may follow it. */
static bool cut_range(const char **text, struct status_range *to)
{
	unsigned n[2], i = 0;

	do {
		char number[4];
		size_t size = strcspn(*text, "-,");

		if (size != 3)
			return false;
		memcpy(number, *text, size);
		number[size] = '\0';
		if (!value_number(number, 100, 599, &n[i++]))
			return false;
		/* GCOVR_EXCL_BR_START: a pointer is true */
		*text += size;
	} while (i < 2 && **text == '-' && (*text)++);
	/* GCOVR_EXCL_BR_STOP */
	to->low = (uint16_t)n[0];
	to->high = (uint16_t)n[i - 1];
	return to->low <= to->high && (!**text || **text == ',');
}

static bool read_statuses(struct question *q, const char *text)
{
	size_t n = 0;

	do {
		/* GCOVR_EXCL_BR_START: no line has room for more */
		if (n == STATUSES_MOST || !cut_range(&text, &q->status[n++]))
			return false;
		/* GCOVR_EXCL_BR_STOP */
	} while (*text++);
	q->probe.statuses = n;
	return true;
}

static const char *read_shape(
	struct question *q, const struct token *t, enum shape shape)
{
	struct probe_conf *p = &q->probe;
	size_t size = strlen(t->word);

	if (shape == SHAPE_METHOD) {
		p->method = keep_text(q->d, t->word, size);
	} else if (shape == SHAPE_STATUSES) {
		if (!read_statuses(q, t->word))
			return "statuses must be 100..599, as in 200 or "
			       "200-299,404";
	} else if (!path_is_sound(t->word)) {
		return "path must be visible ASCII without #";
	} else {
		p->path = keep_text(q->d, t->word, size);
	}
	return NULL;
}

bool take_http(struct question *q, const struct token *t)
{
	enum shape shape = shape_of(t);
	const char *fault = NULL;

	if (shape == SHAPE_OTHER)
		return false;
	if (q->given || q->shape >= (unsigned)shape)
		fault = "must be METHOD /PATH STATUSES, each once, then "
			"options";
	else
		fault = read_shape(q, t, shape);
	if (fault)
		complain_of(q->d, q->d->open, "probe", q->d->line, "%s, not %s",
			fault, quote_span(t->written).text);
	if (q->shape < (unsigned)shape)
		q->shape = shape;
	return true;
}

void finish_http(struct question *q)
{
	struct probe_conf *p = &q->probe;

	if (p->method && !strcmp(p->method, "HEAD") && p->body)
		complain_of(q->d, q->d->open, "probe", q->d->line,
			"body must be left out: answers to \"HEAD\" have none");
	if (!p->method)
		p->method = keep_text(q->d, "GET", 3);
	if (!p->path)
		p->path = keep_text(q->d, "/", 1);
	if (!p->statuses)
		q->status[p->statuses++] = (struct status_range){200, 399};
}

bool take_grpc(struct question *q, const struct token *t)
{
	if (!token_is(t, "tls"))
		return false;
	if (q->probe.tls)
		complain_of(q->d, q->d->open, "probe", q->d->line,
			"tls stands twice");
	q->probe.tls = true;
	return true;
}
