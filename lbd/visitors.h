/*
 * Who is connected to the control API, and has nothing to be answered at the
 * moment: they make way when others need the room.
 */
#ifndef LBD_VISITORS_H
#define LBD_VISITORS_H

#include <ev.h>
#include <microhttpd.h>
#include <stdbool.h>

struct visitor;

/* All zero but for `loop` at first. */
struct visitors {
	struct ev_loop *loop;
	struct visitor *first, *last; /* silent ones, the longest first */
};

/* As MHD_OPTION_NOTIFY_CONNECTION takes it, with a struct visitors. */
void visitors_on_connection(void *visitors, struct MHD_Connection *c,
	void **visitor, enum MHD_ConnectionNotificationCode how);

/* A request is there: it stays until it is answered. */
void visitor_has_asked(struct MHD_Connection *c);

/* It has its answer, and may ask again. */
void visitor_is_silent(struct MHD_Connection *c);

/*
 * Ends the reading from the one that has been silent for longest; what reads
 * next finds it gone, and closes it. False if nobody has been for `least`
 * seconds.
 */
bool visitors_show_out(struct visitors *visitors, double least);

#endif
