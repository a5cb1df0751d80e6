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

/* As deep as those go that know addresses: connect(), and a move. An attach goes
 * deeper. */
enum {
	TRACES = 1024 / sizeof(traces_pair),
	TRACES_OF_MOVE = 2048 / sizeof(traces_pair)
};

/*
 * Addresses are copied by registers that nobody else uses for long: the dynamic
 * linker writes them to the stack when a function is called for the first time.
 */
static inline void traces_clear_registers(void)
{
#ifdef __x86_64__
	__asm__ volatile("pxor %%xmm0, %%xmm0; pxor %%xmm1, %%xmm1;"
			 "pxor %%xmm2, %%xmm2; pxor %%xmm3, %%xmm3;"
			 "pxor %%xmm4, %%xmm4; pxor %%xmm5, %%xmm5;"
			 "pxor %%xmm6, %%xmm6; pxor %%xmm7, %%xmm7;"
			 "pxor %%xmm8, %%xmm8; pxor %%xmm9, %%xmm9;"
			 "pxor %%xmm10, %%xmm10; pxor %%xmm11, %%xmm11;"
			 "pxor %%xmm12, %%xmm12; pxor %%xmm13, %%xmm13;"
			 "pxor %%xmm14, %%xmm14; pxor %%xmm15, %%xmm15"
			 :
			 :
			 : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5",
			 "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
			 "xmm12", "xmm13", "xmm14", "xmm15");
#endif
}

__attribute__((noinline, unused)) static void traces_clear(void)
{
	volatile traces_pair below[TRACES];

	for (int i = 0; i < TRACES; i++)
		below[i] = (traces_pair){0};
	(void)below[0];
	traces_clear_registers();
}

__attribute__((noinline, unused)) static void traces_clear_move(void)
{
	volatile traces_pair below[TRACES_OF_MOVE];

	for (int i = 0; i < TRACES_OF_MOVE; i++)
		below[i] = (traces_pair){0};
	(void)below[0];
	traces_clear_registers();
}

/* One of the caller's own variables, which it does not need any more. */
static inline void traces_clear_own(void *at, uint64_t size)
{
	volatile unsigned char *byte = at;

	while (size--)
		*byte++ = 0;
}

#endif
