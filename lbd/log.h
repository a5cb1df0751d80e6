/* What lbd says: one line per event, a sentence, then key=value. */
#ifndef LBD_LOG_H
#define LBD_LOG_H

#include "conf.h"

#include <stdarg.h>

enum { LOG_MORE = 8 };

/* What an event is about; NULL fields are left out, and `more` without a
 * value. */
struct log_about {
	const char *service, *backend, *reason;
	struct {
		const char *key, *value;
	} more[LOG_MORE];
};

/* Until then, and after log_open() fails, lines go to stderr. */
void log_open(enum log_target target, enum log_level level);

/* Only events of this level and above are said from here on. */
void log_set_level(enum log_level level);

/*
 * "backend web1 of service api is down level=warning event=backend-down
 * service=api backend=web1 reason=..." - never waits: a line that cannot be
 * written at once is dropped, and the next one that can says how many were.
 */
void log_event(enum log_level level, const char *event,
	const struct log_about *about, const char *sentence, ...)
	__attribute__((format(printf, 4, 5)));

#endif
