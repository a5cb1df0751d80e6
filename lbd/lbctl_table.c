/*
 * Columns that are as wide as what stands in them. A row is made twice, once
 * to be measured and once to be printed, so that none has to be kept.
 */
#include "lbctl_table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool has_colours(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return !(no && *no) && term && *term && strcmp(term, "dumb") != 0 &&
		isatty(STDOUT_FILENO);
}

void tone_print(enum tone tone, const char *text)
{
	static const char *const begin[] = {
		[TONE_NAME] = "\033[1m",
		[TONE_WARNING] = "\033[33m",
		[TONE_BAD] = "\033[1;31m",
	};
	static int colours = -1; /* not known yet */

	if (colours < 0)
		colours = has_colours();
	if (colours && begin[tone])
		printf("%s%s\033[0m", begin[tone], text);
	else
		fputs(text, stdout);
}

static void put(struct cell *cell, const char *format, va_list args)
{
	size_t used = strlen(cell->text);

	vsnprintf(cell->text + used, CELL_BYTES - used, format, args);
	for (char *c = cell->text + used; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
}

void cell_set(struct cell *cell, enum tone tone, const char *format, ...)
{
	va_list args;

	cell->text[0] = '\0';
	cell->tone = tone;
	va_start(args, format);
	put(cell, format, args);
	va_end(args);
}

void cell_add(struct cell *cell, const char *format, ...)
{
	size_t used = strlen(cell->text);
	va_list args;

	if (!used)
		cell->tone = TONE_PLAIN;
	else if (used < CELL_BYTES - 3)
		strcpy(cell->text + used, ", ");
	va_start(args, format);
	put(cell, format, args);
	va_end(args);
}

void row_clear(struct row *row)
{
	for (int i = 0; i < COLUMNS; i++) {
		row->cell[i].text[0] = '\0';
		row->cell[i].right = false;
	}
}

void row_measure(const struct row *row, struct widths *widths)
{
	for (int i = 0; i < COLUMNS; i++) {
		unsigned width = (unsigned)strlen(row->cell[i].text);

		if (width > widths->column[i])
			widths->column[i] = width;
	}
}

/* Blanks are only printed when something follows them. */
void row_print(const struct row *row, const struct widths *widths, int indent)
{
	int due = indent;

	for (int i = 0; i < COLUMNS; i++) {
		const struct cell *c = &row->cell[i];
		int width = (int)widths->column[i];
		int length = (int)strlen(c->text), spare = width - length;

		if (!width)
			continue;
		if (length) {
			printf("%*s", due + (c->right ? spare : 0), "");
			tone_print(c->tone, c->text);
			due = c->right ? 0 : spare;
		} else {
			due += width;
		}
		due += 2; /* between columns */
	}
	putchar('\n');
}
