/*
 * The model as JSON: a service with its backends, or the list of all of them,
 * which is written a block at a time while it is sent. Reads the world, never
 * changes it.
 */
#include "admin_json.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

json_t *admin_json_string(const char *text)
{
	json_t *value = json_string(text);
	char *ascii;

	if (value)
		return value;
	ascii = strdup(text);
	for (char *c = ascii; c && *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	value = ascii ? json_string(ascii) : NULL;
	free(ascii);
	return value;
}

json_t *admin_json_error(const char *format, ...)
{
	char *text = NULL;
	json_t *value = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) >= 0) {
		value = json_pack("{s:o}", "error", admin_json_string(text));
		free(text);
	}
	va_end(args);
	return value;
}

static const char *balance_word(enum table_balance balance)
{
	switch (balance) {
	case BALANCE_ROUND_ROBIN:
		return "round-robin";
	case BALANCE_RANDOM:
		return "random";
	case BALANCE_FIRST:
		return "first";
	case BALANCE_P2C:
		return "p2c";
	case BALANCE_LEAST_CONN:
		return "least-conn";
	case BALANCE_MAGLEV:
		return "maglev";
	}
	return "unknown";
}

static json_t *probe_json(const struct service_conf *conf)
{
	if (conf->probe.written)
		return json_string(conf->probe.written);
	return json_string(conf->probe.kind == PROBE_NONE ? "none" : "tcp");
}

static json_t *access_json(const struct rules *rules)
{
	if (!rules->count)
		return json_string("everybody");
	return json_sprintf(
		"%zu rule%s", rules->count, rules->count == 1 ? "" : "s");
}

static json_t *address_json(const struct addr *a)
{
	char text[ADDR_TEXT_MAX];
	unsigned length = addr_text(a, true, text);

	if (!a->port)
		text[length - 1] = '*';
	return json_stringn(text, length);
}

/* False where memory is short; `item` is gone then. */
static bool add(json_t *array, json_t *item)
{
	return !json_array_append_new(array, item);
}

static json_t *addresses_json(const struct service_conf *conf)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < conf->addresses; i++)
		if (!add(array, address_json(&conf->address[i].addr))) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *names_json(const struct service_conf *conf)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < conf->name_count; i++)
		if (!add(array, json_string(conf->names[i].name))) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_int_t seconds_between(double since, double now)
{
	return now > since ? (json_int_t)(now - since) : 0;
}

static json_t *backend_json(const struct backend *b, double now)
{
	const struct health *h = &b->health;

	return json_pack("{s:s,s:o,s:i,s:b,s:s,s:I,s:o*,s:I,s:I,s:I}", "name",
		b->conf->name, "address", address_json(&b->conf->addr),
		"weight", (int)b->conf->weight, "backup", (int)b->conf->backup,
		"state", health_word(h->state), "since_s",
		seconds_between(h->since, now), "reason",
		h->reason[0] ? admin_json_string(h->reason) : NULL, "picks",
		(json_int_t)b->picks, "ok", (json_int_t)b->ok, "failed",
		(json_int_t)b->failed);
}

static json_t *backends_json(const struct service *s, double now)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < s->backends; i++)
		if (!add(array, backend_json(s->backend[i], now))) {
			json_decref(array);
			return NULL;
		}
	return array;
}

/* What callers of one address family find; from best to worst. */
enum offer {
	OFFER_NOTHING_MEANT, /* no backend of the family */
	OFFER_OK,
	OFFER_DEGRADED, /* some are down */
	OFFER_BACKUP,	/* only backups carry it */
	OFFER_PANIC,	/* too few are usable: health is ignored */
	OFFER_DOWN,	/* callers are told no-backend */
};

static enum offer judge_offer(const struct service *s, enum table_family family)
{
	size_t all = 0, usable = 0, backups = 0;

	for (size_t i = 0; i < s->backends; i++) {
		const struct backend *b = s->backend[i];
		bool v4 = addr_is_v4(&b->conf->addr);

		if (v4 != (family == FAMILY_V4))
			continue;
		all++;
		if (!health_is_usable(b))
			continue;
		usable++;
		backups += b->conf->backup;
	}
	if (!all)
		return OFFER_NOTHING_MEANT;
	if (s->panic[family])
		return OFFER_PANIC;
	if (!usable)
		return OFFER_DOWN;
	if (usable == backups)
		return OFFER_BACKUP;
	return usable == all ? OFFER_OK : OFFER_DEGRADED;
}

/* A service is as well as the worse of its families. */
static const char *state_word(const struct service *s)
{
	static const char *const word[] = {
		[OFFER_NOTHING_MEANT] = "empty",
		[OFFER_OK] = "ok",
		[OFFER_DEGRADED] = "degraded",
		[OFFER_BACKUP] = "backup",
		[OFFER_PANIC] = "panic",
		[OFFER_DOWN] = "down",
	};
	enum offer v4 = judge_offer(s, FAMILY_V4);
	enum offer v6 = judge_offer(s, FAMILY_V6);

	return word[v4 > v6 ? v4 : v6];
}

json_t *admin_json_service(const struct service *s, double now)
{
	const struct service_conf *conf = s->conf;
	size_t usable = 0;

	for (size_t i = 0; i < s->backends; i++)
		usable += health_is_usable(s->backend[i]);
	return json_pack("{s:s,s:o,s:o,s:s,s:s,s:o,s:o,s:s,"
			 "s:I,s:I,s:I,s:I,s:I,s:I,s:o}",
		"name", conf->name, "addresses", addresses_json(conf), "names",
		names_json(conf), "protocol",
		conf->protocol == PROTOCOL_UDP ? "udp" : "tcp", "balance",
		balance_word(conf->balance), "probe", probe_json(conf),
		"access", access_json(&conf->rules), "state", state_word(s),
		"usable", (json_int_t)usable, "total", (json_int_t)s->backends,
		"attempts", (json_int_t)s->attempts, "denied",
		(json_int_t)s->denied, "failovers", (json_int_t)s->failovers,
		"no_backend", (json_int_t)s->no_backend, "backends",
		backends_json(s, now));
}

/* The texts of the errors, or of the warnings. */
static json_t *complaints_json(const struct complaints *said, bool warnings)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < said->count; i++)
		if (said->item[i].warning == warnings &&
			!add(array, admin_json_string(said->item[i].text))) {
			json_decref(array);
			return NULL;
		}
	return array;
}

json_t *admin_json_reload(bool reloaded, const struct complaints *said)
{
	json_t *errors = reloaded ? NULL : complaints_json(said, false);

	if (errors && !json_array_size(errors)) /* the file was not to blame */
		add(errors, json_string("out of memory; nothing has changed"));
	return json_pack("{s:b,s:o*,s:o}", "reloaded", (int)reloaded, "errors",
		errors, "warnings", complaints_json(said, true));
}
