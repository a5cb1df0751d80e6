/* Signals as the kernel has them, past any libc. */
#ifndef SHIM_SIGNALS_H
#define SHIM_SIGNALS_H

#include "raw.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

enum { SIGNALS_MOST = 64 };

/* All are blocked from here on; returns those that were. */
static inline uint64_t signals_block(void)
{
	uint64_t all = UINT64_MAX, old = 0;

	raw6(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)&old,
		sizeof(old), 0, 0);
	return old;
}

static inline void signals_restore(uint64_t old)
{
	raw6(SYS_rt_sigprocmask, SIG_SETMASK, (long)&old, 0, sizeof(old), 0, 0);
}

/* Is there a handler for `sig`? Then with which flags it was installed. */
static inline bool signals_handled(int sig, unsigned long *flags)
{
	struct { /* as the kernel keeps it */
		void *handler;
		unsigned long flags;
		void *restorer;
		uint64_t mask;
	} act = {0};

	if (raw6(SYS_rt_sigaction, sig, 0, (long)&act, sizeof(act.mask), 0, 0))
		return false;
	*flags = act.flags;
	return act.handler != (void *)SIG_DFL && act.handler != (void *)SIG_IGN;
}

#endif
