/* Callers that were turned away, in the log: once a second at most. */
#ifndef LBD_TURNED_AWAY_H
#define LBD_TURNED_AWAY_H

#include <ev.h>
#include <stdint.h>
#include <sys/types.h>

/* What has not been said yet, of one kind. */
struct turned_away {
	ev_timer pause; /* runs while it is too early for another line */
	unsigned long count;
	uint32_t last; /* the layout asked for, or an errno */
	pid_t pid;     /* whose that was; 0: not known */
	void (*say)(const struct turned_away *t);
};

void turned_away_for_layout(struct turned_away *t);
void turned_away_by_error(struct turned_away *t);

/* One more; `last` is its layout or errno. Says so now, or soon. */
void turned_away_note(
	struct ev_loop *loop, struct turned_away *t, uint32_t last, pid_t pid);

/* Says what is left to say. */
void turned_away_end(struct ev_loop *loop, struct turned_away *t);

#endif
