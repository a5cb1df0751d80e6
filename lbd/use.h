/* Who uses a service, and when last. Pure. */
#ifndef LBD_USE_H
#define LBD_USE_H

#include "conf.h"

#include <stdbool.h>
#include <stdint.h>

/* The last two, the later one first: enough to know whether there is another
 * than a given one. */
struct users {
	struct {
		bool is;
		unsigned user;
		double when;
	} by[2];
};

struct use {
	double last;	    /* attempt of any caller, start or reload */
	double worked;	    /* when a connect last did */
	uint64_t attempts;  /* as last looked at */
	bool idle;	    /* some probe waits interval-idle */
	struct users users; /* that had outcomes there */
};

void users_note(struct users *users, unsigned user, double now);

/* Has any other user than that one come in the last `within` seconds? */
bool users_has_other(
	const struct users *users, unsigned user, double within, double now);

/* `attempts`: all there ever were. True if there are new ones. */
bool use_note(struct use *use, uint64_t attempts, double now);

/* Nobody came for max(30 s, 5 x interval). */
bool use_is_idle(
	const struct use *use, const struct service_conf *conf, double now);

/* No other user had any outcome there for five minutes. */
bool use_is_only_by(const struct use *use, unsigned user, double now);

#endif
