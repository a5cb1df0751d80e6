/* Reading lbd.ini again: on SIGHUP, or when asked over the control API. */
#ifndef LBD_RELOAD_H
#define LBD_RELOAD_H

#include "lbd.h"

/*
 * Reads the file again and goes over to it, or leaves everything as it is.
 * What there is to say goes to `said`, which the caller frees.
 */
bool reload(struct lbd *lbd, struct complaints *said);

/* Reloads on SIGHUP: many of them at once are one. */
void reload_watch(struct lbd *lbd);

#endif
