/*
 * What the kernel knows: this host's connections to backends, counted by their
 * destination through NETLINK_SOCK_DIAG, and ended where the file says so.
 */
#ifndef LBD_KERNEL_H
#define LBD_KERNEL_H

#include "lbd.h"

/* NULL without memory. A kernel that does not tell is no failure. */
struct kernel *kernel_open(struct lbd *lbd);
void kernel_close(struct kernel *kernel); /* NULL is fine */

/* Backends came or went: nothing is counted by those of before any more; then,
 * with interludes, counting begins again. NULL is fine for both. */
void kernel_leave(struct kernel *kernel);
void kernel_rebind(struct kernel *kernel);

/* Are connections counted? Else the callers' own picks are all there is. */
bool kernel_counts(const struct kernel *kernel);

/* Complete counts so far: connections made before a call of this are in the
 * count after next. */
uint64_t kernel_rounds(const struct kernel *kernel);

/* Some caller is active: counts are wanted again. */
void kernel_stir(struct kernel *kernel);

/* Callers reported: failures, and picks whose connections are counted, or are
 * not. */
void kernel_heard(struct kernel *kernel, struct backend *b, uint64_t counted,
	uint64_t unseen, uint64_t failed);

/* Ten times a second, after all callers were heard: what fades has faded, and
 * loads are published. */
void kernel_tick(struct kernel *kernel);

/* Whether callers may be sent to `b` changed, or may have. NULL is fine. */
void kernel_turned(struct kernel *kernel, struct backend *b);

/* A backend with on-down = reset went down: ends connections to it. */
void kernel_reset(struct kernel *kernel, struct backend *b);

#endif
