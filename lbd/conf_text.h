/*
 * Texts as values: numbers, durations, names, addresses, and back; and how far
 * a word is from one we know. All of it pure. Between the conf*.c files only.
 */
#ifndef LBD_CONF_TEXT_H
#define LBD_CONF_TEXT_H

#include "conf.h"

struct span {
	const char *at;
	size_t size;
};

/* ---- conf_value.c ---- */

bool span_is(struct span s, const char *text);

/* Bytes of the character that begins at `at`, of `left` >= 1; 0 if none does. */
unsigned utf8_length(const char *at, size_t left);

/* Cuts the next word off *rest, in place; NULL when there is none. */
char *next_word(char **rest);

/* What follows `prefix` in `text`, or NULL. */
const char *after(const char *text, const char *prefix);

bool value_number(const char *text, unsigned low, unsigned high, unsigned *to);
bool value_duration(const char *text, unsigned *ms);
bool value_name(struct span text);
bool value_host(const char *text);

/* These two return what is wrong ("must be ..."), or NULL. */
const char *value_address(const char *text, struct addr *to);
const char *value_backend(const char *text, struct addr *to);

struct shown {
	char text[ADDR_TEXT_MAX];
};

struct shown show_address(const struct addr *a);
struct shown show_duration(unsigned ms);

/* ---- conf_range.c ---- */

/* What is wrong, or NULL. `meant` has bits where all that is wrong is that
 * others are set behind them. */
const char *value_range(
	const char *text, struct range *to, struct range *meant);
struct shown show_range(const struct range *range);

/* ---- conf_hint.c ---- */

/* How far apart two words are; HINT_FAR: nobody can have meant it. */
enum { HINT_FAR = 99 };
unsigned hint_distance(struct span written, const char *known);

#endif
