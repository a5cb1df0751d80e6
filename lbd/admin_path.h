/* Paths of the control API, and the names in them. */
#ifndef LBD_ADMIN_PATH_H
#define LBD_ADMIN_PATH_H

#include <stdbool.h>

enum { PATH_NAMES = 3, PATH_NAME_BYTES = 264 };

/* Longer ones are cut: no service, backend nor host has such a name. */
struct path_names {
	char text[PATH_NAMES][PATH_NAME_BYTES];
};

/*
 * Has `url` the form of `path`, "/services/SERVICE/drain"? A word in capitals
 * stands for any name; these are noted in their order, without their escapes.
 */
bool path_fits(const char *path, const char *url, struct path_names *names);

/* `text` without its escapes; `to` has room for it as it is. */
void path_unescape(const char *text, char *to);

#endif
