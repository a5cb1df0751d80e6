/* Keys that may stand many times in a service: address, name, backend. */
#include "conf_parts.h"

#include <ctype.h>
#include <string.h>

void read_address(struct draft *d, const struct key *k, const char *value)
{
	struct address_conf *a;
	struct addr addr;
	const char *fault = value_address(value, &addr);

	if (fault) {
		complain_of(d, d->open, k->name, d->line, "%s, not %s", fault,
			quote(value).text);
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
			"must be a host name, not %s", quote(value).text);
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

static void read_weight(
	struct draft *d, const char *value, struct backend_conf *b)
{
	if (b->weight)
		complain_of(d, d->open, "weight", d->line, "stands twice");
	else if (!*value)
		complain_of(d, d->open, "weight", d->line, "empty value");
	else if (!value_number(value, 1, 256, &b->weight))
		complain_of(d, d->open, "weight", d->line,
			"must be 1..256, not %s", quote(value).text);
}

static void read_name(
	struct draft *d, const char *value, struct backend_conf *b)
{
	struct span name = {value, strlen(value)};

	if (b->named)
		complain_of(d, d->open, "name", d->line, "stands twice");
	else if (!*value)
		complain_of(d, d->open, "name", d->line, "empty value");
	else if (!value_name(name))
		complain_of(d, d->open, "name", d->line,
			"must be 1-%d of A-Z a-z 0-9 . _ -, not %s", NAME_BYTES,
			quote(value).text);
	else
		b->name = keep_text(d, value, name.size);
	b->named = true;
}

static void refuse_word(struct draft *d, const char *word)
{
	struct span name = {word, strcspn(word, "=")};
	const char *hint = "";

	if (hint_distance(name, "weight") != HINT_FAR)
		hint = " (weight=?)";
	else if (hint_distance(name, "name") != HINT_FAR)
		hint = " (name=?)";
	else if (hint_distance(name, "backup") != HINT_FAR)
		hint = " (backup?)";
	complain_of(d, d->open, "backend", d->line, "unknown word %s%s",
		quote(word).text, hint);
}

static void read_option(
	struct draft *d, const char *word, struct backend_conf *b)
{
	const char *value;

	if ((value = after(word, "weight=")))
		read_weight(d, value, b);
	else if ((value = after(word, "name=")))
		read_name(d, value, b);
	else if (strcmp(word, "backup"))
		refuse_word(d, word);
	else if (b->backup)
		complain_of(d, d->open, "backup", d->line, "stands twice");
	else
		b->backup = true;
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

/* IP:PORT [weight=N] [name=S] [backup] */
void read_backend(struct draft *d, const struct key *k, const char *value)
{
	char text[LINE_BYTES + 1], *rest = text, *word;
	struct backend_conf b = {.line = d->line};
	size_t errors = d->said->errors;
	const char *fault;

	snprintf(text, sizeof(text), "%s", value);
	word = next_word(&rest);
	fault = value_backend(word, &b.addr);
	if (fault)
		complain_of(d, d->open, k->name, d->line, "%s, not %s", fault,
			quote(word).text);
	while ((word = next_word(&rest)))
		read_option(d, word, &b);
	if (d->said->errors == errors)
		add_backend(d, &b);
}
