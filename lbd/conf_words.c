/* The grammar of lbd.ini, for words that come from elsewhere. Pure. */
#include "conf_parts.h"

#include <string.h>

bool conf_number(const char *text, unsigned low, unsigned high, unsigned *to)
{
	return value_number(text, low, high, to);
}

bool conf_duration(const char *text, unsigned *ms)
{
	return value_duration(text, ms);
}

bool conf_address(const char *text, struct addr *to)
{
	return !value_address(text, to);
}

static unsigned distance(const char *written, const char *known)
{
	struct span span = {written, strlen(written)};

	return hint_distance(span, known);
}

const char *conf_nearer(
	const char *written, const char *known, const char *best)
{
	unsigned reach = best ? distance(written, best) : HINT_FAR;

	return distance(written, known) < reach ? known : best;
}
