/*
 * What calls leave on the stack below their caller's frame stays there until
 * other calls come by: where a program was sent by rules that are not its own
 * any more would be found there after a drop for good.
 */
#ifndef SHIM_TRACES_H
#define SHIM_TRACES_H

#include <stdint.h>

/* Two words at a time take half as long. */
typedef uint64_t traces_pair __attribute__((vector_size(16)));

/* As deep as those go that know addresses; an attach goes deeper. */
enum { TRACES = 1024 / sizeof(traces_pair) };

__attribute__((noinline, unused)) static void traces_clear(void)
{
	volatile traces_pair below[TRACES];

	for (int i = 0; i < TRACES; i++)
		below[i] = (traces_pair){0};
	(void)below[0];
}

/* One of the caller's own variables, which it does not need any more. */
static inline void traces_clear_own(void *at, uint64_t size)
{
	volatile unsigned char *byte = at;

	while (size--)
		*byte++ = 0;
}

#endif
