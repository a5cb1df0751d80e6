/*
 * What stands twice: in one service, or in two. Both lines are named, and the
 * later one is to blame.
 */
#include "conf_parts.h"

#include <stdlib.h>
#include <string.h>

static struct span span_of(const char *text)
{
	return (struct span){text, strlen(text)};
}

static bool same_backend(const void *left, const void *right)
{
	const struct backend_conf *a = left, *b = right;

	return addr_same(&a->addr, &b->addr);
}

static bool same_label(const void *left, const void *right)
{
	const struct backend_conf *a = left, *b = right;

	return !strcmp(a->name, b->name);
}

static bool same_name(const void *left, const void *right)
{
	const struct name_conf *a = left, *b = right;

	return !strcmp(a->name, b->name);
}

static void check_backends(
	struct draft *d, const struct checked *c, struct index *ix)
{
	const struct backend_conf *b = c->conf.backend;

	ix->same = same_backend;
	if (!index_clear(d, ix, c->conf.backends))
		return;
	for (size_t i = 0; i < c->conf.backends; i++) {
		const struct backend_conf *first =
			index_add(ix, hash_address(&b[i].addr, 0), &b[i]);

		if (first)
			complain_of(d, c->section, "backend", b[i].line,
				"%s stands on line %d already",
				show_address(&b[i].addr).text, first->line);
	}
}

static void check_labels(
	struct draft *d, const struct checked *c, struct index *ix)
{
	const struct backend_conf *b = c->conf.backend;

	ix->same = same_label;
	if (!index_clear(d, ix, c->conf.backends))
		return;
	for (size_t i = 0; i < c->conf.backends; i++) {
		const struct backend_conf *first = NULL;

		if (b[i].named) /* IP:PORT can be nobody's name */
			first = index_add(
				ix, hash_text(span_of(b[i].name)), &b[i]);
		if (first)
			complain_of(d, c->section, "name", b[i].line,
				"%s stands on line %d already",
				quote(b[i].name).text, first->line);
	}
}

static void check_own_names(
	struct draft *d, const struct checked *c, struct index *ix)
{
	const struct name_conf *n = c->conf.names;

	ix->same = same_name;
	if (!index_clear(d, ix, c->conf.name_count))
		return;
	for (size_t i = 0; i < c->conf.name_count; i++) {
		const struct name_conf *first =
			index_add(ix, hash_text(span_of(n[i].name)), &n[i]);

		if (first)
			complain_of(d, c->section, "name", n[i].line,
				"%s stands on line %d already",
				quote(n[i].name).text, first->line);
	}
}

void check_twice(struct draft *d, const struct checked *c, size_t count)
{
	struct index ix = {0};

	for (size_t i = 0; i < count && !d->exhausted; i++) {
		come_between(d);
		check_backends(d, &c[i], &ix);
		check_labels(d, &c[i], &ix);
		check_own_names(d, &c[i], &ix);
	}
	index_free(&ix);
}

/* An address as callers tell them apart, and whose it is. */
struct place {
	struct addr addr;
	enum protocol protocol;
	const struct checked *owner;
	int line;
};

static bool same_place(const void *left, const void *right)
{
	const struct place *a = left, *b = right;

	return addr_same(&a->addr, &b->addr) && a->protocol == b->protocol;
}

static uint64_t hash_place(const struct place *p)
{
	return hash_address(&p->addr, p->protocol);
}

static void add_place(struct draft *d, struct index *ix, const struct place *p)
{
	const struct place *first = index_add(ix, hash_place(p), p);
	const struct section *s = p->owner->section;

	if (first && first->owner == p->owner)
		complain_of(d, s, "address", p->line,
			"%s stands on line %d already",
			show_address(&p->addr).text, first->line);
	else if (first)
		complain_of(d, s, "address", p->line,
			"%s (%s) is taken by [%.*s] on line %d",
			show_address(&p->addr).text,
			p->protocol == PROTOCOL_UDP ? "udp" : "tcp",
			(int)first->owner->section->title.size,
			first->owner->section->title.at, first->line);
}

/* Whose address is it? The exact port comes before every port. */
static void check_target(struct draft *d, const struct index *ix,
	const struct checked *c, const struct backend_conf *b)
{
	struct place like = {b->addr, c->conf.protocol, c, 0};
	const struct place *p = index_find(ix, hash_place(&like), &like);

	if (!p && b->addr.port) {
		like.addr.port = 0;
		p = index_find(ix, hash_place(&like), &like);
	}
	if (p && p->owner != c)
		warn_of(d, c->section, "backend", b->line,
			"%s is an address of [%.*s] (line %d): connections "
			"are rewritten once, never followed",
			show_address(&b->addr).text,
			(int)p->owner->section->title.size,
			p->owner->section->title.at, p->line);
}

static void add_places(struct draft *d, struct index *ix,
	const struct checked *c, struct place *place)
{
	for (size_t i = 0; i < c->conf.addresses; i++) {
		place[i].addr = c->conf.address[i].addr;
		place[i].protocol = c->conf.protocol;
		place[i].owner = c;
		place[i].line = c->conf.address[i].line;
		if (!setting_is_bad(d, c->section, KEY_PROTOCOL))
			add_place(d, ix, &place[i]);
	}
}

void check_addresses(struct draft *d, const struct checked *c, size_t count)
{
	size_t total = d->memory->addresses.count;
	struct place *place = calloc(total + 1, sizeof(*place));
	struct index ix = {.same = same_place};

	if (!place) {
		d->exhausted = true;
		return;
	}
	if (index_clear(d, &ix, total)) {
		struct place *next = place;

		for (size_t i = 0; i < count; i++) {
			add_places(d, &ix, &c[i], next);
			next += c[i].conf.addresses;
		}
		for (size_t i = 0; i < count; i++) {
			come_between(d);
			for (size_t n = 0; n < c[i].conf.backends; n++)
				check_target(
					d, &ix, &c[i], &c[i].conf.backend[n]);
		}
	}
	index_free(&ix);
	free(place);
}
