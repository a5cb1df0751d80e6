/*
 * probe = KIND words and options: which kinds there are, and what each takes.
 * The value becomes a struct probe_conf of its own; the section keeps its
 * number. Every word that cannot be read is complained of, once.
 */
#include "conf_probe.h"

#include <string.h>

enum {
	PORT = 1 << OPTION_PORT,
	HTTP = PORT | 1 << OPTION_HOST | 1 << OPTION_HEADER | 1 << OPTION_BODY |
		1 << OPTION_SNI | 1 << OPTION_CA | 1 << OPTION_VERIFY,
	GRPC = PORT | 1 << OPTION_SERVICE | 1 << OPTION_SNI | 1 << OPTION_CA |
		1 << OPTION_VERIFY,
};

static const struct kind kinds[] = {
	{"tcp", PROBE_TCP, .options = PORT},
	{"none", .kind = PROBE_NONE},
	{"http", PROBE_HTTP, .options = HTTP, .take = take_http,
		.finish = finish_http},
	{"https", PROBE_HTTP, .tls = true, .options = HTTP, .take = take_http,
		.finish = finish_http},
	{"grpc", PROBE_GRPC, .options = GRPC, .take = take_grpc},
	{"send", PROBE_TALK, .options = PORT, .take = take_talk},
	{"expect", PROBE_TALK, .options = PORT, .take = take_talk},
	{"redis", PROBE_TALK, DIALOGUE_REDIS, .options = PORT},
	{"postgres", PROBE_TALK, DIALOGUE_POSTGRES, .options = PORT},
	{"mysql", PROBE_TALK, DIALOGUE_MYSQL, .options = PORT},
	{"smtp", PROBE_TALK, DIALOGUE_SMTP, .options = PORT},
	{"script", PROBE_SCRIPT, .options = PORT, .take = take_script,
		.finish = finish_script},
};

enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

bool token_is(const struct token *t, const char *word)
{
	return !t->text.at && !strcmp(t->word, word);
}

const struct token *next_token(struct question *q)
{
	return q->next < q->tokens.count ? &q->tokens.item[q->next++] : NULL;
}

static void complain_of_cut(struct question *q, enum cut cut, struct span where)
{
	static const char *const must[] = {
		[CUT_OPEN] = "must have a closing \" in",
		[CUT_ESCAPE] =
			"must have the escapes \\r \\n \\t \\\" \\\\ \\xHH "
			"only, not",
		[CUT_GLUED] = "must have a blank behind a closing \", not",
	};
	bool cut_short = cut == CUT_OPEN && line_was_cut(q->d);

	complain_of(q->d, q->d->open, "probe", q->d->line, "%s %s%s", must[cut],
		quote_span(where).text,
		cut_short ? " (a blank and ; begin a comment: write \\x3b)"
			  : "");
}

/* What other programs call it, up to an address or a path. */
static const char *foreign_kind(const char *word)
{
	static const struct {
		const char *word, *meant;
	} others[] = {
		{"http://", "http /PATH"},
		{"https://", "https /PATH"},
		{"/", "script /PATH"},
		{"exec", "script /PATH"},
		{"GET", "http GET /PATH"},
		{"HEAD", "http HEAD /PATH"},
		{"off", "none"},
		{"tcp:", "tcp port=N"},
		{"redis:", "redis port=N"},
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (after(word, others[i].word))
			return others[i].meant;
	return NULL;
}

static const char *nearest_kind(const char *word)
{
	struct span written = {word, strlen(word)};
	const char *hint = NULL;
	unsigned nearest = HINT_FAR;

	for (size_t i = 0; i < KINDS; i++) {
		unsigned n = hint_distance(written, kinds[i].word);

		if (n >= nearest)
			continue;
		nearest = n;
		hint = kinds[i].word;
	}
	return hint;
}

static void refuse_kind(struct question *q, const struct token *t)
{
	const char *hint = foreign_kind(t->word);

	if (!hint)
		hint = nearest_kind(t->word);
	complain_of(q->d, q->d->open, "probe", q->d->line,
		"must be tcp, none, http, https, grpc, send, expect, redis, "
		"postgres, mysql, smtp or script, not %s%s%s%s",
		quote_span(t->written).text, hint ? " (" : "", hint ? hint : "",
		hint ? "?)" : "");
}

static const struct kind *find_kind(const struct token *t)
{
	for (size_t i = 0; i < KINDS; i++)
		if (token_is(t, kinds[i].word))
			return &kinds[i];
	return NULL;
}

static void read_words(struct question *q)
{
	const struct kind *k = q->kind;
	const struct token *t;

	while ((t = next_token(q)))
		if (!take_option(q, t) && !(k->take && k->take(q, t)))
			refuse_token(q, t);
	if (k->finish)
		k->finish(q);
	if (!q->tls_only || q->probe.tls)
		return;
	complain_of(q->d, q->d->open, "probe", q->d->line,
		"%s needs TLS: must be %s, not %s",
		quote_span(q->tls_only->written).text,
		k->kind == PROBE_GRPC ? "grpc tls" : "https", k->word);
}

/* What was put together on the stack goes where the model stands. */
static int keep_probe(struct question *q, const char *value)
{
	struct draft *d = q->d;
	struct probe_conf *p = &q->probe, *to;

	p->written = keep_text(d, value, strlen(value));
	p->header = keep_items(d, q->header, p->headers * sizeof(*p->header));
	p->status = keep_items(d, q->status, p->statuses * sizeof(*p->status));
	p->word = keep_items(d, q->word, p->words * sizeof(*p->word));
	to = list_add(d, &d->probes, sizeof(*to));
	if (to)
		*to = *p;
	return (int)d->probes.count;
}

static void begin(struct question *q, const struct kind *k)
{
	q->kind = k;
	q->probe.kind = k->kind;
	q->probe.dialogue = k->dialogue;
	q->probe.tls = k->tls;
	/* send and expect are words of the same talk */
	q->next = k->take != take_talk;
}

void read_probe(struct draft *d, const struct key *k, const char *value)
{
	struct question q = {.d = d};
	size_t errors = d->said->errors;
	struct span where = {value, strlen(value)};
	enum cut cut = tokens_cut(value, &q.tokens, &where);
	const struct kind *kind = find_kind(q.tokens.item);

	if (cut)
		complain_of_cut(&q, cut, where);
	else if (!kind)
		refuse_kind(&q, q.tokens.item);
	else if (kind->kind == PROBE_NONE && q.tokens.count > 1)
		complain_of(d, d->open, k->name, d->line,
			"none stands alone, not %s", quote(value).text);
	else {
		begin(&q, kind);
		read_words(&q);
	}
	if (d->said->errors == errors)
		d->open->value[KEY_PROBE] = keep_probe(&q, value);
}
