/*
 * What lbd gave to each identity, for as long as an id leads back to it: flips
 * of seteuid(2) find their attachment here. After a drop for good nothing that
 * the old identity alone could see is left.
 *
 * The attachment in use is one of these, or one whose identity was forgotten:
 * that goes on with the services that have no rules until there is another.
 */
#include "kept.h"
#include "raw.h"
#include "wipe.h"

#include <sys/mman.h>

enum { KEPT = 4 };

static _Atomic(struct attachment *) kept[KEPT];
static _Atomic unsigned next; /* to make room, where all are taken */

/* Zeros in place: a reader that is still in there finds generation 0. */
static void blank(const void *at, uint64_t size, int protection)
{
	raw6(SYS_mmap, (long)at, (long)size, protection,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
}

static void blank_map(const struct table_map *map)
{
	if (map->base)
		blank(map->base, map->capacity, PROT_READ);
}

static void blank_counters(const struct attachment *a)
{
	if (a->counters)
		blank(a->counters, counters_size(a->services),
			PROT_READ | PROT_WRITE);
}

void kept_let_go(struct attachment *a)
{
	blank_map(&a->keys);
	for (uint64_t i = 0; i < a->lists; i++)
		blank_map(&a->list[i].map);
	blank_counters(a);
}

/* As of now: a list may get its first rules, or lose the last, where it is. */
static bool is_guarded(const struct attached_list *list)
{
	return list->map.base &&
		table_load(&table_control(&list->map)->flags) & TABLE_GUARDED;
}

/*
 * What every identity has stays: addresses, and services without rules. From
 * here on it is nobody's: what has rules is closed before it is gone.
 */
static void forget_rights(struct attachment *a)
{
	atomic_store(&a->epoch, atomic_load(&identity_epoch) - 1);
	for (uint64_t i = 0; i < a->lists; i++)
		if (is_guarded(&a->list[i]))
			blank_map(&a->list[i].map);
	blank_counters(a);
}

struct attachment *kept_find(const struct ids *who)
{
	for (int i = 0; i < KEPT; i++) {
		struct attachment *a = atomic_load(&kept[i]);

		if (a && identity_same(&a->who, who))
			return a;
	}
	return NULL;
}

bool kept_has(const struct attachment *a)
{
	for (int i = 0; i < KEPT; i++)
		if (atomic_load(&kept[i]) == a)
			return true;
	return false;
}

struct attachment *kept_put(struct attachment *got)
{
	struct attachment *old;
	unsigned at;

	for (int i = 0; i < KEPT; i++) {
		old = atomic_load(&kept[i]);
		if (old && identity_same(&old->who, &got->who) &&
			atomic_compare_exchange_strong(&kept[i], &old, got))
			return old;
	}
	for (int i = 0; i < KEPT; i++) {
		old = NULL;
		if (atomic_compare_exchange_strong(&kept[i], &old, got))
			return NULL;
	}
	at = atomic_fetch_add(&next, 1);
	return atomic_exchange(&kept[at % KEPT], got);
}

void kept_forget(void)
{
	struct identity_ways ways;
	bool forgot = false;

	identity_find_ways(&ways);
	for (int i = 0; i < KEPT; i++) {
		struct attachment *a = atomic_load(&kept[i]);

		if (!a || identity_leads_to(&ways, &a->who) ||
			!atomic_compare_exchange_strong(&kept[i], &a, NULL))
			continue;
		forgot = true;
		if (a == atomic_load(&attach_newest))
			forget_rights(a);
		else
			kept_let_go(a);
	}
	if (forgot)
		wipe_entries();
}
