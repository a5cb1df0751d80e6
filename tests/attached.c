#include "attached.h"
#include "shim/mapping.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static struct attachment *all[ATTACHED_MOST];

static struct identity identity_of(uid_t user)
{
	return (struct identity){
		.user_known = true, .groups_known = true, .user = user};
}

void attached_open(struct fixture *f, const char *text)
{
	fixture_open(f, text);
	for (uid_t user = 1; user <= 2; user++) {
		struct identity who = identity_of(user);

		holders_remember(&f->lbd.holders, &who);
	}
}

/* A region as a caller maps it: it stays when lbd lets go. */
static struct table_map map_of(const struct region *region)
{
	struct table_map map;
	void *at = mmap(NULL, region->size, PROT_READ, MAP_SHARED,
		region->readers_fd, 0);

	ck_assert_ptr_ne(at, MAP_FAILED);
	ck_assert(mapping_parse(at, region->size, region->kind, &map));
	return map;
}

static void remember(struct attachment *a)
{
	int i = 0;

	while (i < ATTACHED_MOST - 1 && all[i])
		i++;
	ck_assert_ptr_null(all[i]);
	all[i] = a;
}

struct attachment *attached_as(struct fixture *f, uid_t user)
{
	const struct world *w = &f->lbd.world;
	struct attachment *a =
		calloc(1, sizeof(*a) + w->lists * sizeof(a->list[0]));
	struct identity who = identity_of(user);

	remember(a);
	a->keys = map_of(f->lbd.keys);
	a->lists = w->lists;
	for (size_t i = 0; i < w->lists; i++) {
		const struct list *list = w->list[i];
		const struct rule *rule;

		if (!list)
			continue;
		a->list[i].id = list->refusal;
		if (acl_judge(list->rules, &who, &rule) != ACL_PERMIT)
			continue;
		a->list[i].id = list->id;
		a->list[i].map = map_of(list->region);
	}
	return a;
}

static void drop(struct attachment *a)
{
	munmap((void *)a->keys.base, a->keys.capacity);
	for (size_t i = 0; i < a->lists; i++)
		if (a->list[i].map.base)
			munmap((void *)a->list[i].map.base,
				a->list[i].map.capacity);
	free(a);
}

void attached_close(struct fixture *f)
{
	for (int i = 0; i < ATTACHED_MOST && all[i]; i++) {
		drop(all[i]);
		all[i] = NULL;
	}
	fixture_close(f);
}

const char *attached_route(
	struct fixture *f, struct attachment *a, const char *vip)
{
	struct attachment *own = f->view;
	const char *to;

	f->view = a;
	to = fixture_route(f, vip, 0);
	f->view = own;
	return to;
}

bool attached_knows(const struct attachment *a, uint64_t word)
{
	for (size_t i = 0; i < a->lists; i++) {
		const struct table_map *map = &a->list[i].map;

		if (map->base && memmem(map->base, map->capacity, &word, 8))
			return true;
	}
	return false;
}
