#include "generation.h"
#include "lbd/publish.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const char generation_vip[] = "127.96.0.2:80";

char *generation_text(int generation)
{
	static char text[4096];
	char *at = text;

	at += sprintf(at,
		"[service a]\naddress = 127.96.0.1:80\n"
		"name = a.internal\nprobe = none\n");
	for (int i = 0; i <= generation % 3; i++)
		at += sprintf(at, "backend = 10.%d.1.%d:%d\n", generation,
			i + 1, 1000 + generation);
	at += sprintf(at,
		"[service b]\naddress = %s\nprobe = none\n"
		"balance = round-robin\n",
		generation_vip);
	for (int i = 0; i < 3 - generation % 2; i++)
		at += sprintf(at, "backend = 10.%d.2.%d:%d weight=%d\n",
			generation, i + 1, 1000 + generation, i + 1);
	return text;
}

int generation_of(const char *route)
{
	int generation, service, backend, port;

	if (sscanf(route, "10.%d.%d.%d:%d", &generation, &service, &backend,
		    &port) != 4 ||
		service != 2 || port != 1000 + generation || backend < 1 ||
		backend > 3)
		return -1;
	return generation;
}

void generation_prepare(
	struct fixture *other, struct fixture *f, int generation)
{
	struct region *keys, *list;

	fixture_open(other, generation_text(generation));
	keys = region_adopt(dup(f->lbd.keys->fd), TABLE_KEYS);
	list = region_adopt(dup(f->lbd.world.list[0]->region->fd), TABLE_LIST);
	ck_assert(keys && list);
	region_close(other->lbd.keys);
	region_close(other->lbd.world.list[0]->region);
	other->lbd.keys = keys;
	other->lbd.world.list[0]->region = list;
	/* the same services: tags are a matter of the world, not of a region */
	for (size_t i = 0; i < 2; i++)
		other->lbd.world.service[i].tag = f->lbd.world.service[i].tag;
	other->lbd.world.list[0]->id = f->lbd.world.list[0]->id;
}

void generation_publish(void *fixture)
{
	struct lbd *lbd = &((struct fixture *)fixture)->lbd;

	if (!publish_fill(lbd, &lbd->world, NULL))
		abort();
	publish_show(lbd, NULL);
}
