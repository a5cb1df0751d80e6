/*
 * "Did you mean": how far a word is from one we know, in letters that were
 * left out, added, changed, or swapped with their neighbour. Case counts for
 * nothing. Pure.
 */
#include "conf_parts.h"

#include <string.h>

enum { LONGEST = 32 }; /* no word of ours comes near */

/* at[i][j]: from the first i letters written to the first j known. */
struct steps {
	unsigned at[LONGEST + 1][LONGEST + 1];
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool same(char a, char b)
{
	return lower(a) == lower(b);
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned steps_to(const struct steps *s, const char *written,
	const char *known, size_t i, size_t j)
{
	unsigned n;

	if (!i || !j)
		return (unsigned)(i + j);
	n = least(s->at[i - 1][j], s->at[i][j - 1]) + 1;
	n = least(n, s->at[i - 1][j - 1] + !same(written[i - 1], known[j - 1]));
	if (i > 1 && j > 1 && same(written[i - 1], known[j - 2]) &&
		same(written[i - 2], known[j - 1]))
		n = least(n, s->at[i - 2][j - 2] + 1);
	return n;
}

/* Short words are soon like any other. */
static unsigned reach(size_t size)
{
	return size < 6 ? 1 : size < 12 ? 2 : 3;
}

unsigned hint_distance(struct span written, const char *known)
{
	size_t size = strlen(known);
	struct steps s;

	if (written.size > LONGEST || size > LONGEST)
		return HINT_FAR;
	for (size_t i = 0; i <= written.size; i++)
		for (size_t j = 0; j <= size; j++)
			s.at[i][j] = steps_to(&s, written.at, known, i, j);
	if (s.at[written.size][size] > reach(size))
		return HINT_FAR;
	return s.at[written.size][size];
}
