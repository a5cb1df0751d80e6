/* Keys that may stand many times in a service: address, name, backend. */
#include "conf_parts.h"

#include <ctype.h>
#include <string.h>

/* Two addresses or names where one may stand? */
static const char *hint_of_list(const char *value)
{
	const char *next = value + strcspn(value, ", \t");
	char second[LINE_BYTES + 1];
	struct addr addr;

	next += strspn(next, ", \t");
	snprintf(second, sizeof(second), "%.*s", (int)strcspn(next, ", \t"),
		next);
	return value_host(second) || !value_address(second, &addr)
		? " (one on each line)"
		: "";
}

void read_address(struct draft *d, const struct key *k, const char *value)
{
	struct address_conf *a;
	struct addr addr;
	const char *fault = value_address(value, &addr);

	if (fault) {
		complain_of(d, d->open, k->name, d->line, "%s, not %s%s", fault,
			quote(value).text, hint_of_list(value));
		return;
	}
	a = list_add(d, &d->memory->addresses, sizeof(*a));
	if (!a)
		return;
	a->addr = addr;
	a->line = d->line;
	d->open->addresses.count++;
}

void read_host(struct draft *d, const struct key *k, const char *value)
{
	size_t size = strlen(value);
	struct name_conf *n;

	if (!value_host(value)) {
		complain_of(d, d->open, k->name, d->line,
			"must be a host name, not %s%s", quote(value).text,
			hint_of_list(value));
		return;
	}
	n = list_add(d, &d->memory->names, sizeof(*n));
	if (!n)
		return;
	d->open->names.count++;
	n->line = d->line;
	n->name = keep_text(d, value, size - (value[size - 1] == '.'));
	for (char *c = n->name; c && *c; c++)
		*c = (char)tolower((unsigned char)*c);
}

static void read_number_word(struct draft *d, const char *key,
	const char *value, unsigned high, unsigned *to)
{
	if (*to)
		complain_of(d, d->open, key, d->line, "stands twice");
	else if (!*value)
		complain_of(d, d->open, key, d->line, "empty value");
	else if (!value_number(value, 1, high, to))
		complain_of(d, d->open, key, d->line, "must be 1..%u, not %s",
			high, quote(value).text);
}

/* A name or a zone; NULL: it had an error. */
static char *read_label(struct draft *d, const char *key, const char *value)
{
	struct span label = {value, strlen(value)};

	if (!*value)
		complain_of(d, d->open, key, d->line, "empty value");
	else if (!value_name(label))
		complain_of(d, d->open, key, d->line,
			"must be 1-%d of A-Z a-z 0-9 . _ -, not %s", NAME_BYTES,
			quote(value).text);
	else
		return keep_text(d, value, label.size);
	return NULL;
}

/* The word of a backend that was probably meant. */
static const char *guess(const char *word)
{
	static const char *const known[] = {
		"weight", "name", "zone", "max-conns", "backup"};
	struct span name = {word, strcspn(word, "=:")};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (hint_distance(name, known[i]) != HINT_FAR)
			return known[i];
	return NULL;
}

/* `rest` is what follows: blanks around a = are part of the same mistake. */
static void refuse_word(struct draft *d, const char *word, char **rest)
{
	const char *meant = guess(word), *hint = meant ? "?" : "";
	const char *equals = *rest + strspn(*rest, " \t");
	struct addr addr;

	if (meant && strcmp(meant, "backup"))
		hint = *equals == '=' ? "= without blanks?" : "=?";
	if (!value_backend(word, &addr))
		meant = "one on each line";
	complain_of(d, d->open, "backend", d->line, "unknown word %s%s%s%s%s",
		quote(word).text, meant ? " (" : "", meant ? meant : "", hint,
		meant ? ")" : "");
	if (*equals == '=' && !strcmp(next_word(rest), "="))
		next_word(rest);
}

/* Notes that a word is there; false: it was before. */
static bool is_new(struct draft *d, const char *key, bool *seen)
{
	if (*seen)
		complain_of(d, d->open, key, d->line, "stands twice");
	return !*seen && (*seen = true);
}

static void read_option(struct draft *d, const char *word, char **rest,
	struct backend_conf *b, bool *zoned)
{
	const char *value;

	if ((value = after(word, "weight="))) {
		read_number_word(d, "weight", value, 256, &b->weight);
	} else if ((value = after(word, "max-conns="))) {
		read_number_word(
			d, "max-conns", value, UINT32_MAX, &b->max_conns);
	} else if ((value = after(word, "name="))) {
		if (is_new(d, "name", &b->named))
			b->name = read_label(d, "name", value);
	} else if ((value = after(word, "zone="))) {
		if (is_new(d, "zone", zoned))
			b->zone = read_label(d, "zone", value);
	} else if (strcmp(word, "backup")) {
		refuse_word(d, word, rest);
	} else {
		is_new(d, "backup", &b->backup);
	}
}

static void add_backend(struct draft *d, struct backend_conf *b)
{
	struct backend_conf *to;

	if (!b->named) {
		struct shown name = show_address(&b->addr);

		b->name = keep_text(d, name.text, strlen(name.text));
	}
	if (!b->weight)
		b->weight = 1;
	to = list_add(d, &d->memory->backends, sizeof(*to));
	if (!to)
		return;
	*to = *b;
	d->open->backends.count++;
}

/* IP:PORT [weight=N] [name=S] [zone=S] [max-conns=N] [backup] */
void read_backend(struct draft *d, const struct key *k, const char *value)
{
	char text[LINE_BYTES + 1], *rest = text, *word;
	struct backend_conf b = {.line = d->line};
	size_t errors = d->said->errors;
	const char *fault;
	bool zoned = false;

	snprintf(text, sizeof(text), "%s", value);
	word = next_word(&rest);
	fault = value_backend(word, &b.addr);
	if (fault)
		complain_of(d, d->open, k->name, d->line, "%s, not %s", fault,
			quote(word).text);
	while ((word = next_word(&rest)))
		read_option(d, word, &rest, &b, &zoned);
	if (d->said->errors == errors)
		add_backend(d, &b);
}
