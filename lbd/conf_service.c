/*
 * A service as it will run: its own keys, else those of [defaults], else what
 * the product comes with.
 */
#include "conf_parts.h"

const struct section *setting_from(
	const struct draft *d, const struct section *s, enum key_id key)
{
	if (s->set[key])
		return s;
	return d->defaults && d->defaults->set[key] ? d->defaults : NULL;
}

bool setting_is_bad(
	const struct draft *d, const struct section *s, enum key_id key)
{
	const struct section *from = setting_from(d, s, key);

	return from && from->bad & key_bit(key);
}

static int setting(const struct draft *d, const struct section *s,
	enum key_id key, int standard)
{
	const struct section *from = setting_from(d, s, key);

	return from ? from->value[key] : standard;
}

static int plain(
	const struct draft *d, const struct section *s, enum key_id key)
{
	return setting(d, s, key, conf_keys[key].standard);
}

static void fill_probe(
	const struct draft *d, const struct section *s, struct service_conf *to)
{
	int interval = plain(d, s, KEY_INTERVAL);
	int second = interval < 1000 ? interval : 1000;
	int idle = conf_keys[KEY_INTERVAL_IDLE].standard;
	const struct probe_conf *probe = d->probes.item;
	int number = setting(d, s, KEY_PROBE, 0);

	if (number)
		to->probe = probe[number - 1];
	else if (to->protocol == PROTOCOL_UDP)
		to->probe.kind = PROBE_NONE;
	to->interval_ms = (unsigned)interval;
	to->timeout_ms = (unsigned)setting(d, s, KEY_TIMEOUT, second);
	to->interval_down_ms =
		(unsigned)setting(d, s, KEY_INTERVAL_DOWN, interval);
	to->interval_change_ms =
		(unsigned)setting(d, s, KEY_INTERVAL_CHANGE, second);
	to->interval_idle_ms = (unsigned)setting(
		d, s, KEY_INTERVAL_IDLE, interval > idle ? interval : idle);
	to->probe_full_when_busy = plain(d, s, KEY_PROBE_WHEN_BUSY);
	to->rise = (unsigned)plain(d, s, KEY_RISE);
	to->fall = (unsigned)plain(d, s, KEY_FALL);
}

/* All lists have their final place by now. */
static void fill_lists(
	const struct draft *d, const struct section *s, struct service_conf *to)
{
	const struct conf_memory *m = d->memory;
	struct run rules = s->rules;

	if (!rules.count && d->defaults)
		rules = d->defaults->rules;
	to->address =
		list_at(&m->addresses, s->addresses, sizeof(*to->address));
	to->addresses = s->addresses.count;
	to->names = list_at(&m->names, s->names, sizeof(*to->names));
	to->name_count = s->names.count;
	to->backend = list_at(&m->backends, s->backends, sizeof(*to->backend));
	to->backends = s->backends.count;
	to->rules.rule = list_at(&m->rules, rules, sizeof(*to->rules.rule));
	to->rules.count = rules.count;
}

void service_fill(
	const struct draft *d, const struct section *s, struct service_conf *to)
{
	to->line = s->line;
	to->protocol = (enum protocol)plain(d, s, KEY_PROTOCOL);
	to->balance = (enum table_balance)plain(d, s, KEY_BALANCE);
	to->hash_on = (enum hash_on)plain(d, s, KEY_HASH_ON);
	to->retries = (unsigned)plain(d, s, KEY_RETRIES);
	to->connect_timeout_ms = (unsigned)plain(d, s, KEY_CONNECT_TIMEOUT);
	to->eject_after = (unsigned)plain(d, s, KEY_EJECT_AFTER);
	to->eject_time_ms = (unsigned)plain(d, s, KEY_EJECT_TIME);
	to->slow_start_ms = (unsigned)plain(d, s, KEY_SLOW_START);
	to->reset_on_down = plain(d, s, KEY_ON_DOWN);
	to->peer_is_real = plain(d, s, KEY_PEERNAME);
	to->panic = plain(d, s, KEY_PANIC);
	to->no_backend = plain(d, s, KEY_NO_BACKEND);
	fill_probe(d, s, to);
	fill_lists(d, s, to);
}
