/* What the files of conf_suite() share. */
#ifndef TESTS_TEST_CONF_H
#define TESTS_TEST_CONF_H

#include <check.h>

struct conf;

/* The model of a text about which nothing is said. */
struct conf *conf_good(const char *text);

/* What is said about a text, all lines of it; "F" is its name. */
void conf_expect(const char *text, const char *words);

TCase *conf_file_case(void);
TCase *conf_probe_case(void);

#endif
