/* What programs read that cannot follow a table to a larger region. */
#ifndef LBD_PUBLISH_OUTGROWN_H
#define LBD_PUBLISH_OUTGROWN_H

#include "lbd.h"

/* A configuration, into a chain of key regions. Where memory is short, they
 * stay as they are. NULL is fine. */
void publish_outgrown_keys(struct region *first, const struct world *world);

/* The same, with interludes, into the list's outgrown regions and the one to be
 * replaced, where publish_list_show() finds it. */
void publish_outgrown_fill(struct lbd *lbd, const struct list *list);

#endif
