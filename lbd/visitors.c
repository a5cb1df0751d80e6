/*
 * A row of connections without a request, those in front silent for longest.
 * A byte now and then is silence as well: only a whole request takes somebody
 * out of the row. The connections are libmicrohttpd's, which alone closes them:
 * whoever is shown out looks to it like somebody who has left.
 */
#include "visitors.h"

#include <stdlib.h>
#include <sys/socket.h>

struct visitor {
	struct visitors *all;
	struct visitor *previous, *next;
	ev_tstamp since;
	int fd;
	bool in_row;
};

static void join(struct visitor *v)
{
	struct visitors *all = v->all;

	v->since = ev_now(all->loop);
	v->previous = all->last;
	v->next = NULL;
	*(all->last ? &all->last->next : &all->first) = v;
	all->last = v;
	v->in_row = true;
}

static void leave(struct visitor *v)
{
	struct visitors *all = v->all;

	if (!v->in_row)
		return;
	*(v->previous ? &v->previous->next : &all->first) = v->next;
	*(v->next ? &v->next->previous : &all->last) = v->previous;
	v->in_row = false;
}

/* NULL without memory: such a one is never shown out. */
static struct visitor *new_visitor(
	struct visitors *all, struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *at =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct visitor *v = at ? calloc(1, sizeof(*v)) : NULL;

	if (!v)
		return NULL;
	v->all = all;
	v->fd = at->connect_fd;
	join(v);
	return v;
}

void visitors_on_connection(void *visitors, struct MHD_Connection *c,
	void **visitor, enum MHD_ConnectionNotificationCode how)
{
	if (how == MHD_CONNECTION_NOTIFY_STARTED) {
		*visitor = new_visitor(visitors, c);
	} else if (*visitor) {
		leave(*visitor);
		free(*visitor);
		*visitor = NULL;
	}
}

static struct visitor *visitor_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *at =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return at ? at->socket_context : NULL;
}

void visitor_has_asked(struct MHD_Connection *c)
{
	struct visitor *v = visitor_of(c);

	if (v)
		leave(v);
}

void visitor_is_silent(struct MHD_Connection *c)
{
	struct visitor *v = visitor_of(c);

	if (v && !v->in_row)
		join(v);
}

bool visitors_show_out(struct visitors *visitors, double least)
{
	struct visitor *v = visitors->first;

	if (!v || v->since + least > ev_now(visitors->loop))
		return false;
	leave(v);
	shutdown(v->fd, SHUT_RD);
	return true;
}
