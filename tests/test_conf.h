/* What the files of conf_suite() share. */
#ifndef TESTS_TEST_CONF_H
#define TESTS_TEST_CONF_H

#include "lbd/conf.h"

#include <check.h>

/* From memory of exactly that size: one byte further is found by ASan. */
struct conf *conf_from(const char *text, size_t size, struct complaints *said);

/* All that was said, one line each, as a person would see it; to be freed. */
char *conf_said(const struct complaints *said);

/* The model as text; to be freed. */
char *conf_dumped(const struct conf *conf);

/* The model of a text about which nothing is said. */
struct conf *conf_good(const char *text);

/* What is said about a text, all lines of it; "F" is its name. */
void conf_expect(const char *text, const char *words);

TCase *conf_broken_case(void);
TCase *conf_contract_case(void);
TCase *conf_damage_case(void);
TCase *conf_dump_case(void);
TCase *conf_file_case(void);
TCase *conf_large_case(void);
TCase *conf_model_case(void);
TCase *conf_probe_case(void);

#endif
