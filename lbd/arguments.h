/* What lbd was started with, and what it says by its end. */
#ifndef LBD_ARGUMENTS_H
#define LBD_ARGUMENTS_H

#include <stdbool.h>

enum {
	EXIT_CONF = 1,
	EXIT_USAGE = 2,
	EXIT_TAKEN = 3,
};

struct arguments {
	const char *file;
	bool check_only, verbose;
};

/* Over what is in `arguments` already. --help, --version and what cannot be meant
 * end the program. */
void arguments_read(int argc, char **argv, struct arguments *arguments);

#endif
