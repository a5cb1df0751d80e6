/*
 * libcurl on the loop: one curl_multi for some hundred probes. It opens their
 * sockets, keeps their connections, and tells each when its question is over.
 */
#ifndef LBD_HUB_H
#define LBD_HUB_H

#include "lbd.h"

#include <curl/curl.h>

struct exchange;

/* One with room; it leaves it again. NULL without memory. */
struct hub *hub_join(struct lbd *lbd);
void hub_leave(struct hub *hub);

/* Between these two the exchange's watcher is the hub's; the question ends in
 * exchange_over() unless it is taken out before. False without memory. */
bool hub_add(struct hub *hub, struct exchange *x);
void hub_remove(struct hub *hub, struct exchange *x);

#endif
