/* Who uses a service, and when last. Pure. */
#ifndef LBD_USE_H
#define LBD_USE_H

#include "conf.h"

#include <stdbool.h>
#include <stdint.h>

struct use {
	double last;	   /* attempt of any caller, start or reload */
	uint64_t attempts; /* as last looked at */
	bool idle;	   /* some probe waits interval-idle */
	/* The last two users that had outcomes, the later one first. */
	struct {
		bool is;
		unsigned user;
		double when;
	} by[2];
};

/* `attempts`: all there ever were. True if there are new ones. */
bool use_note(struct use *use, uint64_t attempts, double now);

/* Nobody came for max(30 s, 5 x interval). */
bool use_is_idle(
	const struct use *use, const struct service_conf *conf, double now);

void use_note_user(struct use *use, unsigned user, double now);

/* No other user had any outcome there for five minutes. */
bool use_is_only_by(const struct use *use, unsigned user, double now);

#endif
