/*
 * The query of a request: "uid=1&groups=2,3". Nothing in it is ignored: what is
 * misspelt, or said twice, would be an answer to another question.
 */
#include "admin_answer.h"
#include "admin_json.h"

#include <stdlib.h>
#include <string.h>

struct check {
	const char *const *known;
	unsigned seen; /* a bit for each of these */
	bool sound;
	json_t *wrong;
};

static enum MHD_Result refuse(struct check *c, json_t *wrong)
{
	c->sound = false;
	c->wrong = wrong;
	return MHD_NO; /* the first is enough */
}

static json_t *unknown(const struct check *c, const char *key)
{
	const char *best = NULL;

	for (size_t i = 0; c->known[i]; i++)
		best = conf_nearer(key, c->known[i], best);
	return admin_json_error("unknown parameter \"%.*s\"%s%s%s", NAME_SHOWN,
		key, best ? " (" : "", best ? best : "", best ? "?)" : "");
}

static enum MHD_Result on_parameter(
	void *data, enum MHD_ValueKind kind, const char *key, const char *value)
{
	struct check *c = data;
	unsigned i = 0;

	(void)kind;
	while (c->known[i] && strcmp(c->known[i], key))
		i++;
	if (!c->known[i])
		return refuse(c, unknown(c, key));
	if (c->seen & 1u << i)
		return refuse(c, admin_json_error("%s is given twice", key));
	if (!value)
		return refuse(c, admin_json_error("%s has no value", key));
	c->seen |= 1u << i;
	return MHD_YES;
}

bool query_is_sound(
	const struct request *r, const char *const *known, json_t **wrong)
{
	struct check c = {.known = known, .sound = true};

	MHD_get_connection_values(
		r->connection, MHD_GET_ARGUMENT_KIND, on_parameter, &c);
	*wrong = c.wrong;
	return c.sound;
}

bool query_value(const struct request *r, const char *key, char **value)
{
	const char *text = MHD_lookup_connection_value(
		r->connection, MHD_GET_ARGUMENT_KIND, key);

	*value = text ? malloc(strlen(text) + 1) : NULL;
	if (*value)
		path_unescape(text, *value);
	return !text || *value;
}
