/* One suite per module; run.c runs them all. */
#ifndef TESTS_SUITES_H
#define TESTS_SUITES_H

#include <check.h>

Suite *acl_suite(void);
Suite *addr_suite(void);
Suite *answers_suite(void);
Suite *conf_suite(void);
Suite *health_suite(void);
Suite *names_suite(void);
Suite *operator_suite(void);
Suite *pick_suite(void);
Suite *table_suite(void);
Suite *steps_suite(void);
Suite *threads_suite(void);
Suite *wheel_suite(void);

#endif
