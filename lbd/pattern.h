/*
 * POSIX extended regular expressions in time that is known before: as long as
 * the text is, times as large as the pattern is. The C library's matcher can
 * take a minute for a short pattern and a short text.
 */
#ifndef LBD_PATTERN_H
#define LBD_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

struct pattern;

/* Of a text that regex_is_sound(); NULL: no memory. */
struct pattern *pattern_make(const char *text);
void pattern_free(struct pattern *p);

/* Does it match anywhere in these bytes, NULs included? */
bool pattern_fits(const struct pattern *p, const char *data, size_t size);

#endif
