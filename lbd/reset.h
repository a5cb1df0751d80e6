/* Ending this host's connections to a backend that went down. */
#ifndef LBD_RESET_H
#define LBD_RESET_H

#include "lbd.h"

/* NULL without memory. */
struct reset *reset_open(struct lbd *lbd);
void reset_close(struct reset *reset); /* NULL is fine */

/* Connections to the backend's address, of anybody but lbd, are ended soon;
 * said in the log. */
void reset_begin(struct reset *reset, const struct backend *b);

/* Names each service with on-down = reset where this process cannot do that,
 * and why. */
void reset_warn(const struct conf *conf,
	void (*say_it)(const struct service_conf *s, const char *why));

#endif
