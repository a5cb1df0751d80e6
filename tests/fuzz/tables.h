/* Files of lbd's that tables for fuzzing are made from. */
#ifndef TESTS_TABLES_H
#define TESTS_TABLES_H

/* A reload: `stays` and `gone`, then `stays` and `comes`. */
struct table_text {
	const char *stays, *gone, *comes;
	const char *address[10]; /* that are in there, and one that is not */
	const char *name[3];
};

enum { TABLES = 5, TABLE_TEXT_MOST = 8192 };

/* The last has no text of its own, but tables_many(). */
extern const struct table_text tables[TABLES];

/* So many addresses, and names, that a search ends before it has seen all. */
void tables_many(char text[TABLE_TEXT_MOST]);

#endif
