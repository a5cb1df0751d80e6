/* The part of conf_suite() that stands in a file of its own. */
#ifndef TESTS_TEST_CONF_H
#define TESTS_TEST_CONF_H

#include <check.h>

TCase *conf_file_case(void);

#endif
