/* The files of steps_suite(): a case for each test, so that one can be run
 * alone. */
#ifndef TESTS_TEST_STEPS_H
#define TESTS_TEST_STEPS_H

#include <check.h>

void steps_add(Suite *s, const char *name, const TTest *test);

/* A writer that dies anywhere; a reader that is frozen anywhere. */
void steps_add_writer(Suite *s);
void steps_add_reader(Suite *s);
/* A whole reload, beside a service that stays. */
void steps_add_reload(Suite *s);
/* Wheels that turn while somebody is in there. */
void steps_add_wheel(Suite *s);

#endif
