/*
 * The writer's half of the table: what goes out, when, and in which order, so
 * that no reader is led to what is not there.
 */
#include "publish.h"
#include "before.h"
#include "interlude.h"
#include "kernel.h"
#include "publish_outgrown.h"

void publish_commit(struct region *region)
{
	region_show(region);
	before_publish(region);
}

void publish_health(struct lbd *lbd, struct backend *b)
{
	struct service *s = b->service;

	if (s->gone)
		return;
	kernel_turned(lbd->kernel, b);
	publish_state(b);
	if (s->turned)
		return;
	s->turned = true;
	s->next_turned = lbd->turned;
	lbd->turned = s;
}

void publish_turned(struct lbd *lbd)
{
	while (lbd->turned) {
		struct service *s = lbd->turned;

		lbd->turned = s->next_turned;
		s->turned = false;
		publish_wheels(s);
	}
}

bool publish_prepare(
	struct lbd *lbd, struct world *world, struct region **larger)
{
	uint64_t need = publish_keys_need(world);

	*larger = NULL;
	if (!publish_reserve(world))
		return false;
	for (size_t i = 0; i < world->lists; i++) {
		struct list *list = world->list[i];

		interlude(lbd);
		if (!list || region_fits(list->region, publish_list_need(list)))
			continue;
		list->replaced = list->region;
		list->region =
			region_create(lbd, TABLE_LIST, publish_list_need(list));
		if (!list->region)
			return false;
		list->fresh = true;
	}
	return region_fits(lbd->keys, need) ||
		(*larger = region_create(lbd, TABLE_KEYS, need));
}

bool publish_fill(struct lbd *lbd, struct world *world, struct region *larger)
{
	for (size_t i = 0; i < world->lists; i++)
		if (world->list[i]) {
			publish_list_fill(lbd, world->list[i]);
			publish_outgrown_fill(lbd, world->list[i]);
		}
	publish_catch_up(lbd, world);
	return publish_keys_fill(larger ? larger : lbd->keys, world);
}

/*
 * What the keys led to until now. Of a service that is under other rules by now
 * nothing stays where everybody has it mapped who was permitted before.
 */
static void clear_up(struct lbd *lbd, struct list *list)
{
	struct region *outgrown;

	if (list->replaced) {
		region_supersede(list->replaced);
		list->replaced->next = list->outgrown;
		list->outgrown = list->replaced;
		list->replaced = NULL;
	}
	if (!list->bereft)
		return;
	outgrown = list->outgrown;
	list->outgrown = NULL;
	list->bereft = false;
	region_revoke_all(lbd, outgrown);
	region_close_all(outgrown);
	region_forget(lbd, list->region, publish_list_need(list));
}

void publish_show(struct lbd *lbd, struct region *larger)
{
	struct region *keys = larger ? larger : lbd->keys;
	struct world *world = &lbd->world;

	publish_catch_up(NULL, world);
	for (size_t i = 0; i < world->lists; i++)
		if (world->list[i])
			publish_list_show(world->list[i]);
	publish_commit(keys);
	if (larger) {
		region_supersede(lbd->keys);
		larger->next = lbd->keys;
		lbd->keys = larger;
	}
	publish_outgrown_keys(lbd->keys->next, world);
}

void publish_give_up(struct lbd *lbd, struct world *world)
{
	for (size_t i = 0; i < world->lists; i++)
		if (world->list[i])
			publish_list_hide(world->list[i]);
	if (lbd->keys)
		lbd->keys->filled = NULL;
}

void publish_clear_up(struct lbd *lbd)
{
	struct world *world = &lbd->world;

	for (size_t i = 0; i < world->lists; i++)
		if (world->list[i]) {
			interlude(lbd);
			clear_up(lbd, world->list[i]);
		}
}
