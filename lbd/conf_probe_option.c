/*
 * Options of a probe, WORD=value, in any order: which there are, what their
 * values must be. A value in quotes may hold blanks and escapes.
 */
#include "conf_probe.h"

#include <arpa/inet.h>
#include <string.h>

/* What a value must be; NULL: it is that, and was taken. */
typedef const char *option_reader(
	struct question *q, const char *value, size_t size);

static char *keep(struct question *q, const char *text, size_t size)
{
	return keep_text(q->d, text, size);
}

static const char *read_port(struct question *q, const char *value, size_t size)
{
	unsigned port = 0;

	(void)size;
	if (!value_number(value, 1, 65535, &port))
		return "1..65535";
	q->probe.port = (uint16_t)port;
	return NULL;
}

/* A name, an IPv4 address, or an IPv6 address in brackets. */
static bool is_host(const char *host, size_t size)
{
	char text[LINE_BYTES + 1];
	struct in6_addr a;
	bool six = size > 2 && host[0] == '[' && host[size - 1] == ']';

	snprintf(text, sizeof(text), "%.*s", (int)size - 2 * six, host + six);
	if (six)
		return inet_pton(AF_INET6, text, &a) == 1;
	return value_host(text) || inet_pton(AF_INET, text, &a) == 1;
}

/* As it stands in the Host header. */
static const char *read_host_header(
	struct question *q, const char *value, size_t size)
{
	const char *colon = strrchr(value, ':');
	size_t host = size;
	unsigned port;

	if (colon && value_number(colon + 1, 1, 65535, &port) &&
		(*value != '[' || colon[-1] == ']'))
		host = (size_t)(colon - value);
	if (!is_host(value, host))
		return "a host name or IP, maybe with :PORT";
	q->probe.host = keep(q, value, size);
	return NULL;
}

/* RFC 9110, 5.6.2 */
static size_t token_length(const char *text)
{
	return strspn(text,
		"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

static const char *read_header(
	struct question *q, const char *value, size_t size)
{
	size_t name = token_length(value), from = name + 1;
	bool sound = name && value[name] == ':';

	for (size_t i = from; sound && i < size; i++)
		if (((unsigned char)value[i] < 0x20 && value[i] != '\t') ||
			value[i] == 0x7f)
			sound = false;
	if (sound)
		from += strspn(value + from, " \t");
	if (!sound || from >= size)
		return "\"Name: value\" without control bytes";
	if (name == 4 && !strncasecmp(value, "Host", name))
		return "another than Host, which is host=";
	q->header[q->probe.headers++].line = keep(q, value, size);
	return NULL;
}

static const char *read_body(struct question *q, const char *value, size_t size)
{
	if (!size || strlen(value) != size)
		return size ? "a POSIX regular expression (NUL byte)"
			    : "a POSIX regular expression (empty)";
	if (!regex_is_sound(value, q->why, sizeof(q->why)))
		return q->why;
	q->probe.body = keep(q, value, size);
	return NULL;
}

/* RFC 6066, 3: a name, no address, no dot at the end. */
static const char *read_sni(struct question *q, const char *value, size_t size)
{
	if (!value_host(value) || value[size - 1] == '.')
		return "a host name";
	q->probe.sni = keep(q, value, size);
	return NULL;
}

static const char *read_ca(struct question *q, const char *value, size_t size)
{
	if (*value != '/' || value[size - 1] == '/')
		return "an absolute path of a file";
	q->probe.ca = keep(q, value, size);
	warn_of_file(q, "ca", value, false);
	return NULL;
}

static const char *read_verify(
	struct question *q, const char *value, size_t size)
{
	(void)size;
	if (strcmp(value, "none"))
		return "none";
	q->probe.trusting = true;
	return NULL;
}

static const char *read_grpc_service(
	struct question *q, const char *value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		/* GCOVR_EXCL_BR_START: no line has a DEL */
		if (value[i] <= ' ' || value[i] > '~')
			return "visible ASCII";
	/* GCOVR_EXCL_BR_STOP */
	if (!size)
		return "the name of a gRPC service";
	q->probe.grpc_service = keep(q, value, size);
	return NULL;
}

static const struct option {
	const char *name;
	option_reader *read;
	bool quoted, many, tls;
} options[] = {
	[OPTION_PORT] = {"port", .read = read_port},
	[OPTION_HOST] = {"host", .read = read_host_header},
	[OPTION_HEADER] = {"header", .read = read_header, .quoted = true,
		.many = true},
	[OPTION_BODY] = {"body", .read = read_body, .quoted = true},
	[OPTION_SNI] = {"sni", .read = read_sni, .tls = true},
	[OPTION_CA] = {"ca", .read = read_ca, .tls = true},
	[OPTION_VERIFY] = {"verify", .read = read_verify, .tls = true},
	[OPTION_SERVICE] = {"service", .read = read_grpc_service},
};

enum { OPTIONS = sizeof(options) / sizeof(*options) };

/* Its number; OPTIONS: none. `*value` is what follows the =. */
static size_t find_option(const struct token *t, const char **value)
{
	size_t i = 0, size = strcspn(t->word, "=");

	while (i < OPTIONS &&
		(t->word[size] != '=' || strlen(options[i].name) != size ||
			strncmp(t->word, options[i].name, size)))
		i++;
	*value = t->word + size + 1;
	return i;
}

const char *hint_of_quotes(const struct token *t)
{
	/* U+2018 to U+201F, as word processors have them */
	const char *at = t->text.at ? NULL : strstr(t->word, "\xe2\x80");

	return at && (unsigned char)at[2] >= 0x98 && (unsigned char)at[2] < 0xa0
		? " (quotes are \")"
		: "";
}

static void read_option(struct question *q, const struct token *t,
	const struct option *o, const char *value)
{
	size_t name = (size_t)(value - t->word);
	struct span shown = {t->written.at + name, t->written.size - name};
	const char *must;

	if (o->quoted != !!t->text.at || (o->quoted && *value)) {
		must = o->quoted ? "a text in quotes" : "a word without quotes";
	} else if (o->quoted) {
		shown = t->text;
		must = o->read(q, t->text.at, t->text.size);
	} else {
		must = o->read(q, value, strlen(value));
	}
	if (must)
		complain_of(q->d, q->d->open, "probe", q->d->line,
			"%s must be %s, not %s%s", o->name, must,
			quote_span(shown).text, hint_of_quotes(t));
}

bool take_option(struct question *q, const struct token *t)
{
	const char *value;
	size_t id = find_option(t, &value);
	const struct option *o = &options[id];

	if (id == OPTIONS || !(q->kind->options & 1U << id))
		return false;
	if (!o->many && q->given & 1U << id)
		complain_of(q->d, q->d->open, "probe", q->d->line,
			"%s stands twice", o->name);
	else
		read_option(q, t, o, value);
	q->given |= 1U << id;
	if (o->tls && !q->tls_only)
		q->tls_only = t;
	return true;
}

/* The option of this kind that was probably meant. */
static const char *guess(const struct question *q, const struct token *t)
{
	struct span name = {t->word, strcspn(t->word, "=")};

	for (size_t i = 0; i < OPTIONS; i++)
		if (q->kind->options & 1U << i &&
			hint_distance(name, options[i].name) != HINT_FAR)
			return options[i].name;
	return NULL;
}

void refuse_token(struct question *q, const struct token *t)
{
	const char *value, *hint;

	if (find_option(t, &value) < OPTIONS) {
		complain_of(q->d, q->d->open, "probe", q->d->line,
			"%s does not go with %s", quote_span(t->written).text,
			q->kind->word);
		return;
	}
	hint = guess(q, t);
	complain_of(q->d, q->d->open, "probe", q->d->line,
		"unknown word %s%s%s%s", quote_span(t->written).text,
		hint ? " (" : "", hint ? hint : "", hint ? "=?)" : "");
}
