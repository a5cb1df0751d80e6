/* Wheels in a list region. */
#ifndef LBD_PUBLISH_WHEELS_H
#define LBD_PUBLISH_WHEELS_H

#include "lbd.h"

/* Words that a buffer of the service's wheel takes; 0 = it has none. */
uint32_t publish_wheel_room(const struct service *s, enum table_family family);

/* Gets the memory that planning this world's wheels takes, false if short. */
bool publish_wheels_reserve(const struct world *world);

/* Turns the service's wheels, in the part that begins at `words`. */
void publish_wheels_write(_Atomic uint64_t *words, struct service *s);

void publish_wheels_end(void);

#endif
