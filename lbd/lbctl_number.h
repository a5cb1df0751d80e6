/* Numbers as people read them. */
#ifndef LBD_LBCTL_NUMBER_H
#define LBD_LBCTL_NUMBER_H

#include <stdint.h>

struct text {
	char bytes[48];
};

struct text text_of_duration(int64_t seconds); /* "8s", "4m12s", "12d04h" */
struct text text_of_number(int64_t number);    /* "12,345" */

/* "1 attempt", "12,345 attempts"; `noun` ends in the s of many. */
struct text text_of_count(int64_t number, const char *noun);

#endif
