/* The files of pending_suite(). */
#ifndef TESTS_TEST_PENDING_H
#define TESTS_TEST_PENDING_H

#include <check.h>

TCase *pending_claim_case(void);
TCase *pending_note_case(void);

#endif
