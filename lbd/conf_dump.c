/*
 * A model as the text of an lbd.ini: what was understood, in full. Every key of
 * every service stands there, whether the file says it or a default does, so
 * there is no [defaults]; what is no key is a comment. Read again, it is the
 * same model, and written again the same text.
 */
#include "conf_dump.h"

#include <string.h>

static const char *name_of(enum key_id key)
{
	return conf_keys[key].name;
}

/* A line that was just short enough may have had no blanks. */
static void put(FILE *to, enum key_id key, const char *value)
{
	bool wide = strlen(name_of(key)) + 3 + strlen(value) <= LINE_BYTES;

	fprintf(to, wide ? "%s = %s\n" : "%s=%s\n", name_of(key), value);
}

/* The word of a key that stands for a value; NULL: none does. */
static const char *word_of(enum key_id key, int value)
{
	for (const struct word *w = conf_keys[key].words; w && w->text; w++)
		if (w->value == value)
			return w->text;
	return NULL;
}

static void put_word(FILE *to, enum key_id key, int value)
{
	put(to, key, word_of(key, value));
}

static void put_duration(FILE *to, enum key_id key, unsigned ms)
{
	const char *word = word_of(key, (int)ms);

	put(to, key, word ? word : show_duration(ms).text);
}

static void put_number(FILE *to, enum key_id key, unsigned n)
{
	fprintf(to, "%s = %u\n", name_of(key), n);
}

static void put_percent(FILE *to, enum key_id key, int percent)
{
	if (word_of(key, percent))
		put_word(to, key, percent);
	else
		fprintf(to, "%s = %d%%\n", name_of(key), percent);
}

static void dump_lbd(const struct conf *conf, FILE *to)
{
	fputs("\n[lbd]\n", to);
	put(to, KEY_SOCKET, conf->socket);
	fprintf(to, "%s = %04o\n", name_of(KEY_SOCKET_MODE), conf->socket_mode);
	put(to, KEY_ADMIN, conf->admin);
	put_word(to, KEY_LOG, (int)conf->log);
	put_word(to, KEY_LOG_LEVEL, (int)conf->log_level);
	if (conf->zone)
		put(to, KEY_ZONE, conf->zone);
	else
		fputs("; no zone\n", to);
}

static void dump_places(const struct service_conf *s, FILE *to)
{
	for (size_t i = 0; i < s->addresses; i++)
		put(to, KEY_ADDRESS, show_address(&s->address[i].addr).text);
	for (size_t i = 0; i < s->name_count; i++)
		put(to, KEY_NAME, s->names[i].name);
}

/* hash-on would be warned of where it counts for nothing. */
static void dump_choice(const struct service_conf *s, FILE *to)
{
	put_word(to, KEY_PROTOCOL, (int)s->protocol);
	put_word(to, KEY_BALANCE, (int)s->balance);
	if (s->balance != BALANCE_MAGLEV)
		fputs("; ", to);
	put_word(to, KEY_HASH_ON, (int)s->hash_on);
}

static void dump_probing(const struct service_conf *s, FILE *to)
{
	char room[LINE_BYTES + 1];

	put(to, KEY_PROBE, probe_text(&s->probe, room));
	put_duration(to, KEY_INTERVAL, s->interval_ms);
	put_duration(to, KEY_TIMEOUT, s->timeout_ms);
	put_duration(to, KEY_INTERVAL_DOWN, s->interval_down_ms);
	put_duration(to, KEY_INTERVAL_CHANGE, s->interval_change_ms);
	put_duration(to, KEY_INTERVAL_IDLE, s->interval_idle_ms);
	put_word(to, KEY_PROBE_WHEN_BUSY, s->probe_full_when_busy);
	put_number(to, KEY_RISE, s->rise);
	put_number(to, KEY_FALL, s->fall);
}

static void dump_failing(const struct service_conf *s, FILE *to)
{
	put_number(to, KEY_RETRIES, s->retries);
	put_duration(to, KEY_CONNECT_TIMEOUT, s->connect_timeout_ms);
	put_number(to, KEY_EJECT_AFTER, s->eject_after);
	put_duration(to, KEY_EJECT_TIME, s->eject_time_ms);
	put_percent(to, KEY_PANIC, s->panic);
	put_duration(to, KEY_SLOW_START, s->slow_start_ms);
	put_word(to, KEY_NO_BACKEND, s->no_backend);
	put_word(to, KEY_PEERNAME, s->peer_is_real);
	put_word(to, KEY_ON_DOWN, s->reset_on_down);
}

/* The number that a name stands for; a comment that fits a line. */
static void dump_id(
	FILE *to, const char *subject, const char *word, unsigned id)
{
	char line[2 * LINE_BYTES];

	/* GCOVR_EXCL_BR_START: nobody is called so long */
	if (word[strspn(word, "0123456789")] &&
		snprintf(line, sizeof(line), "; %s %s is %u\n", subject, word,
			id) <= LINE_BYTES)
		fputs(line, to);
	/* GCOVR_EXCL_BR_STOP */
}

/* As it was written, with one blank between words. */
static void dump_rule(const struct rule *r, FILE *to)
{
	char text[LINE_BYTES + 1], value[LINE_BYTES + 1] = "";
	char *rest = text, *word, *end = value;
	const char *before = "";

	snprintf(text, sizeof(text), "%s", r->written);
	for (; (word = next_word(&rest)); before = word) {
		if (!strcmp(before, "user"))
			dump_id(to, before, word, r->user);
		else if (!strcmp(before, "group"))
			dump_id(to, before, word, r->group);
		if (end > value)
			*end++ = ' ';
		end = stpcpy(end, word);
	}
	put(to, r->permit ? KEY_PERMIT : KEY_DENY, value);
}

static void dump_rules(const struct rules *rules, FILE *to)
{
	if (!rules->count)
		fputs("; no rules: everybody may\n", to);
	for (size_t i = 0; i < rules->count; i++)
		dump_rule(&rules->rule[i], to);
}

static void dump_backend(const struct backend_conf *b, FILE *to)
{
	fprintf(to, "%s = %s weight=%u", name_of(KEY_BACKEND),
		show_address(&b->addr).text, b->weight);
	if (b->named)
		fprintf(to, " name=%s", b->name);
	if (b->zone)
		fprintf(to, " zone=%s", b->zone);
	if (b->max_conns)
		fprintf(to, " max-conns=%u", b->max_conns);
	fputs(b->backup ? " backup\n" : "\n", to);
}

static void dump_service(const struct service_conf *s, FILE *to)
{
	fprintf(to, "\n[service %s]\n", s->name);
	dump_places(s, to);
	dump_choice(s, to);
	dump_probing(s, to);
	dump_failing(s, to);
	dump_rules(&s->rules, to);
	for (size_t i = 0; i < s->backends; i++)
		dump_backend(&s->backend[i], to);
}

void conf_dump(const struct conf *conf, FILE *to)
{
	size_t addresses = 0, backends = 0;

	for (size_t i = 0; i < conf->services; i++) {
		addresses += conf->service[i].addresses;
		backends += conf->service[i].backends;
	}
	fprintf(to, "; services: %zu, addresses: %zu, backends: %zu\n",
		conf->services, addresses, backends);
	dump_lbd(conf, to);
	for (size_t i = 0; i < conf->services; i++)
		dump_service(&conf->service[i], to);
}
