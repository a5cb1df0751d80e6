/* Has the host locked itself in? Then the shim asks the kernel for nothing. */
#ifndef SHIM_SANDBOX_H
#define SHIM_SANDBOX_H

#include <stdatomic.h>
#include <stdbool.h>

/* Written once, by the thread that installed a filter. */
extern atomic_bool sandbox_closed;

/*
 * True once the host itself has installed a system call filter: any call of
 * ours might be its last. Filters that it was started with do not count.
 */
static inline bool sandbox_is_closed(void)
{
	return atomic_load_explicit(&sandbox_closed, memory_order_relaxed);
}

/* The same for chroot(2). */
extern atomic_bool sandbox_rooted;

/* True once the host has changed its root: paths mean other files. */
static inline bool sandbox_is_rooted(void)
{
	return atomic_load_explicit(&sandbox_rooted, memory_order_relaxed);
}

#endif
