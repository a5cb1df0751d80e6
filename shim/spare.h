/*
 * What a host need not hear of: a connect() that is under way and fails is sent
 * to another backend, on the same descriptor, before anybody is told.
 */
#ifndef SHIM_SPARE_H
#define SHIM_SPARE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The kernel says that something is wrong with `fd`, and has not said what: true
 * if the host need not know, for the connection is on its way to another
 * backend, by our doing or by another thread's, just now. `is_held`: that
 * thread has not finished.
 */
bool spare_event(int fd, bool *is_held);

/* The same where a connect() that was repeated has told `err`. */
bool spare_refusal(int fd, int err);

/* What SO_ERROR says, where the kernel has just said `err` and forgot it. */
int spare_asked(int fd, int err);

/* An event says that the connection stands. */
void spare_stands(int fd);

/* Leaves backends that take longer than connect-timeout. */
void spare_late(uint64_t now_ms);

#endif
