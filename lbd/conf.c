/*
 * lbd.ini, from text to model: read all of it, settle what the lines mean
 * together, check, and only then hand it out. One error, and nothing is.
 */
#include "conf_parts.h"

#include <stdlib.h>
#include <string.h>

static const char default_socket[] = "/run/lbd/lbd.sock";
static const char admin_name[] = "admin.sock";

static int lbd_setting(const struct draft *d, enum key_id key)
{
	return d->lbd && d->lbd->set[key] ? d->lbd->value[key]
					  : conf_keys[key].standard;
}

/* admin.sock beside the socket; NULL when that is no path of a socket. */
static char *default_admin(struct draft *d)
{
	int directory = (int)(strrchr(d->socket, '/') + 1 - d->socket);
	char path[SOCKET_PATH_BYTES + sizeof(admin_name)];
	int size = snprintf(
		path, sizeof(path), "%.*s%s", directory, d->socket, admin_name);

	if (size > SOCKET_PATH_BYTES || !strcmp(path, d->socket))
		return NULL;
	return keep_text(d, path, (size_t)size);
}

/* lbd keeps PATH.lock beside its socket. */
static bool is_lock_of(const char *socket, const char *path)
{
	size_t size = strlen(socket);

	return !strncmp(path, socket, size) && !strcmp(path + size, ".lock");
}

static void settle_paths(struct draft *d)
{
	if (!d->socket)
		d->socket = keep_text(
			d, default_socket, sizeof(default_socket) - 1);
	/* GCOVR_EXCL_BR_START: no memory, for its first text */
	if (!d->socket ||
		(d->lbd &&
			d->lbd->bad &
				(key_bit(KEY_SOCKET) | key_bit(KEY_ADMIN))))
		return;
	/* GCOVR_EXCL_BR_STOP */
	if (d->admin) { /* [lbd] says so */
		if (!strcmp(d->admin, d->socket) ||
			is_lock_of(d->socket, d->admin))
			complain_of(d, d->lbd, "admin", d->lbd->set[KEY_ADMIN],
				"must be another path than socket and its "
				"lock, not %s",
				quote(d->admin).text);
		return;
	}
	d->admin = default_admin(d);
	/* GCOVR_EXCL_BR_START: no memory, for its last text */
	if (!d->admin && !d->exhausted) /* the default socket leaves room */
		complain_of(d, d->lbd, "socket", d->lbd->set[KEY_SOCKET],
			"leaves no room for %s beside it, set admin too: %s",
			admin_name, quote(d->socket).text);
	/* GCOVR_EXCL_BR_STOP */
}

/* The services that count, with every key filled in; NULL without memory. */
static struct checked *settle_services(struct draft *d, size_t *count)
{
	const struct section *s = d->sections.item;
	struct checked *c = calloc(d->sections.count + 1, sizeof(*c)), *to = c;

	if (!c) {
		d->exhausted = true;
		return NULL;
	}
	for (size_t i = 0; i < d->sections.count; i++) {
		struct span name;

		come_between(d);
		if (s[i].stray || s[i].kind != SECTION_SERVICE)
			continue;
		name = section_name(&s[i]);
		to->section = &s[i];
		to->conf.name = keep_text(d, name.at, name.size);
		service_fill(d, &s[i], &to->conf);
		to++;
	}
	*count = (size_t)(to - c);
	return c;
}

static void check(struct draft *d, const struct checked *c, size_t count)
{
	if (!count && !d->said->errors)
		warn_of(d, NULL, NULL, 0,
			"no [service NAME]: no connection "
			"will be balanced");
	if (d->defaults) {
		check_rules(d, d->defaults);
		check_vain_section(d, d->defaults);
	}
	for (size_t i = 0; i < count; i++) {
		come_between(d);
		check_service(d, &c[i]);
	}
	check_twice(d, c, count);
	check_addresses(d, c, count);
	check_names(d, c, count);
}

/* The memory goes over to the model; NULL without memory. */
static struct conf *build(
	struct draft *d, const struct checked *c, size_t count)
{
	struct conf *conf = calloc(1, sizeof(*conf));
	struct service_conf *service = calloc(count + 1, sizeof(*service));

	if (!conf || !service) {
		d->exhausted = true;
		free(conf);
		free(service);
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		service[i] = c[i].conf;
	conf->service = service;
	conf->services = count;
	conf->socket = d->socket;
	conf->admin = d->admin;
	conf->zone = d->zone;
	conf->socket_mode = (mode_t)lbd_setting(d, KEY_SOCKET_MODE);
	conf->log = (enum log_target)lbd_setting(d, KEY_LOG);
	conf->log_level = (enum log_level)lbd_setting(d, KEY_LOG_LEVEL);
	for (int key = 0; d->lbd && key <= KEY_LOG_LEVEL; key++)
		d->memory->lbd_line[key] = d->lbd->set[key];
	conf->memory = d->memory;
	d->memory = NULL;
	return conf;
}

void draft_begin(struct draft *d, const char *text, size_t size)
{
	d->memory = calloc(1, sizeof(*d->memory));
	if (!d->memory) {
		d->exhausted = true;
		return;
	}
	if (!size) {
		complain(d, 0, "empty file");
		return;
	}
	if (size > CONF_BYTES_MOST) {
		complain(d, 0, "%zu bytes: at most %zu", size, CONF_BYTES_MOST);
		return;
	}
	if (text_is_utf16(text, size)) {
		complain(d, 0, "is UTF-16: must be UTF-8");
		return;
	}
	d->rest = (struct span){text, size};
	scan_text(d);
	sections_settle(d);
	lookups_sort_out(d);
	d->scanned = !d->exhausted;
}

static struct conf *settle(struct draft *d, const struct conf *before)
{
	struct checked *c = NULL;
	struct conf *conf = NULL;
	size_t count = 0;

	lookups_settle(d, before ? before->memory : NULL);
	settle_paths(d);
	if (!d->exhausted)
		c = settle_services(d, &count);
	if (!d->exhausted)
		check(d, c, count);
	if (!d->exhausted && !d->said->errors)
		conf = build(d, c, count);
	free(c);
	return conf;
}

struct conf *draft_end(struct draft *d, const struct conf *before)
{
	struct conf *conf = d->scanned ? settle(d, before) : NULL;

	complaints_close(d);
	if (d->exhausted) { /* even a warning that is lost counts */
		conf_free(conf);
		conf = NULL;
	}
	free(d->sections.item);
	free(d->probes.item);
	memory_free(d->memory);
	return conf;
}

struct conf *conf_parse(const char *name, const char *text, size_t size,
	struct complaints *said)
{
	struct draft d = {.file = name, .said = said};

	*said = (struct complaints){0};
	draft_begin(&d, text, size);
	if (d.scanned)
		lookups_ask(&d);
	return draft_end(&d, NULL);
}

static bool compare_key(
	struct draft *d, const struct conf *next, enum key_id key, bool same)
{
	static const struct section lbd = {.title = {"lbd", 3}};

	if (!same)
		complain_of(d, &lbd, conf_keys[key].name,
			next->memory->lbd_line[key], "needs a restart");
	return same;
}

bool conf_same_process(const struct conf *running, const struct conf *next,
	const char *path, struct complaints *said)
{
	struct draft d = {.file = path, .said = said};
	bool same = true;

	same &= compare_key(
		&d, next, KEY_SOCKET, !strcmp(running->socket, next->socket));
	same &= compare_key(&d, next, KEY_SOCKET_MODE,
		running->socket_mode == next->socket_mode);
	same &= compare_key(
		&d, next, KEY_ADMIN, !strcmp(running->admin, next->admin));
	same &= compare_key(&d, next, KEY_LOG, running->log == next->log);
	complaints_close(&d);
	return same;
}

void conf_free(struct conf *conf)
{
	if (!conf)
		return;
	memory_free(conf->memory);
	free(conf->service);
	free(conf);
}
