/*
 * A world to come, built beside the one there is: old services are found by
 * name, and their backends by address, which are borrowed. Nothing of the old
 * world changes but that its services know their heirs.
 */
#include "interlude.h"
#include "lists.h"
#include "publish.h"
#include "world.h"
#include "world_parts.h"

#include <stdlib.h>
#include <string.h>

/* Old services by name, for look-ups while the new world is built. */
struct by_name {
	struct service **sorted;
	size_t count;
};

static int compare_names(const void *a, const void *b)
{
	const struct service *const *x = a, *const *y = b;

	return strcmp((*x)->conf->name, (*y)->conf->name);
}

static bool index_names(struct by_name *index, const struct world *world)
{
	index->count = world->services;
	index->sorted = calloc(world->services + 1, sizeof(*index->sorted));
	if (!index->sorted)
		return false;
	for (size_t i = 0; i < world->services; i++)
		index->sorted[i] = &world->service[i];
	qsort(index->sorted, index->count, sizeof(*index->sorted),
		compare_names);
	return true;
}

static struct service *find_name(
	const struct by_name *index, const struct service_conf *conf)
{
	const struct service key = {.conf = conf}, *at = &key;
	struct service **found = bsearch(&at, index->sorted, index->count,
		sizeof(*index->sorted), compare_names);

	return found ? *found : NULL;
}

static int compare_addrs(const void *a, const void *b)
{
	const struct backend *const *x = a, *const *y = b;
	const struct addr *p = &(*x)->conf->addr, *q = &(*y)->conf->addr;

	if (p->hi != q->hi)
		return p->hi < q->hi ? -1 : 1;
	if (p->lo != q->lo)
		return p->lo < q->lo ? -1 : 1;
	return (p->port > q->port) - (p->port < q->port);
}

/* Old backends by address; most reloads change none, so the order is kept. */
static struct backend **sort_backends(const struct service *old)
{
	struct backend **sorted = calloc(old->backends + 1, sizeof(*sorted));

	if (!sorted)
		return NULL;
	for (size_t i = 0; i < old->backends; i++)
		sorted[i] = old->backend[i];
	qsort(sorted, old->backends, sizeof(*sorted), compare_addrs);
	return sorted;
}

/* Carries a backend over, or makes one: of no service until it is taken in. */
static struct backend *take_backend(
	struct backend **sorted, size_t count, const struct backend_conf *conf)
{
	const struct backend key = {.conf = conf}, *at = &key;
	struct backend **found = NULL;

	if (count)
		found = bsearch(
			&at, sorted, count, sizeof(*sorted), compare_addrs);
	return found ? *found : calloc(1, sizeof(struct backend));
}

static bool build_backends(
	struct service *s, const struct service *old, size_t count)
{
	struct backend **sorted = old ? sort_backends(old) : NULL;
	bool ok = !old || sorted;

	s->backend = calloc(count + 1, sizeof(*s->backend));
	for (size_t i = 0; ok && s->backend && i < count; i++) {
		struct backend *b = take_backend(
			sorted, old ? old->backends : 0, &s->conf->backend[i]);

		if (!b)
			break;
		if (!b->service)
			b->conf = &s->conf->backend[i];
		s->backend[s->backends++] = b;
	}
	free(sorted);
	return s->backends == count && s->backend;
}

static bool build_service(
	struct world *w, const struct by_name *index, struct service *s)
{
	struct service *known = find_name(index, s->conf);

	s->counter = UINT32_MAX;
	if (known) {
		known->heir = s;
		s->former = known->list;
		s->tag = known->tag;
		s->counter = known->counter;
	}
	s->list = lists_take(w, &s->conf->rules);
	return s->list && lists_join(s) &&
		build_backends(s, known, s->conf->backends);
}

bool world_build(struct lbd *lbd, struct world *w, struct conf *conf)
{
	const struct world *old = &lbd->world;
	struct by_name index;
	bool ok = index_names(&index, old);

	w->conf = conf;
	w->service = calloc(conf->services + 1, sizeof(*w->service));
	ok = ok && w->service;
	for (size_t i = 0; ok && i < conf->services; i++) {
		interlude(lbd);
		w->services = i + 1;
		w->service[i].conf = &conf->service[i];
		w->service[i].zone = conf->zone;
		w->needs |= acl_needs(&conf->service[i].rules);
		ok = build_service(w, &index, &w->service[i]);
	}
	free(index.sorted);
	return ok && lists_settle(w, old, &lbd->holders);
}

/* The parts of a world that are its own, not the backends nor the regions. */
void world_free_frame(struct world *w)
{
	for (size_t i = 0; i < w->services; i++)
		free(w->service[i].backend);
	for (size_t i = 0; i < w->lists; i++) {
		if (w->list[i])
			free(w->list[i]->service);
		free(w->list[i]);
	}
	free(w->service);
	free(w->list);
}

/* A world that was not to be: what it borrowed stays with the old one. */
void world_give_up(struct lbd *lbd, struct world *w, struct region *larger)
{
	for (size_t i = 0; i < lbd->world.services; i++)
		lbd->world.service[i].heir = NULL;
	publish_give_up(lbd, w);
	for (size_t i = 0; i < w->services; i++)
		for (size_t j = 0; j < w->service[i].backends; j++)
			if (!w->service[i].backend[j]->service)
				free(w->service[i].backend[j]);
	for (size_t i = 0; i < w->lists; i++)
		if (w->list[i] && w->list[i]->fresh)
			region_close(w->list[i]->region);
	region_close(larger);
	world_free_frame(w);
}

/* Free indexes in the counters, lowest first, for services that are new. */
bool world_number_services(struct lbd *lbd, struct world *w)
{
	bool *used = calloc(2 * w->services + lbd->counters + 1, sizeof(*used));
	uint32_t next = 0;

	if (!used)
		return false;
	for (size_t i = 0; i < w->services; i++)
		if (w->service[i].counter != UINT32_MAX)
			used[w->service[i].counter] = true;
	for (size_t i = 0; i < w->services; i++) {
		struct service *s = &w->service[i];

		if (!s->tag)
			s->tag = ++lbd->last_tag;
		if (s->counter == UINT32_MAX) {
			while (used[next])
				next++;
			s->counter = next++;
		}
		if (s->counter >= lbd->counters)
			lbd->counters = s->counter + 1;
	}
	free(used);
	return true;
}

bool world_measure(struct conf *conf, struct world_size *size)
{
	struct lbd nobody = {0};
	struct world w = {0};
	bool ok = world_build(&nobody, &w, conf);

	*size = (struct world_size){0};
	if (ok)
		size->keys = region_size(publish_keys_need(&w));
	for (size_t i = 0; ok && i < w.lists; i++) {
		uint64_t bytes;

		if (!w.list[i])
			continue;
		bytes = region_size(publish_list_need(w.list[i]));
		size->lists++;
		size->all += bytes;
		if (bytes > size->largest)
			size->largest = bytes;
	}
	world_give_up(&nobody, &w, NULL);
	return ok;
}
