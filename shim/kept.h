/* Attachments of identities that the process had, and can take on again. */
#ifndef SHIM_KEPT_H
#define SHIM_KEPT_H

#include "attach.h"

/* The one that lbd gave to `who`; NULL where there is none. */
struct attachment *kept_find(const struct ids *who);

bool kept_has(const struct attachment *a);

/*
 * Keeps a new one; returns what had to make room, the same identity's if there
 * was any, which is the caller's to let go of. NULL: nothing had to.
 */
struct attachment *kept_put(struct attachment *got);

/*
 * After a change of identity: lists of those that the process cannot take on
 * any more are zeros from here on. Services without rules go on.
 */
void kept_forget(void);

/* Zeros in place of all that an attachment leads to. */
void kept_let_go(struct attachment *a);

#endif
