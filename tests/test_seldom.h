/* The files of seldom_suite(). */
#ifndef TESTS_TEST_SELDOM_H
#define TESTS_TEST_SELDOM_H

#include <check.h>

TCase *conf_seldom_case(void);

#endif
