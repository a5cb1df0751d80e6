/*
 * Lists: services with the same rules are one, so that a caller's rights are a
 * handful of regions, however many services there are.
 */
#include "lists.h"

#include <stdlib.h>
#include <string.h>

static bool same_rule(const struct rule *p, const struct rule *q)
{
	return p->permit == q->permit && rule_covers(p, q) && rule_covers(q, p);
}

static bool same_rules(const struct rules *a, const struct rules *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!same_rule(&a->rule[i], &b->rule[i]))
			return false;
	return true;
}

static struct list *find_list(const struct world *w, const struct rules *rules)
{
	for (size_t i = 0; i < w->lists; i++)
		if (w->list[i] && same_rules(w->list[i]->rules, rules))
			return w->list[i];
	return NULL;
}

struct list *lists_take(struct world *w, const struct rules *rules)
{
	struct list *list = find_list(w, rules), **grown;

	if (list)
		return list;
	if (!(w->lists & (w->lists - 1))) {
		grown = realloc(w->list,
			(w->lists ? 2 * w->lists : 1) * sizeof(*grown));
		if (!grown)
			return NULL;
		w->list = grown;
	}
	list = calloc(1, sizeof(*list));
	if (!list)
		return NULL;
	list->rules = rules;
	w->list[w->lists++] = list;
	return list;
}

bool lists_join(struct service *s)
{
	struct list *list = s->list;
	size_t n = list->services;

	if (!(n & (n - 1))) {
		struct service **grown = realloc(
			list->service, (n ? 2 * n : 1) * sizeof(*grown));

		if (!grown)
			return false;
		list->service = grown;
	}
	list->service[list->services++] = s;
	return true;
}

/* Old lists by index, each with the one that goes on as it. */
struct succession {
	const struct world *old;
	const struct list **heir;
};

static void inherit(
	struct succession *s, struct list *list, const struct list *from)
{
	s->heir[from->index] = list;
	list->id = from->id;
	list->index = from->index;
	list->region = from->region;
	list->outgrown = from->outgrown;
}

/*
 * The same rules say the same, but for those that ask for this host's addresses:
 * somebody may have lost by those of now, and whoever was denied asks again.
 */
static void inherit_by_rules(
	struct succession *s, struct list *list, const struct holders *holders)
{
	const struct list *known = find_list(s->old, list->rules);
	bool by_net = acl_needs(list->rules) & SUBJECT_NET;

	if (!known ||
		(by_net && holders_lose(holders, list->rules, list->rules)))
		return;
	inherit(s, list, known);
	if (!by_net || !holders->moved)
		list->refusal = known->refusal;
	list->doubted = known->doubted;
}

/*
 * New rules: whoever holds a list whose rules nobody has any more keeps it, if
 * they permit everybody who has it. Else what was one list parts into several,
 * and those who come find theirs by attaching again.
 */
static void inherit_by_services(
	struct succession *s, struct list *list, const struct holders *holders)
{
	const struct list *looked_at = NULL;

	for (size_t i = 0; i < list->services; i++) {
		const struct list *from = list->service[i]->former;

		if (!from || from == looked_at || s->heir[from->index])
			continue;
		if (!holders_lose(holders, from->rules, list->rules)) {
			inherit(s, list, from);
			return;
		}
		looked_at = from;
	}
}

/* Where a list stands callers know it by: the others fill the gaps. */
static bool put_in_places(struct world *w, const struct succession *s)
{
	size_t room = w->lists + s->old->lists, next = 0, end = 0;
	struct list **place = calloc(room + 1, sizeof(struct list *));

	if (!place)
		return false;
	for (size_t i = 0; i < w->lists; i++) {
		struct list *list = w->list[i];

		if (!list->id) {
			while (place[next] ||
				(next < s->old->lists && s->old->list[next]))
				next++;
			list->index = (uint32_t)next;
		}
		place[list->index] = list;
		if (list->index >= end)
			end = list->index + 1;
	}
	free(w->list);
	w->list = place;
	w->lists = end;
	return true;
}

bool lists_settle(
	struct world *w, const struct world *old, const struct holders *holders)
{
	struct succession s = {
		.old = old,
		.heir = calloc(old->lists + 1, sizeof(const struct list *)),
	};
	bool ok = s.heir;

	for (size_t i = 0; ok && i < w->lists; i++)
		inherit_by_rules(&s, w->list[i], holders);
	for (size_t i = 0; ok && i < w->lists; i++)
		if (!w->list[i]->id)
			inherit_by_services(&s, w->list[i], holders);
	ok = ok && put_in_places(w, &s);
	free(s.heir);
	return ok;
}

bool lists_outdated(const struct world *w, const struct world *old,
	const struct holders *holders)
{
	for (size_t i = 0; i < old->lists; i++) {
		const struct list *from = old->list[i];
		const struct list *list = from ? lists_heir(w, from) : NULL;

		if (!list ||
			(same_rules(from->rules, list->rules) &&
				!(acl_needs(list->rules) & SUBJECT_NET)))
			continue;
		if (holders_lose(holders, from->rules, list->rules))
			return true;
	}
	return false;
}

/* No other list gets a place that was taken in the world before. */
struct list *lists_heir(const struct world *w, const struct list *old)
{
	return old->index < w->lists ? w->list[old->index] : NULL;
}

void lists_part(struct world *w)
{
	for (size_t i = 0; i < w->services; i++) {
		struct service *s = &w->service[i];
		struct list *from = s->former, *heir;

		s->former = NULL;
		if (!from || !s->list->rules->count)
			continue;
		heir = lists_heir(w, from);
		if (heir != s->list)
			(heir ? heir : from)->bereft = true;
	}
}

static int compare_tags(const void *a, const void *b)
{
	const struct service *const *p = a, *const *q = b;

	return ((*p)->tag > (*q)->tag) - ((*p)->tag < (*q)->tag);
}

void lists_number(struct world *w, uint32_t *last)
{
	for (size_t i = 0; i < w->lists; i++) {
		struct list *list = w->list[i];

		if (!list)
			continue;
		if (!list->id)
			list->id = list->refusal = ++*last;
		if (!list->refusal)
			list->refusal = ++*last;
		qsort(list->service, list->services, sizeof(*list->service),
			compare_tags);
	}
}

void lists_end(struct lbd *lbd, struct list *list)
{
	if (list->bereft) {
		region_revoke(lbd, list->region);
		region_revoke_all(lbd, list->outgrown);
	}
	region_close(list->region);
	region_close_all(list->outgrown);
}
