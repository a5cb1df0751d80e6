/*
 * What may be asked of one backend, and done to it. The answer is how it is
 * then, and callers meet it so: the wheel is turned before anything is said.
 */
#include "admin_answer.h"
#include "admin_json.h"
#include "publish.h"

#include <string.h>

struct answer admin_give_backend(const struct request *r)
{
	struct answer wrong;
	const struct backend *b = admin_find_backend(r, &wrong);

	if (!b)
		return wrong;
	publish_turned(r->lbd);
	return answer_json(MHD_HTTP_OK, admin_json_backend(r->lbd, b));
}

static struct answer set_will(const struct request *r, enum will will)
{
	struct answer wrong;
	struct backend *b = admin_find_backend(r, &wrong);

	if (!b)
		return wrong;
	operator_set_will(r->lbd, b, will, &r->from);
	return admin_give_backend(r);
}

struct answer admin_drain(const struct request *r)
{
	return set_will(r, WILL_DRAIN);
}

struct answer admin_ready(const struct request *r)
{
	return set_will(r, WILL_READY);
}

struct answer admin_maint(const struct request *r)
{
	return set_will(r, WILL_MAINT);
}

/* 0 stands for the file's. */
static bool read_weight(const char *text, unsigned *weight)
{
	*weight = 0;
	return !strcmp(text, "default") || conf_number(text, 1, 256, weight);
}

struct answer admin_weight(const struct request *r)
{
	struct answer wrong;
	struct backend *b = admin_find_backend(r, &wrong);
	const char *text = r->names.text[2];
	unsigned weight;

	if (!b)
		return wrong;
	if (!read_weight(text, &weight))
		return answer_json(MHD_HTTP_UNPROCESSABLE_CONTENT,
			admin_json_error("weight must be 1..256 or default, "
					 "not \"%.*s\"",
				NAME_SHOWN, text));
	operator_set_weight(r->lbd, b, weight, &r->from);
	return admin_give_backend(r);
}
