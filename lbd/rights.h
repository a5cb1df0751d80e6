/* What rules ask for and this process has no right to see. */
#ifndef LBD_RIGHTS_H
#define LBD_RIGHTS_H

#include "conf.h"

/*
 * Says once that rules with exe hold for programs of lbd's own user alone, if
 * there are such rules and it is so: the first of them, in how many services
 * there are more, and why.
 */
void rights_warn(const struct conf *conf,
	void (*say_it)(const struct service_conf *s, const struct rule *rule,
		size_t more, const char *why));

#endif
