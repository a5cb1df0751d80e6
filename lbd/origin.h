/* Where connections come from, as numbers that are the same everywhere. */
#ifndef LBD_ORIGIN_H
#define LBD_ORIGIN_H

#include <stdint.h>
#include <sys/types.h>

/* Of this machine: by its machine-id, else by its host name. Reads a file. */
uint64_t origin_of_host(void);

uint64_t origin_of_user(uid_t user);

/* What both are made with: `text` up to its first blank, or its end. */
uint64_t origin_of_text(const char *text);

#endif
