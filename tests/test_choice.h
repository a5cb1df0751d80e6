/* The files of choice_suite(). */
#ifndef TESTS_TEST_CHOICE_H
#define TESTS_TEST_CHOICE_H

#include <check.h>

TCase *choice_maglev_case(void);
TCase *choice_room_case(void);

#endif
