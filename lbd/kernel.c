/* Counting connections by destination. */
#include "kernel.h"

#include <stdlib.h>

struct kernel {
	struct lbd *lbd;
};

struct kernel *kernel_open(struct lbd *lbd)
{
	struct kernel *k = calloc(1, sizeof(*k));

	if (k)
		k->lbd = lbd;
	return k;
}

void kernel_close(struct kernel *kernel)
{
	free(kernel);
}

void kernel_rebind(struct kernel *kernel)
{
	(void)kernel;
}

bool kernel_counts(const struct kernel *kernel)
{
	(void)kernel;
	return false;
}

uint64_t kernel_rounds(const struct kernel *kernel)
{
	(void)kernel;
	return 0;
}

void kernel_reset(struct kernel *kernel, struct backend *b)
{
	(void)kernel;
	(void)b;
}
