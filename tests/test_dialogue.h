/* The files of dialogue_suite(). */
#ifndef TESTS_TEST_DIALOGUE_H
#define TESTS_TEST_DIALOGUE_H

#include <check.h>

TCase *dialogue_databases_case(void);

#endif
