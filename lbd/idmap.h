/* Users and groups by number: which numbers mean somebody in our user
 * namespace. */
#ifndef LBD_IDMAP_H
#define LBD_IDMAP_H

#include <stdbool.h>

enum { IDMAP_RANGES = 340 }; /* user_namespaces(7) */

struct idmap {
	bool all;	 /* there are */
	unsigned nobody; /* as what those without a number are shown */
	unsigned ranges; /* 0: not known which */
	struct {
		unsigned first, count;
	} range[IDMAP_RANGES];
};

void idmap_of_users(struct idmap *map);
void idmap_of_groups(struct idmap *map);

/* `text` as in /proc/PID/uid_map. */
void idmap_parse(struct idmap *map, const char *text, unsigned nobody);

/* Does the number mean somebody, and one alone? */
bool idmap_knows(const struct idmap *map, unsigned id);

#endif
