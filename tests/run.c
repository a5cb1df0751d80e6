/* Runs every suite; `unit NAME` runs one. */
#include "suites.h"

#include <stdlib.h>

int main(int argc, char **argv)
{
	SRunner *runner = srunner_create(acl_suite());
	int failed;

	srunner_add_suite(runner, addr_suite());
	srunner_add_suite(runner, answers_suite());
	srunner_add_suite(runner, conf_suite());
	srunner_add_suite(runner, health_suite());
	srunner_add_suite(runner, names_suite());
	srunner_add_suite(runner, operator_suite());
	srunner_add_suite(runner, pick_suite());
	srunner_add_suite(runner, steps_suite());
	srunner_add_suite(runner, table_suite());
	srunner_add_suite(runner, threads_suite());
	srunner_add_suite(runner, wheel_suite());
	srunner_run(runner, argc > 1 ? argv[1] : NULL, NULL, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
