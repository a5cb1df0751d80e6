/*
 * A probe as the value it could have been written as: words, then options in
 * one order, what was left out filled in.
 */
#include "conf_dump.h"

#include <stdarg.h>
#include <string.h>

enum { VALUE_BYTES = LINE_BYTES - 6 }; /* behind probe= */

struct phrase {
	char *text; /* of LINE_BYTES + 1 */
	size_t size;
	bool full; /* more was said than a line holds */
};

static void say(struct phrase *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct phrase *p, const char *format, ...)
{
	size_t room = VALUE_BYTES + 1 - p->size;
	va_list args;
	int size;

	if (p->full)
		return;
	va_start(args, format);
	size = vsnprintf(p->text + p->size, room, format, args);
	va_end(args);
	/* GCOVR_EXCL_BR_START: vsnprintf() does not fail */
	p->full = size < 0 || (size_t)size >= room;
	/* GCOVR_EXCL_BR_STOP */
	p->size += p->full ? 0 : (size_t)size;
}

/* " option=value", if there is one */
static void say_option(struct phrase *p, const char *option, const char *value)
{
	if (value)
		say(p, " %s=%s", option, value);
}

static void say_byte(struct phrase *p, char c)
{
	static const char bytes[] = "\r\n\t\"\\", letters[] = "rnt\"\\";
	const char *at = c ? strchr(bytes, c) : NULL;

	if (at)
		say(p, "\\%c", letters[at - bytes]);
	else
		say(p, "\\x%02x", (unsigned char)c);
}

/* A blank and ; would begin a comment. */
static bool is_plain(const char *at, unsigned length, char before)
{
	if (!length || is_hidden(at, length))
		return false;
	return *at != '"' && *at != '\\' && (*at != ';' || before != ' ');
}

static void say_text(struct phrase *p, const char *text, size_t size)
{
	char before = '"';

	say(p, "\"");
	for (size_t i = 0; i < size;) {
		unsigned length = utf8_length(text + i, size - i);

		if (is_plain(text + i, length, before)) {
			say(p, "%.*s", (int)length, text + i);
		} else {
			length = 1;
			say_byte(p, text[i]);
		}
		before = text[i];
		i += length;
	}
	say(p, "\"");
}

static void say_tls(struct phrase *p, const struct probe_conf *c)
{
	say_option(p, "sni", c->sni);
	say_option(p, "ca", c->ca);
	if (c->trusting)
		say(p, " verify=none");
}

static void say_http(struct phrase *p, const struct probe_conf *c)
{
	say(p, "%s %s %s", c->tls ? "https" : "http", c->method, c->path);
	for (size_t i = 0; i < c->statuses; i++) {
		const struct status_range *s = &c->status[i];

		say(p, "%c%u", i ? ',' : ' ', s->low);
		if (s->high != s->low)
			say(p, "-%u", s->high);
	}
	say_option(p, "host", c->host);
	for (size_t i = 0; i < c->headers; i++) {
		say(p, " header=");
		say_text(p, c->header[i].line, strlen(c->header[i].line));
	}
	if (c->body) {
		say(p, " body=");
		say_text(p, c->body, strlen(c->body));
	}
	say_tls(p, c);
}

static void say_talk(struct phrase *p, const struct probe_conf *c)
{
	static const char *const words[] = {
		[DIALOGUE_TEXT] = "",
		[DIALOGUE_REDIS] = "redis",
		[DIALOGUE_POSTGRES] = "postgres",
		[DIALOGUE_MYSQL] = "mysql",
		[DIALOGUE_SMTP] = "smtp",
	};

	say(p, "%s", words[c->dialogue]);
	if (c->send.at) {
		say(p, "send ");
		say_text(p, c->send.at, c->send.size);
	}
	if (c->expect.at) {
		say(p, "%sexpect ", c->send.at ? " " : "");
		say_text(p, c->expect.at, c->expect.size);
	}
}

/* Without quotes it would be another word, or none. */
static bool needs_quotes(const char *word)
{
	return !*word || after(word, "port=") ||
		word[strspn(word,
			"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			"0123456789/._-+=:,@%~")];
}

static void say_script(struct phrase *p, const struct probe_conf *c)
{
	say(p, "script");
	for (size_t i = 0; i < c->words; i++) {
		const char *word = c->word[i].text;

		say(p, " ");
		if (needs_quotes(word))
			say_text(p, word, strlen(word));
		else
			say(p, "%s", word);
	}
}

static void say_kind(struct phrase *p, const struct probe_conf *c)
{
	switch (c->kind) { /* GCOVR_EXCL_BR_LINE: all kinds are there */
	case PROBE_TCP:
		say(p, "tcp");
		break;
	case PROBE_NONE:
		say(p, "none");
		break;
	case PROBE_HTTP:
		say_http(p, c);
		break;
	case PROBE_GRPC:
		say(p, "grpc%s", c->tls ? " tls" : "");
		say_option(p, "service", c->grpc_service);
		say_tls(p, c);
		break;
	case PROBE_TALK:
		say_talk(p, c);
		break;
	case PROBE_SCRIPT:
		say_script(p, c);
		break;
	}
}

const char *probe_text(const struct probe_conf *c, char room[LINE_BYTES + 1])
{
	struct phrase p = {.text = room};

	say_kind(&p, c);
	if (c->port)
		say(&p, " port=%u", c->port);
	return p.full ? c->written : room;
}
