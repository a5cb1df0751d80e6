/*
 * Keys that lbd does not know, or not there: where they belong, which one was
 * misspelt, or what another program's word for something is called here.
 */
#include "conf_parts.h"

#include <string.h>

/* In services; what it is written as. */
static const struct other {
	const char *written, *meant;
} others[] = {
	{"weight", "backend = IP:PORT weight=N"},
	{"zone", "backend = IP:PORT zone=S"},
	{"max-conns", "backend = IP:PORT max-conns=N"},
	{"backup", "backend = IP:PORT backup"},
	{"port", "address = IP:PORT"},
	{"listen", "address"},
	{"bind", "address"},
	{"host", "name"},
	{"server", "backend"},
	{"upstream", "backend"},
	{"check", "probe"},
	{"health-check", "probe"},
	{"algorithm", "balance"},
	{"allow", "permit"},
};

static const char *find_other(const char *name)
{
	struct span written = {name, strlen(name)};

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (hint_distance(written, others[i].written) != HINT_FAR)
			return others[i].meant;
	return NULL;
}

static const struct key *nearest_key(const char *name, unsigned sections)
{
	struct span written = {name, strlen(name)};
	const struct key *best = NULL;
	unsigned nearest = HINT_FAR;

	for (size_t i = 0; i < KEYS; i++) {
		unsigned n = hint_distance(written, conf_keys[i].name);

		if (n >= nearest || !(conf_keys[i].sections & sections))
			continue;
		nearest = n;
		best = &conf_keys[i];
	}
	return best;
}

static const char *home_of(const struct key *k)
{
	if (k->sections & SECTION_LBD)
		return "[lbd]";
	return k->sections & SECTION_DEFAULTS ? "[service NAME] or [defaults]"
					      : "[service NAME]";
}

void complain_of_key(struct draft *d, const char *name, const struct key *k)
{
	const struct section *s = d->open;
	const struct key *here = nearest_key(name, s->kind);
	const struct key *there = nearest_key(name, ~0U);
	const char *other = s->kind == SECTION_LBD ? NULL : find_other(name);

	if (!other && k)
		complain_of(d, s, name, d->line,
			"unknown key (it belongs in %s)", home_of(k));
	else if (here)
		complain_of(
			d, s, name, d->line, "unknown key (%s?)", here->name);
	else if (other)
		complain_of(d, s, name, d->line, "unknown key (%s?)", other);
	else if (there)
		complain_of(d, s, name, d->line, "unknown key (%s in %s?)",
			there->name, home_of(there));
	else
		complain_of(d, s, name, d->line, "unknown key");
}
