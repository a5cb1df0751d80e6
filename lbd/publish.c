/*
 * The writer's half of the table: what goes out, when, and in which order, so
 * that no reader is led to what is not there.
 */
#include "publish.h"
#include "kernel.h"
#include "publish_outgrown.h"

void publish_health(struct lbd *lbd, struct backend *b)
{
	kernel_turned(lbd->kernel, b);
	publish_state(b);
	b->service->turned = lbd->turned = true;
}

void publish_turned(struct lbd *lbd)
{
	struct world *world = &lbd->world;

	for (size_t i = 0; lbd->turned && i < world->services; i++)
		if (world->service[i].turned)
			publish_wheels(&world->service[i]);
	lbd->turned = false;
}

bool publish_prepare(
	struct world *world, const struct region *keys, struct region **larger)
{
	uint64_t need = publish_keys_need(world);

	*larger = NULL;
	if (!publish_reserve(world))
		return false;
	for (size_t i = 0; i < world->lists; i++) {
		struct list *list = world->list[i];

		if (!list || region_fits(list->region, publish_list_need(list)))
			continue;
		list->replaced = list->region;
		list->region =
			region_create(TABLE_LIST, publish_list_need(list));
		if (!list->region)
			return false;
	}
	return region_fits(keys, need) ||
		(*larger = region_create(TABLE_KEYS, need));
}

/*
 * What the keys led to until now. Of a service that is under other rules by now
 * nothing stays where everybody has it mapped who was permitted before.
 */
static void clear_up(struct list *list)
{
	if (list->replaced) {
		region_supersede(list->replaced);
		list->replaced->next = list->outgrown;
		list->outgrown = list->replaced;
		list->replaced = NULL;
	}
	if (!list->bereft)
		return;
	region_forget(list->region, publish_list_need(list));
	region_revoke_all(list->outgrown);
	region_close_all(list->outgrown);
	list->outgrown = NULL;
	list->bereft = false;
}

bool publish_world(struct lbd *lbd, struct region *larger)
{
	struct world *world = &lbd->world;

	for (size_t i = 0; i < world->lists; i++)
		if (world->list[i]) {
			publish_list(world->list[i]);
			publish_outgrown_list(world->list[i]);
		}
	if (!publish_keys(larger ? larger : lbd->keys, world)) {
		region_close(larger);
		return false;
	}
	if (larger) {
		region_supersede(lbd->keys);
		larger->next = lbd->keys;
		lbd->keys = larger;
	}
	publish_outgrown_keys(lbd->keys->next, world);
	for (size_t i = 0; i < world->lists; i++)
		if (world->list[i])
			clear_up(world->list[i]);
	return true;
}
