/* What every part of the shim needs: how it is exported, and its switches. */
#ifndef SHIM_SHIM_H
#define SHIM_SHIM_H

/* The stolen calls, and nothing else. */
#define EXPORT __attribute__((visibility("default")))

/*
 * On the way of every connect(): together, so that few pages are touched, and
 * each on a line of its own, so that what it costs does not hang on the rest.
 */
#define HOT __attribute__((hot, aligned(64)))

#define LIKELY(x)   __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

#endif
