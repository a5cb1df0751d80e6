/*
 * From the names in a request to the service and backend they mean. Where
 * there is none, the answer says which of them, and what may have been meant.
 */
#include "admin_answer.h"
#include "admin_json.h"

#include <string.h>

enum { HINTS_MOST = 1000 }; /* names compared: milliseconds at worst */

/* " (web1?)" behind what was not found. */
struct hint {
	const char *open, *name, *end;
};

static struct hint hint_of(const char *name)
{
	return name ? (struct hint){" (", name, "?)"}
		    : (struct hint){"", "", ""};
}

static struct answer no_service(const struct world *world, const char *name)
{
	const char *best = NULL;
	struct hint hint;

	for (size_t i = 0; i < world->services && i < HINTS_MOST; i++)
		best = conf_nearer(name, world->service[i].conf->name, best);
	hint = hint_of(best);
	return answer_json(MHD_HTTP_NOT_FOUND,
		admin_json_error("no service \"%.*s\"%s%s%s", NAME_SHOWN, name,
			hint.open, hint.name, hint.end));
}

struct service *admin_find_service(
	const struct request *r, struct answer *wrong)
{
	const struct world *world = &r->lbd->world;
	const char *name = r->names.text[0];

	for (size_t i = 0; i < world->services; i++)
		if (!strcmp(world->service[i].conf->name, name))
			return &world->service[i];
	*wrong = no_service(world, name);
	return NULL;
}

/* One that was given a name, and is asked for by its address? */
static bool has_address(const struct backend *b, const char *text)
{
	char address[ADDR_TEXT_MAX];
	unsigned length;

	length = addr_text(&b->conf->addr, true, address);
	if (!b->conf->addr.port)
		address[length - 1] = '*';
	return !strcmp(address, text);
}

static struct answer no_backend(const struct service *s, const char *name)
{
	const char *best = NULL;
	struct hint hint;

	for (size_t i = 0; i < s->backends && i < HINTS_MOST; i++) {
		const struct backend *b = s->backend[i];

		if (has_address(b, name)) {
			best = b->conf->name;
			break;
		}
		best = conf_nearer(name, b->conf->name, best);
	}
	hint = hint_of(best);
	return answer_json(MHD_HTTP_NOT_FOUND,
		admin_json_error("no backend \"%.*s\" in service \"%s\"%s%s%s",
			NAME_SHOWN, name, s->conf->name, hint.open, hint.name,
			hint.end));
}

struct backend *admin_find_backend(
	const struct request *r, struct answer *wrong)
{
	const struct service *s = admin_find_service(r, wrong);
	const char *name = r->names.text[1];

	for (size_t i = 0; s && i < s->backends; i++)
		if (!strcmp(s->backend[i]->conf->name, name))
			return s->backend[i];
	if (s)
		*wrong = no_backend(s, name);
	return NULL;
}
