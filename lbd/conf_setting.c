/*
 * Keys with one value: what the text says goes into the open section, or a
 * complaint that quotes it goes out.
 */
#include "conf_parts.h"

#include <string.h>

static void keep(struct draft *d, const struct key *k, int value)
{
	d->open->value[k - conf_keys] = value;
}

static void refuse(struct draft *d, const struct key *k, const char *must,
	const char *value)
{
	complain_of(d, d->open, k->name, d->line, "must be %s, not %s", must,
		quote(value).text);
}

/* Is it one of the key's words? Then it is kept. */
static bool take_word(struct draft *d, const struct key *k, const char *value)
{
	for (const struct word *w = k->words; w && w->text; w++) {
		if (strcmp(w->text, value))
			continue;
		keep(d, k, w->value);
		return true;
	}
	return false;
}

void read_word(struct draft *d, const struct key *k, const char *value)
{
	char must[80] = "";
	const struct word *w = k->words;

	if (take_word(d, k, value))
		return;
	/* GCOVR_EXCL_BR_START: there is room for all words */
	for (size_t at = 0; w->text && at < sizeof(must); w++)
		at += (size_t)snprintf(must + at, sizeof(must) - at, "%s%s",
			!at		    ? ""
				: w[1].text ? ", "
					    : " or ",
			w->text);
	/* GCOVR_EXCL_BR_STOP */
	refuse(d, k, must, value);
}

void read_number(struct draft *d, const struct key *k, const char *value)
{
	char must[32];
	unsigned n;

	if (value_number(value, (unsigned)k->low, (unsigned)k->high, &n)) {
		keep(d, k, (int)n);
		return;
	}
	snprintf(must, sizeof(must), "%d..%d", k->low, k->high);
	refuse(d, k, must, value);
}

void read_duration(struct draft *d, const struct key *k, const char *value)
{
	unsigned ms;

	if (take_word(d, k, value))
		return;
	if (value_duration(value, &ms))
		keep(d, k, (int)ms);
	else
		refuse(d, k,
			k->words ? "off or 1ms..24h (units: ms, s, m, h)"
				 : "1ms..24h (units: ms, s, m, h)",
			value);
}

void read_percent(struct draft *d, const struct key *k, const char *value)
{
	size_t size = strlen(value);
	char number[4] = "";
	unsigned n;

	if (take_word(d, k, value))
		return;
	if (size <= sizeof(number) && value[size - 1] == '%')
		memcpy(number, value, size - 1);
	if (value_number(number, 0, 100, &n))
		keep(d, k, (int)n);
	else
		refuse(d, k, "off or 0%..100%", value);
}

/* As chmod takes it: three octal digits, or four with a 0 in front. */
void read_mode(struct draft *d, const struct key *k, const char *value)
{
	size_t size = strlen(value), digits = strspn(value, "01234567");
	int mode = 0;

	if (digits != size || size < 3 || size > 4 ||
		(size == 4 && *value != '0')) {
		refuse(d, k, "octal, 0000..0777", value);
		return;
	}
	while (*value)
		mode = mode << 3 | (*value++ - '0');
	keep(d, k, mode);
}

void read_path(struct draft *d, const struct key *k, const char *value)
{
	size_t size = strlen(value);
	char **to = k == &conf_keys[KEY_SOCKET] ? &d->socket : &d->admin;

	if (*value != '/' || size > SOCKET_PATH_BYTES ||
		value[size - 1] == '/') {
		refuse(d, k, "an absolute path of at most 107 bytes", value);
		return;
	}
	if (!*to)
		*to = keep_text(d, value, size);
}

void read_zone(struct draft *d, const struct key *k, const char *value)
{
	struct span zone = {value, strlen(value)};

	if (!value_name(zone))
		complain_of(d, d->open, k->name, d->line,
			"must be 1-%d of A-Z a-z 0-9 . _ -, not %s", NAME_BYTES,
			quote(value).text);
	else if (!d->zone)
		d->zone = keep_text(d, value, zone.size);
}
