/* The addresses of this host, as of now, for rules with net. */
#ifndef LBD_NET_H
#define LBD_NET_H

#include "acl.h"

#include <ev.h>

/*
 * Nothing is watched before the first net_tell(). `changed` is called soon
 * after the addresses became others, which those who were judged by them may
 * not have lived to see. NULL if memory is short.
 */
struct net *net_open(
	struct ev_loop *loop, void (*changed)(void *data), void *data);
void net_close(struct net *net); /* NULL is fine */

/* Completes `who` with them; good until the next call. */
void net_tell(struct net *net, struct identity *who);

/* Neither of the loopback network nor link-local. */
bool net_counts(const struct addr *a);

#endif
