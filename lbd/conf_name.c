/*
 * A name that stands in several services: look-ups answer it with addresses,
 * which must be the same in all of them. Services with the same set of IPs
 * share one number, so that sets are compared once, not once a name.
 */
#include "conf_parts.h"

#include <stdlib.h>
#include <string.h>

/* The IPs of a service, sorted, each once, ports left out. */
struct ips {
	const struct checked *service;
	struct addr *ip;
	size_t count;
	const struct ips *same; /* the first that has these IPs */
};

/* A name, and what it stands for. */
struct meaning {
	const struct name_conf *name;
	const struct ips *ips;
};

static int by_ip(const void *left, const void *right)
{
	const struct addr *a = left, *b = right;

	if (a->hi != b->hi)
		return a->hi < b->hi ? -1 : 1;
	return a->lo < b->lo ? -1 : a->lo > b->lo;
}

static bool same_ips(const void *left, const void *right)
{
	const struct ips *a = left, *b = right;

	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!addr_same(&a->ip[i], &b->ip[i]))
			return false;
	return true;
}

static bool same_name(const void *left, const void *right)
{
	const struct meaning *a = left, *b = right;

	return !strcmp(a->name->name, b->name->name);
}

static void collect_ips(
	struct ips *to, const struct checked *c, struct addr *room)
{
	size_t n = 0;

	to->service = c;
	to->ip = room;
	for (size_t i = 0; i < c->conf.addresses; i++) {
		room[i] = c->conf.address[i].addr;
		room[i].port = 0;
	}
	qsort(room, c->conf.addresses, sizeof(*room), by_ip);
	for (size_t i = 0; i < c->conf.addresses; i++)
		if (!n || by_ip(&room[n - 1], &room[i]))
			room[n++] = room[i];
	to->count = n;
}

static void number_ips(struct index *ix, struct ips *ips)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < ips->count; i++)
		hash = table_mix(hash ^ hash_address(&ips->ip[i], 0));
	ips->same = index_add(ix, hash, ips);
	if (!ips->same)
		ips->same = ips;
}

static void add_meaning(
	struct draft *d, struct index *ix, const struct meaning *m)
{
	struct span name = {m->name->name, strlen(m->name->name)};
	const struct meaning *first = index_add(ix, hash_text(name), m);
	const struct section *other;

	if (!first || first->ips->same == m->ips->same)
		return;
	other = first->ips->service->section;
	complain_of(d, m->ips->service->section, "name", m->name->line,
		"%s stands in [%.*s] on line %d for other IPs",
		quote(m->name->name).text, (int)other->title.size,
		other->title.at, first->name->line);
}

/* What a service says about its names is clear only with sound addresses. */
static bool is_comparable(const struct checked *c)
{
	return c->conf.name_count && c->conf.addresses &&
		!(c->section->bad & key_bit(KEY_ADDRESS));
}

static void compare(struct draft *d, const struct checked *c, size_t count,
	struct ips *ips, struct addr *room, struct meaning *meaning)
{
	struct index sets = {.same = same_ips}, names = {.same = same_name};

	if (!index_clear(d, &sets, count) ||
		!index_clear(d, &names, d->memory->names.count))
		count = 0;
	for (size_t i = 0; i < count; i++) {
		if (!is_comparable(&c[i]))
			continue;
		collect_ips(&ips[i], &c[i], room);
		room += c[i].conf.addresses;
		number_ips(&sets, &ips[i]);
		for (size_t n = 0; n < c[i].conf.name_count; n++, meaning++) {
			meaning->name = &c[i].conf.names[n];
			meaning->ips = &ips[i];
			add_meaning(d, &names, meaning);
		}
	}
	index_free(&sets);
	index_free(&names);
}

void check_names(struct draft *d, const struct checked *c, size_t count)
{
	size_t names = d->memory->names.count;
	struct ips *ips = NULL;
	struct addr *room = NULL;
	struct meaning *meaning = NULL;

	if (!names)
		return;
	ips = calloc(count + 1, sizeof(*ips));
	room = calloc(d->memory->addresses.count + 1, sizeof(*room));
	meaning = calloc(names, sizeof(*meaning));
	if (ips && room && meaning)
		compare(d, c, count, ips, room, meaning);
	else
		d->exhausted = true;
	free(ips);
	free(room);
	free(meaning);
}
