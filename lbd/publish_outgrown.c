/*
 * Regions that a table has outgrown: a program that cannot attach again reads
 * them for as long as it lives. They go on as part of the table, as much of it
 * as they hold: the services that are known longest, and of each as many of its
 * first backends as let all of those in that were there before.
 */
#include "publish_outgrown.h"
#include "interlude.h"
#include "publish.h"

#include <stdlib.h>

static int compare_tags(const void *a, const void *b)
{
	const struct service *p = a, *q = b;

	return (p->tag > q->tag) - (p->tag < q->tag);
}

/* How many of the world's services, in their order, the region holds. */
static size_t fitting_keys(const struct region *region, struct world part)
{
	size_t least = 0, most = part.services;

	while (least < most) {
		part.services = least + (most - least + 1) / 2;
		if (region_fits(region, publish_keys_need(&part)))
			least = part.services;
		else
			most = part.services - 1;
	}
	return least;
}

void publish_outgrown_keys(struct region *first, const struct world *world)
{
	struct world part = *world;

	if (!first)
		return;
	part.service = calloc(world->services + 1, sizeof(*part.service));
	if (!part.service)
		return;
	for (size_t i = 0; i < world->services; i++)
		part.service[i] = world->service[i];
	qsort(part.service, part.services, sizeof(*part.service), compare_tags);
	for (; first; first = first->next) {
		part.services = world->services;
		part.services = fitting_keys(first, part);
		publish_keys(first, &part);
	}
	free(part.service);
}

static void cap_backends(
	struct list *part, const struct list *list, size_t most)
{
	for (size_t i = 0; i < part->services; i++) {
		size_t all = list->service[i]->backends;

		part->service[i]->backends = all < most ? all : most;
	}
}

static size_t most_backends(const struct list *list)
{
	size_t most = 0;

	for (size_t i = 0; i < list->services; i++)
		if (list->service[i]->backends > most)
			most = list->service[i]->backends;
	return most;
}

/* How many of the part's services, oldest first, the region holds. */
static size_t fitting_list(const struct region *region, struct list part)
{
	size_t least = 0, most = part.services;

	while (least < most) {
		part.services = least + (most - least + 1) / 2;
		if (region_fits(region, publish_list_need(&part)))
			least = part.services;
		else
			most = part.services - 1;
	}
	return least;
}

static size_t services_in(const struct region *region)
{
	uint64_t g, count = 0;

	table_part(&region->map, table_open(&region->map, &g), PART_SERVICES,
		&count);
	return count;
}

/* `part` is the list in copies, which are cut to what the region holds. */
static void publish_part(
	struct list *part, const struct list *list, struct region *region)
{
	size_t most = most_backends(list), held = services_in(region);

	if (held > list->services)
		held = list->services;
	part->region = region;
	do {
		part->services = list->services;
		cap_backends(part, list, most);
		part->services = fitting_list(region, *part);
		most /= 2;
	} while (part->services < held && most);
	publish_list_fill(NULL, part);
}

void publish_outgrown_fill(struct lbd *lbd, struct list *list)
{
	struct list part = *list;
	struct service *copy;

	list->stirred = false;
	if (!list->outgrown && !list->replaced)
		return;
	copy = calloc(list->services + 1, sizeof(*copy));
	part.service = calloc(list->services + 1, sizeof(struct service *));
	for (size_t i = 0; copy && part.service && i < list->services; i++) {
		copy[i] = *list->service[i];
		part.service[i] = &copy[i];
	}
	if (copy && part.service) {
		if (list->replaced)
			publish_part(&part, list, list->replaced);
		for (struct region *r = list->outgrown; r; r = r->next) {
			interlude(lbd);
			publish_part(&part, list, r);
		}
	}
	free(part.service);
	free(copy);
}

static void write_again(struct lbd *lbd, struct list *list)
{
	publish_outgrown_fill(lbd, list);
	publish_list_show(list);
}

void publish_outgrown(struct lbd *lbd)
{
	const struct world *world = &lbd->world;

	if (lbd->changing) /* those regions are being filled with what comes */
		return;
	for (size_t i = 0; i < world->lists; i++)
		if (world->list[i] && world->list[i]->stirred)
			write_again(lbd, world->list[i]);
}
