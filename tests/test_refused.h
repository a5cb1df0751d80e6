/* The files of refused_suite(). */
#ifndef TESTS_TEST_REFUSED_H
#define TESTS_TEST_REFUSED_H

#include <check.h>

TCase *refused_file_case(void);

#endif
