/*
 * lbd's own sockets to backends: probes are connections like others, and must
 * not be counted as load, nor reset with the load.
 */
#ifndef LBD_OWN_H
#define LBD_OWN_H

#include <stdbool.h>
#include <stdint.h>

/* Before the socket connects, and before it is closed. Without memory it is
 * not noted, and counts. */
void own_add(int fd);
void own_drop(int fd);

/* Is the socket with that SO_COOKIE ours? */
bool own_has(uint64_t cookie);

/* No dump is under way: forgets what was dropped. */
void own_sweep(void);

#endif
