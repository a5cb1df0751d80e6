/* Which services callers with the same rights see. */
#ifndef LBD_LISTS_H
#define LBD_LISTS_H

#include "lbd.h"

/* The list of `w` for these rules: the one there is, or a new one, which has
 * no place before lists_settle(). NULL if memory is short. */
struct list *lists_take(struct world *w, const struct rules *rules);

/* Puts a service into its list; false if memory is short. */
bool lists_join(struct service *s);

/*
 * Gives every list of `w` its place, once all services have joined. It goes on
 * as a list of `old`, with its id, place and region, where the rules are the
 * same; or where they are new and that costs nobody anything who holds it. False
 * if memory is short.
 */
bool lists_settle(struct world *w, const struct world *old,
	const struct holders *holders);

/*
 * Has somebody attached, since lists_settle(), who holds a list of `old` and
 * would lose it as the one of `w` that it goes on as?
 */
bool lists_outdated(const struct world *w, const struct world *old,
	const struct holders *holders);

/*
 * Marks the lists, of `w` or gone, from which a service has moved under other
 * rules: they are bereft. What the services' former lists were is not known any
 * more after that.
 */
void lists_part(struct world *w);

/* The list that `old` goes on as; NULL where it is gone. */
struct list *lists_heir(const struct world *w, const struct list *old);

/*
 * Numbers lists that are new, and the refusals of those with new rules; `last`
 * is the last number that was given. Services stand in their lists by age, so
 * that those that were there keep their places.
 */
void lists_number(struct world *w, uint32_t *last);

/* Lets go of a list's regions, with interludes; closes them if it is bereft. */
void lists_end(struct lbd *lbd, struct list *list);

#endif
