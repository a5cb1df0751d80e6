/*
 * The list of all services as JSON text, a service on a line. It is made while
 * it is sent, a block at a time: what one client asks for costs the loop a few
 * milliseconds, and as much memory as a block, whatever the number of services.
 */
#include "admin_json.h"
#include "callers.h"
#include "misfits.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 256 * 1024 }; /* about 900 backends */

struct text {
	char *bytes;
	size_t used, room;
	bool cut; /* there was no memory for a part of it */
};

struct admin_list {
	const struct lbd *lbd;
	const struct conf *conf; /* of the world that is listed */
	double reloaded;
	struct text block;
	size_t sent; /* of the block */
	size_t next; /* service */
	bool ended;
};

static int put(const char *bytes, size_t size, void *data)
{
	struct text *t = data;

	if (size > t->room - t->used) {
		size_t room = (t->used + size) * 2;
		char *grown = realloc(t->bytes, room);

		if (!grown) {
			t->cut = true;
			return -1;
		}
		t->bytes = grown;
		t->room = room;
	}
	memcpy(t->bytes + t->used, bytes, size);
	t->used += size;
	return 0;
}

static bool put_string(struct text *t, const char *string)
{
	return !put(string, strlen(string), t);
}

/* jansson 2.14 goes on without a key that had no room. */
static bool put_json(struct text *t, json_t *value)
{
	bool ok = value && !json_dump_callback(value, put, t, JSON_COMPACT);

	json_decref(value);
	return ok && !t->cut;
}

char *admin_json_text(json_t *value, size_t *size)
{
	struct text t = {0};

	if (!put_json(&t, value) || !put_string(&t, "\n")) {
		free(t.bytes);
		return NULL;
	}
	*size = t.used;
	return t.bytes;
}

/* NULL: out of memory. */
static json_t *misfits_of(const struct lbd *lbd)
{
	const struct misfits *m = callers_misfits(lbd->callers);
	json_t *all = json_array();

	for (size_t i = 0; i < m->count; i++)
		json_array_append_new(all,
			json_pack("{s:i,s:I}", "pid", (int)m->of[i].pid,
				"layout", (json_int_t)m->of[i].layout));
	return all;
}

/* The object that the list is in, open at its end. */
static bool put_head(struct text *t, const struct lbd *lbd)
{
	double uptime = ev_now(lbd->loop) - lbd->started;
	json_t *head = json_pack("{s:s,s:o,s:o,s:I,s:I,s:o,s:o}", "version",
		LBD_VERSION, "layout",
		json_sprintf("%d.%d", TABLE_MAJOR, TABLE_MINOR),
		"other_layouts", misfits_of(lbd), "uptime_s",
		(json_int_t)(uptime > 0 ? uptime : 0), "unread",
		(json_int_t)lbd->unread, "config", admin_json_string(lbd->path),
		"socket", admin_json_string(lbd->world.conf->socket));

	if (!put_json(t, head))
		return false;
	t->used--; /* the closing brace */
	return put_string(t, ",\"services\":[");
}

static bool put_next(struct admin_list *l)
{
	const struct world *world = &l->lbd->world;
	const struct service *s = &world->service[l->next];

	return put_string(&l->block, l->next++ ? ",\n" : "\n") &&
		put_json(&l->block, admin_json_service(l->lbd, s));
}

/* Adds to the block until it is full or all is said. */
static bool fill(struct admin_list *l)
{
	while (l->block.used < BLOCK && l->next < l->lbd->world.services)
		if (!put_next(l))
			return false;
	if (l->next < l->lbd->world.services)
		return true;
	l->ended = true;
	return put_string(&l->block, "\n]}\n");
}

/* Half of the old services and half of the new would be a lie. */
static bool has_moved(const struct admin_list *l)
{
	return l->lbd->world.conf != l->conf || l->lbd->reloaded > l->reloaded;
}

struct admin_list *admin_list_open(const struct lbd *lbd)
{
	struct admin_list *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->lbd = lbd;
	l->conf = lbd->world.conf;
	l->reloaded = lbd->reloaded;
	if (!put_head(&l->block, lbd) || !fill(l)) {
		admin_list_close(l);
		return NULL;
	}
	return l;
}

void admin_list_close(void *list)
{
	struct admin_list *l = list;

	free(l->block.bytes);
	free(l);
}

size_t admin_list_size(const struct admin_list *list)
{
	return list->ended ? list->block.used : 0;
}

ssize_t admin_list_read(struct admin_list *list, char *to, size_t most)
{
	size_t left = list->block.used - list->sent;

	if (!left && list->ended)
		return 0;
	if (!left) {
		list->block.used = list->sent = 0;
		if (has_moved(list) || !fill(list))
			return -1;
		left = list->block.used;
	}
	if (left > most)
		left = most;
	memcpy(to, list->block.bytes + list->sent, left);
	list->sent += left;
	return (ssize_t)left;
}
