/*
 * The model as JSON: a service with its backends, or the list of all of them,
 * which is written a block at a time while it is sent. Reads the world, never
 * changes it.
 */
#include "admin_json.h"
#include "kernel.h"
#include "offer.h"
#include "operator.h"

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

bool admin_json_add(json_t *array, json_t *item)
{
	return !json_array_append_new(array, item);
}

json_t *admin_json_whole(json_t *value, bool whole)
{
	if (whole)
		return value;
	json_decref(value);
	return NULL;
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

const char *admin_json_balance(enum table_balance balance)
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

json_t *admin_json_probe(const struct service_conf *conf)
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

static json_t *addresses_json(const struct service_conf *conf)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < conf->addresses; i++)
		if (!admin_json_add(
			    array, address_json(&conf->address[i].addr))) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *names_json(const struct service_conf *conf)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < conf->name_count; i++)
		if (!admin_json_add(array, json_string(conf->names[i].name))) {
			json_decref(array);
			return NULL;
		}
	return array;
}

/* The keys of both; NULL if memory is short. */
static json_t *join(json_t *value, json_t *more)
{
	bool ok = value && more && !json_object_update(value, more);

	json_decref(more);
	if (ok)
		return value;
	json_decref(value);
	return NULL;
}

static json_int_t seconds_between(double since, double now)
{
	return now > since ? (json_int_t)(now - since) : 0;
}

/* As people see it: what the operator wants goes before all else. */
static const char *state_word(const struct backend *b)
{
	if (b->will != WILL_READY)
		return operator_word(b->will);
	return health_is_ejected(b) ? "ejected" : health_word(b->health.state);
}

/* json_pack() leaves out what may be missing, and likewise what it had no memory
 * for. */
static json_t *with(json_t *json, const char *key, bool is_due)
{
	if (!is_due || json_object_get(json, key))
		return json;
	json_decref(json);
	return NULL;
}

static json_t *limit_json(const struct backend_conf *conf)
{
	return conf->max_conns ? json_integer(conf->max_conns) : NULL;
}

static json_t *backend_json(const struct backend *b, double now)
{
	const struct backend_conf *conf = b->conf;
	const struct health *h = &b->health;
	unsigned weight = b->weight ? b->weight : conf->weight;
	double since = b->will == WILL_READY ? h->since : b->will_since;
	json_t *json;

	json = json_pack("{s:s,s:o,s:i,s:i,s:b,s:b,s:s*,s:o*," /* the file */
			 "s:s,s:I,s:o*,s:s,s:s,s:b,s:b,s:I,s:I,s:I,s:I}",
		"name", conf->name, "address", address_json(&conf->addr),
		"weight", (int)weight, "weight_in_file", (int)conf->weight,
		"weight_by_hand", b->weight != 0, "backup", (int)conf->backup,
		"zone", conf->zone, "max_conns", limit_json(conf),

		"state", state_word(b), "since_s", seconds_between(since, now),
		"reason", h->reason[0] ? admin_json_string(h->reason) : NULL,
		"will", operator_word(b->will), "health", health_word(h->state),
		"ejected", (int)health_is_ejected(b), "full", (int)b->full,
		"connections", (json_int_t)b->connections, "picks",
		(json_int_t)b->picks, "ok", (json_int_t)b->ok, "failed",
		(json_int_t)b->failed);
	json = with(json, "max_conns", conf->max_conns);
	return with(json, "reason", h->reason[0]);
}

json_t *admin_json_counts(const struct lbd *lbd)
{
	return json_pack("{s:b,s:I}", "counted",
		(int)kernel_counts(lbd->kernel), "rounds",
		(json_int_t)kernel_rounds(lbd->kernel));
}

json_t *admin_json_backend(const struct lbd *lbd, const struct backend *b)
{
	json_t *head = json_pack("{s:s,s:o}", "service", b->service->conf->name,
		"counts", admin_json_counts(lbd));

	return join(head, backend_json(b, ev_now(lbd->loop)));
}

static json_t *backends_json(const struct service *s, double now)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < s->backends; i++)
		if (!admin_json_add(array, backend_json(s->backend[i], now))) {
			json_decref(array);
			return NULL;
		}
	return array;
}

json_t *admin_json_service(const struct lbd *lbd, const struct service *s)
{
	const struct service_conf *conf = s->conf;
	size_t usable = 0;

	for (size_t i = 0; i < s->backends; i++)
		usable += health_is_usable(s->backend[i]);
	return json_pack("{s:s,s:o,s:o,s:s,s:s,s:o,s:o,s:s,"
			 "s:I,s:I,s:I,s:I,s:I,s:I,s:o,s:o}",
		"name", conf->name, "addresses", addresses_json(conf), "names",
		names_json(conf), "protocol",
		conf->protocol == PROTOCOL_UDP ? "udp" : "tcp", "balance",
		admin_json_balance(conf->balance), "probe",
		admin_json_probe(conf), "access", access_json(&conf->rules),
		"state", offer_word(s), "usable", (json_int_t)usable, "total",
		(json_int_t)s->backends, "attempts", (json_int_t)s->attempts,
		"denied", (json_int_t)s->denied, "failovers",
		(json_int_t)s->failovers, "no_backend",
		(json_int_t)s->no_backend, "counts", admin_json_counts(lbd),
		"backends", backends_json(s, ev_now(lbd->loop)));
}

/* The texts of the errors, or of the warnings. */
static json_t *complaints_json(const struct complaints *said, bool warnings)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < said->count; i++)
		if (said->item[i].warning == warnings &&
			!admin_json_add(
				array, admin_json_string(said->item[i].text))) {
			json_decref(array);
			return NULL;
		}
	return array;
}

json_t *admin_json_reload(bool reloaded, const struct complaints *said)
{
	json_t *errors = reloaded ? NULL : complaints_json(said, false);

	if (errors && !json_array_size(errors)) /* the file was not to blame */
		admin_json_add(errors,
			json_string("out of memory; nothing has changed"));
	return with(
		json_pack("{s:b,s:o*,s:o}", "reloaded", (int)reloaded, "errors",
			errors, "warnings", complaints_json(said, true)),
		"errors", !reloaded);
}
