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

/* An old list keeps its place, which callers know it by; others fill gaps. */
static bool put_list(struct world *w, const struct world *old,
	struct list *list, const struct list *known)
{
	struct list **grown;
	size_t at = 0;

	if (known)
		at = known->index;
	else
		while ((at < w->lists && w->list[at]) ||
			(at < old->lists && old->list[at]))
			at++;
	if (at >= w->lists) {
		grown = realloc(w->list, (at + 1) * sizeof(*grown));
		if (!grown)
			return false;
		memset(grown + w->lists, 0,
			(at + 1 - w->lists) * sizeof(*grown));
		w->list = grown;
		w->lists = at + 1;
	}
	list->index = (uint32_t)at;
	w->list[at] = list;
	return true;
}

struct list *lists_take(
	struct world *w, const struct world *old, const struct rules *rules)
{
	struct list *list = find_list(w, rules);
	const struct list *known = find_list(old, rules);

	if (list)
		return list;
	list = calloc(1, sizeof(*list));
	if (!list || !put_list(w, old, list, known)) {
		free(list);
		return NULL;
	}
	list->rules = rules;
	if (known) {
		list->id = known->id;
		list->region = known->region;
		list->doubted = known->doubted;
	}
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

unsigned lists_need(const struct rules *rules)
{
	unsigned needs = 0;

	for (size_t i = 0; i < rules->count; i++)
		needs |= rules->rule[i].subjects;
	return needs;
}
