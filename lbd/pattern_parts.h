/*
 * What a pattern is made of. Between the pattern*.c files only.
 */
#ifndef LBD_PATTERN_PARTS_H
#define LBD_PATTERN_PARTS_H

#include "pattern.h"

#include <stdint.h>

enum {
	STEPS_MOST = 8192, /* of what is sound, a thousand characters, 6000 */
	NOWHERE = UINT16_MAX,
};

enum kind { TAKE_BYTE, TAKE_ONE_OF, CHECK, FORK, MATCH };

struct step {
	unsigned char kind;
	unsigned char what; /* the byte; the set; the place to be at */
	uint16_t other;	    /* FORK: besides the next, or NOWHERE */
	uint16_t next;
};

struct set {
	uint64_t bit[4];
};

struct pattern {
	struct step *step;
	size_t steps;
	struct set *set;
	size_t sets;
};

#endif
