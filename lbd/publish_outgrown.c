/*
 * Regions that a table has outgrown: a program that cannot attach again reads
 * them for as long as it lives. They go on as part of the table, as much of it
 * as they hold: the services that are known longest, and of each as many of its
 * first backends as let all of those in that were there before.
 */
#include "publish_outgrown.h"
#include "publish.h"
#include "publish_list.h"

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

static size_t most_backends(const struct list *list)
{
	size_t most = 0;

	for (size_t i = 0; i < list->services; i++)
		if (list->service[i]->backends > most)
			most = list->service[i]->backends;
	return most;
}

static size_t services_in(const struct region *region)
{
	uint64_t g, count = 0;

	table_part(&region->map, table_open(&region->map, &g), PART_SERVICES,
		&count);
	return count;
}

static void fill(
	struct lbd *lbd, const struct list *list, struct region *region)
{
	struct extent extent = {.backends = most_backends(list)};
	size_t held = services_in(region);

	if (held > list->services)
		held = list->services;
	while ((extent.services = publish_list_fitting(
			lbd, list, region, extent.backends)) < held &&
		extent.backends > 1)
		extent.backends /= 2;
	publish_list_write(lbd, list, region, extent);
}

void publish_outgrown_fill(struct lbd *lbd, const struct list *list)
{
	struct region *r = list->region;

	while ((r = publish_list_next(list, r)))
		fill(lbd, list, r);
}
