/*
 * What a probe and a server say to each other, without a socket: what to send
 * first, and what is to be made of what came so far.
 *
 *	dialogue_open -> (say, dialogue_sent | dialogue_heard)... -> good, bad
 */
#ifndef LBD_DIALOGUE_H
#define LBD_DIALOGUE_H

#include "conf.h"
#include "health.h"

#include <stdbool.h>
#include <stddef.h>

enum turn {
	TURN_LISTEN, /* more must come */
	TURN_SAY,    /* `say` is to be sent, then dialogue_sent() */
	TURN_GOOD,
	TURN_BAD, /* `why` says so */
};

enum {
	TALK_ROOM = 4096,
	TALK_LONGEST = 64 * 1024, /* in which an expected text must come */
	TALK_REPLY = 96,
};

/* One talk with one server. */
struct talk {
	const struct probe_conf *conf;
	unsigned step; /* the dialogue's own; 0 at first */
	bool over;     /* all is known: only the goodbye is left */
	bool gently;   /* to be closed without a reset, which would be logged */
	struct {
		const void *at;
		size_t size;
	} say;	      /* whoever sends takes off what is sent */
	size_t heard; /* bytes in all */
	char why[REASON_MAX];
	unsigned char reply[TALK_REPLY]; /* what `say` points at, if made up */
	unsigned replies;
	size_t held;
	unsigned char kept[TALK_ROOM]; /* heard and not yet judged */
};

/* The first turn, over a connection that stands. `conf` outlives the talk. */
enum turn dialogue_open(struct talk *t, const struct probe_conf *conf);

/* `say` went out whole. */
enum turn dialogue_sent(struct talk *t);

/* How much may be put at kept + held now; at least 1 where a turn says
 * TURN_LISTEN. */
size_t dialogue_room(const struct talk *t);

/* `size` bytes were put there. */
enum turn dialogue_heard(struct talk *t, size_t size);

/* Nothing will be heard any more, for the server closed or the time is up:
 * TURN_GOOD where all is known, else TURN_BAD. */
enum turn dialogue_ended(struct talk *t, const char *why);

/* Is the text in there? An empty one is. */
bool dialogue_has(const void *bytes, size_t size, const struct bytes *expected);

/* `intro`, then what a server said: printable ASCII, up to the end of the
 * line, cut to what `why` holds. Returns TURN_BAD. */
enum turn dialogue_complain(
	struct talk *t, const char *intro, const void *said, size_t size);

/* Takes the first `size` bytes off what is kept. */
void dialogue_drop(struct talk *t, size_t size);

/* TURN_SAY, with that to be said; it is not copied. */
enum turn dialogue_say(struct talk *t, const void *at, size_t size);

/* The databases' parts, in files of their own. */
enum turn postgres_open(struct talk *t);
enum turn postgres_heard(struct talk *t);
enum turn mysql_open(struct talk *t);
enum turn mysql_heard(struct talk *t);

#endif
