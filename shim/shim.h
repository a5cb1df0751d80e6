/* What every part of the shim needs: how it is exported, and its switches. */
#ifndef SHIM_SHIM_H
#define SHIM_SHIM_H

/* The stolen calls, and nothing else. */
#define EXPORT __attribute__((visibility("default")))

#define LIKELY(x)   __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

#endif
