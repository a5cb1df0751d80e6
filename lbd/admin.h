/* The control API: HTTP and JSON on a Unix socket. */
#ifndef LBD_ADMIN_H
#define LBD_ADMIN_H

#include "lbd.h"

/* Serves the listening `fd`, which is the admin's from then on. NULL: `why`
 * is not known better than errno. */
struct admin *admin_open(struct lbd *lbd, int fd);

/* A connection that was held goes on: libmicrohttpd itself would not see that
 * without a listener of its own. */
void admin_stir(struct admin *admin);

/* Descriptors are short: a connection that says nothing is ended. False if there
 * is none. NULL is fine. */
bool admin_make_way(struct admin *admin);

void admin_close(struct admin *admin); /* NULL is fine */

#endif
