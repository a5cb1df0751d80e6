/* Which services callers with the same rights see. */
#ifndef LBD_LISTS_H
#define LBD_LISTS_H

#include "lbd.h"

/*
 * The list of `w` for these rules: the one there is, or a new one, with the id,
 * place and region that it had in `old`. NULL if memory is short.
 */
struct list *lists_take(
	struct world *w, const struct world *old, const struct rules *rules);

/* Puts a service into its list; false if memory is short. */
bool lists_join(struct service *s);

/* What the rules ask of a caller: SUBJECT_*. */
unsigned lists_need(const struct rules *rules);

#endif
