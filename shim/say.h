/* LBSHIM_LOG: one line, one write(2), to the stderr we were loaded with. */
#ifndef SHIM_SAY_H
#define SHIM_SAY_H

#include "addr.h"

#include <stdint.h>

/* Text under construction; what does not fit is left out. */
struct line {
	char text[300];
	unsigned used;
};

void say_start(struct line *line); /* "lbshim[PID]: " */
void say_text(struct line *line, const char *text);
void say_number(struct line *line, uint64_t n);
void say_addr(struct line *line, const struct addr *a);
void say_errno(struct line *line, int err);
void say_end(struct line *line); /* writes it */

/* Called once, at load: later, fd 2 may be somebody else's. */
void say_remember_stderr(void);

#endif
