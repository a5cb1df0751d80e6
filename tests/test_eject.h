/* The files of eject_suite(). */
#ifndef TESTS_TEST_EJECT_H
#define TESTS_TEST_EJECT_H

#include <check.h>

TCase *eject_grounds_case(void);
TCase *eject_return_case(void);

#endif
