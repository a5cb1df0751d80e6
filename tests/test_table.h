/* The files of table_suite(). */
#ifndef TESTS_TEST_TABLE_H
#define TESTS_TEST_TABLE_H

#include <check.h>

TCase *table_generations_case(void);
TCase *table_lists_case(void);

#endif
