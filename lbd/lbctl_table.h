/* Rows whose columns line up, for people. */
#ifndef LBD_LBCTL_TABLE_H
#define LBD_LBCTL_TABLE_H

#include <stdbool.h>

/* With colours, where the terminal has them. */
enum tone { TONE_PLAIN, TONE_NAME, TONE_WARNING, TONE_BAD };

enum { COLUMNS = 9, CELL_BYTES = 320 };

struct cell {
	char text[CELL_BYTES];
	enum tone tone;
	bool right; /* numbers: to the right of the column */
};

struct row {
	struct cell cell[COLUMNS];
};

struct widths {
	unsigned column[COLUMNS];
};

void row_clear(struct row *row);

/* Fills a cell; what would disturb a terminal becomes '?'. */
void cell_set(struct cell *cell, enum tone tone, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* More of the same, after ", " where something is there. */
void cell_add(struct cell *cell, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Makes the columns wide enough for the row. */
void row_measure(const struct row *row, struct widths *widths);

/* To stdout; columns of width 0 are not there. */
void row_print(const struct row *row, const struct widths *widths, int indent);

/* Text in a tone, outside of rows. */
void tone_print(enum tone tone, const char *text);

#endif
