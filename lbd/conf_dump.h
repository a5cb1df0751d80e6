/* How a model becomes text. Between the conf_dump*.c files only. */
#ifndef LBD_CONF_DUMP_H
#define LBD_CONF_DUMP_H

#include "conf_parts.h"

/* The value of probe that says it all, in `room`; as it was written where that
 * is too long for a line. */
const char *probe_text(const struct probe_conf *p, char room[LINE_BYTES + 1]);

#endif
