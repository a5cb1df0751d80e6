/*
 * The protocol, instruction by instruction: a child runs the real writer or
 * the real reader and is stopped after every single one.
 */
#include "test_steps.h"
#include "suites.h"

/* The instructions of a sanitizer are not the product's. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

void steps_add(Suite *s, const char *name, const TTest *test)
{
	TCase *t = tcase_create(name);

	tcase_set_timeout(t, 120);
	tcase_add_test(t, test);
	suite_add_tcase(s, t);
}

Suite *steps_suite(void)
{
	Suite *s = suite_create("steps");

	if (SANITIZED)
		return s;
	steps_add_writer(s);
	steps_add_reader(s);
	steps_add_wheel(s);
	steps_add_reload(s);
	return s;
}
