/* Runs every suite; `unit NAME` runs one. */
#include "suites.h"

#include <stdlib.h>

int main(int argc, char **argv)
{
	SRunner *runner = srunner_create(acl_suite());
	int failed;

	srunner_add_suite(runner, addr_suite());
	srunner_add_suite(runner, answers_suite());
	srunner_add_suite(runner, ask_suite());
	srunner_add_suite(runner, audit_suite());
	srunner_add_suite(runner, balance_suite());
	srunner_add_suite(runner, before_suite());
	srunner_add_suite(runner, callers_suite());
	srunner_add_suite(runner, choice_suite());
	srunner_add_suite(runner, conf_suite());
	srunner_add_suite(runner, counts_suite());
	srunner_add_suite(runner, dialogue_suite());
	srunner_add_suite(runner, eject_suite());
	srunner_add_suite(runner, elsewhere_suite());
	srunner_add_suite(runner, errand_suite());
	srunner_add_suite(runner, evidence_suite());
	srunner_add_suite(runner, explain_suite());
	srunner_add_suite(runner, flow_suite());
	srunner_add_suite(runner, hash_suite());
	srunner_add_suite(runner, health_suite());
	srunner_add_suite(runner, holders_suite());
	srunner_add_suite(runner, hostile_suite());
	srunner_add_suite(runner, kernel_suite());
	srunner_add_suite(runner, load_suite());
	srunner_add_suite(runner, maglev_suite());
	srunner_add_suite(runner, meanings_suite());
	srunner_add_suite(runner, model_suite());
	srunner_add_suite(runner, names_suite());
	srunner_add_suite(runner, operator_suite());
	srunner_add_suite(runner, options_suite());
	srunner_add_suite(runner, outgrown_suite());
	srunner_add_suite(runner, pattern_suite());
	srunner_add_suite(runner, pending_suite());
	srunner_add_suite(runner, pick_suite());
	srunner_add_suite(runner, probe_grpc_suite());
	srunner_add_suite(runner, probe_http_suite());
	srunner_add_suite(runner, probe_refused_suite());
	srunner_add_suite(runner, process_suite());
	srunner_add_suite(runner, publish_suite());
	srunner_add_suite(runner, reading_suite());
	srunner_add_suite(runner, refrain_suite());
	srunner_add_suite(runner, refused_suite());
	srunner_add_suite(runner, region_suite());
	srunner_add_suite(runner, rejudge_suite());
	srunner_add_suite(runner, interlude_suite());
	srunner_add_suite(runner, reload_suite());
	srunner_add_suite(runner, rights_suite());
	srunner_add_suite(runner, route_suite());
	srunner_add_suite(runner, seldom_suite());
	srunner_add_suite(runner, sight_suite());
	srunner_add_suite(runner, steps_suite());
	srunner_add_suite(runner, subjects_suite());
	srunner_add_suite(runner, suspects_suite());
	srunner_add_suite(runner, table_suite());
	srunner_add_suite(runner, talks_suite());
	srunner_add_suite(runner, tell_suite());
	srunner_add_suite(runner, threads_suite());
	srunner_add_suite(runner, tried_suite());
	srunner_add_suite(runner, uneven_suite());
	srunner_add_suite(runner, unwatched_suite());
	srunner_add_suite(runner, wait_suite());
	srunner_add_suite(runner, wheel_suite());
	srunner_add_suite(runner, words_suite());
	srunner_run(runner, argc > 1 ? argv[1] : NULL, NULL, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
