/* The only writer of the regions. */
#ifndef LBD_PUBLISH_H
#define LBD_PUBLISH_H

#include "lbd.h"

/*
 * Gets the memory that publishing `world` takes: larger list regions, with the
 * old one in `replaced`, and a larger key region where lbd's does not do. False
 * if memory is short.
 */
bool publish_prepare(
	struct lbd *lbd, struct world *world, struct region **larger);

/*
 * Writes a world to come where nobody looks yet. It may take long, with
 * interludes: of what changes meanwhile publish_state() takes note. False where
 * the keys cannot be laid out: that world is to be given up.
 */
bool publish_fill(struct lbd *lbd, struct world *world, struct region *larger);

/*
 * Brings lbd->world, which was filled, to the callers, in no time: list regions
 * first, then the key region that leads to them. Then, with interludes, what
 * they replace is retired.
 */
void publish_show(struct lbd *lbd, struct region *larger);
void publish_clear_up(struct lbd *lbd);

/* Or a world that was filled is not to be. */
void publish_give_up(struct lbd *lbd, struct world *world);

/* A backend's state word changed, or its service's wheel: as soon as the loop
 * comes round, one publish for all that happened. */
void publish_health(struct lbd *lbd, struct backend *b);

/* Writes what publish_health() noted. */
void publish_turned(struct lbd *lbd);

/* Frees what publishing kept for itself. */
void publish_end(void);

/* The parts of it; tests stop them half way. */

/* Gets the memory that planning this world's wheels takes, false if short. */
bool publish_reserve(const struct world *world);
/* Sends readers of either layout to what was filled. */
void publish_commit(struct region *region);
uint64_t publish_list_need(const struct list *list);
/* Fills and shows, at once. */
void publish_list(struct list *list);
/* With interludes; lbd NULL: at once. */
void publish_list_fill(struct lbd *lbd, struct list *list);
/* And the regions that it outgrew. */
void publish_list_show(struct list *list);
void publish_list_hide(struct list *list);
void publish_catch_up(struct lbd *lbd, struct world *world);
uint64_t publish_keys_need(const struct world *world);
bool publish_keys_fill(struct region *region, const struct world *world);
bool publish_keys(struct region *region, const struct world *world);
void publish_state(struct backend *b);
void publish_wheels(struct service *s);

#endif
