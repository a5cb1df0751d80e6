/* Wheels in a list region. */
#ifndef LBD_PUBLISH_WHEELS_H
#define LBD_PUBLISH_WHEELS_H

#include "lbd.h"

/* Words that a buffer of the service's wheel takes; 0 = it has none. */
uint32_t publish_wheel_room(const struct service *s, enum table_family family);

/*
 * Of a family's backends, `item` and `plan->stop` having room for all of the
 * service's: the items, whose number is returned, and the wheel they make.
 */
struct wheel_item;
struct wheel_plan;
size_t publish_wheel_plan(const struct service *s, enum table_family family,
	struct wheel_item *item, struct wheel_plan *plan);

/* Gets the memory that planning this world's wheels takes, false if short. */
bool publish_wheels_reserve(const struct world *world);

/* Turns the service's wheels, in the part that begins at `words`. */
void publish_wheels_write(_Atomic uint64_t *words, struct service *s);

void publish_wheels_end(void);

#endif
