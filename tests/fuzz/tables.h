/* Files of lbd's that tables for fuzzing are made from. */
#ifndef TESTS_TABLES_H
#define TESTS_TABLES_H

/* A reload: `stays` and `gone`, then `stays` and `comes`. */
struct table_text {
	const char *stays, *gone, *comes;
	const char *address[10]; /* that are in there, and one that is not */
	const char *name[3];
};

enum { TABLES = 4 };

extern const struct table_text tables[TABLES];

#endif
