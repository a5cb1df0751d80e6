/*
 * The wheel that a connect() would meet, as JSON: every backend with its share,
 * or what keeps callers away from it.
 */
#include "admin_explain.h"
#include "admin_json.h"
#include "publish_wheels.h"

#include <stdlib.h>

bool explain_spin(
	struct spin *to, const struct service *s, enum table_family family)
{
	*to = (struct spin){
		.item = calloc(s->backends + 1, sizeof(*to->item)),
		.plan.stop = calloc(s->backends + 1, sizeof(uint64_t)),
	};
	if (!to->item || !to->plan.stop)
		return false;
	to->items = publish_wheel_plan(s, family, to->item, &to->plan);
	for (size_t i = 0; i < to->plan.stops; i++) {
		const struct backend *b =
			s->backend[(uint32_t)to->plan.stop[i]];

		if (!b->full && !to->open++)
			to->first = b;
		to->primary |= !b->conf->backup;
		to->backup |= b->conf->backup;
	}
	return true;
}

void explain_spin_end(struct spin *s)
{
	free(s->item);
	free(s->plan.stop);
}

/* Percent of the wheel; 0: not on it. */
static double width_of(const struct spin *s, const struct backend *b)
{
	uint32_t before = 0;

	for (size_t i = 0; i < s->plan.stops; i++) {
		uint32_t end = s->plan.stop[i] >> 32;

		if ((uint32_t)s->plan.stop[i] == b->ordinal)
			return 100.0 * (end - before) / s->plan.total;
		before = end;
	}
	return 0;
}

/* The first that is usable may be the only one. */
static bool is_passed_over(const struct spin *s, const struct backend *b)
{
	return b->service->conf->balance == BALANCE_FIRST && s->first != b;
}

/* Why callers are not sent there; NULL: they are. */
static const char *why_not(
	const struct spin *s, const struct backend *b, double width)
{
	if (width > 0 && b->full)
		return "full";
	if (width > 0)
		return is_passed_over(s, b) ? "not the first" : NULL;
	if (b->will != WILL_READY)
		return b->will == WILL_DRAIN ? "drained by hand"
					     : "in maintenance by hand";
	if (!health_is_usable(b))
		return health_is_ejected(b) ? "ejected" : "down";
	if (b->conf->backup && s->primary)
		return "a backup, while others are used";
	return "another zone";
}

static double share_of(
	const struct spin *s, const struct backend *b, double width)
{
	if (b->service->conf->balance != BALANCE_FIRST)
		return width;
	return s->first == b ? 100 : 0;
}

static json_t *backend_json(
	const struct lbd *lbd, const struct spin *s, const struct backend *b)
{
	json_t *json = admin_json_backend(lbd, b);
	double width = width_of(s, b);
	const char *why = why_not(s, b, width);

	return admin_json_whole(json,
		!json_object_set_new(
			json, "share", json_real(share_of(s, b, width))) &&
			!json_object_set_new(
				json, "chosen", json_boolean(!why)) &&
			(!why ||
				!json_object_set_new(
					json, "not_chosen", json_string(why))));
}

json_t *explain_backends(const struct lbd *lbd, const struct spin *s,
	const struct service *service)
{
	json_t *array = json_array();
	bool whole = array;

	for (size_t i = 0; whole && i < s->items; i++)
		whole = admin_json_add(array,
			backend_json(
				lbd, s, service->backend[s->item[i].ordinal]));
	return admin_json_whole(array, whole);
}

const char *explain_tier(const struct spin *s)
{
	if (s->plan.panic)
		return "panic";
	if (s->primary && s->backup)
		return "all are full, and backups";
	if (!s->primary && !s->backup)
		return "none";
	return s->primary ? "usable" : "backups";
}
