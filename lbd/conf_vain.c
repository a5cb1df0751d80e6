/*
 * What counts for nothing where it stands, though each line is sound: whoever
 * wrote it had something in mind. Warnings, all of them.
 */
#include "conf_parts.h"

void check_vain_section(struct draft *d, const struct section *s)
{
	int time = s->value[KEY_EJECT_TIME];

	if (!s->set[KEY_EJECT_TIME] || s->bad & key_bit(KEY_EJECT_TIME) ||
		time <= EJECT_MOST_MS)
		return;
	warn_of(d, s, "eject-time", s->set[KEY_EJECT_TIME],
		"counts as %s, the most there is, not \"%s\"",
		show_duration(EJECT_MOST_MS).text,
		show_duration((unsigned)time).text);
}

/* One in [defaults] may be meant for others. */
static void check_hash_on(struct draft *d, const struct checked *c)
{
	const struct section *s = c->section;

	if (!s->set[KEY_HASH_ON] || s->bad & key_bit(KEY_HASH_ON) ||
		c->conf.balance == BALANCE_MAGLEV ||
		setting_is_bad(d, s, KEY_BALANCE))
		return;
	warn_of(d, s, "hash-on", s->set[KEY_HASH_ON],
		"counts for nothing: balance is not maglev");
}

/* The longer of the two holds. */
static void check_idle(struct draft *d, const struct checked *c)
{
	const struct section *s = c->section;

	if (!s->set[KEY_INTERVAL_IDLE] || setting_is_bad(d, s, KEY_INTERVAL) ||
		s->bad & key_bit(KEY_INTERVAL_IDLE) ||
		c->conf.interval_idle_ms >= c->conf.interval_ms)
		return;
	warn_of(d, s, "interval-idle", s->set[KEY_INTERVAL_IDLE],
		"counts for nothing: the interval, %s, is longer",
		show_duration(c->conf.interval_ms).text);
}

static void check_zones(struct draft *d, const struct checked *c)
{
	if (d->zone || (d->lbd && d->lbd->bad & key_bit(KEY_ZONE)))
		return;
	for (size_t i = 0; i < c->conf.backends; i++) {
		const struct backend_conf *b = &c->conf.backend[i];

		if (!b->zone)
			continue;
		warn_of(d, c->section, "zone", b->line,
			"counts for nothing: [lbd] has no zone");
		return;
	}
}

static void check_max_conns(struct draft *d, const struct checked *c)
{
	if (c->conf.protocol != PROTOCOL_UDP ||
		setting_is_bad(d, c->section, KEY_PROTOCOL))
		return;
	for (size_t i = 0; i < c->conf.backends; i++) {
		const struct backend_conf *b = &c->conf.backend[i];

		if (!b->max_conns)
			continue;
		warn_of(d, c->section, "max-conns", b->line,
			"counts for nothing: udp has no connections");
		return;
	}
}

void check_vain(struct draft *d, const struct checked *c)
{
	check_vain_section(d, c->section);
	check_hash_on(d, c);
	check_idle(d, c);
	check_zones(d, c);
	check_max_conns(d, c);
}
