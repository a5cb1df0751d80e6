/*
 * What a host need not hear of: a connect() that is under way and fails is sent
 * to another backend, on the same descriptor, before anybody is told.
 */
#ifndef SHIM_SPARE_H
#define SHIM_SPARE_H

#include "pending.h"

#include <stdbool.h>
#include <stdint.h>

enum spare {
	SPARE_STRANGE, /* none of ours */
	SPARE_NOT,     /* the host is to know */
	SPARE_MOVED,   /* it had failed, and is on its way to another backend */
	SPARE_WELL,    /* nothing is wrong with it: another thread was faster */
};

/*
 * The kernel says that something is wrong with `fd`, and has not said what:
 * that there is an error to tell, or that it hung up. Signals wait meanwhile:
 * those that ran a handler then are added to `ran`, as a mask; NULL: who asks
 * does not wait.
 */
enum spare spare_event(int fd, bool is_error, uint64_t *ran);

/* Does the host hear of it at all? */
static inline bool spare_is_spared(enum spare spare)
{
	return spare == SPARE_MOVED || spare == SPARE_WELL;
}

/* A connect() that was repeated has told `err`: true if it was sent on. */
bool spare_refusal(int fd, int err);

/*
 * A connect() is repeated that was `again`: true where the host is to hear that
 * it is under way, and the kernel need not be asked.
 */
bool spare_repeated(int fd, enum pending_kind again);

/* What SO_ERROR says, where the kernel has just said `err` and forgot it. */
int spare_asked(int fd, int err);

/* An event says that the connection stands; or the host was told so. */
void spare_stood(int fd);
void spare_stands(int fd);

/* Leaves backends that take longer than connect-timeout; `ran` as above. */
void spare_late(uint64_t now_ms, uint64_t *ran);

#endif
