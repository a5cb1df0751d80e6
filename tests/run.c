/* Runs every suite; `unit NAME` runs one. */
#include "suites.h"

#include <stdlib.h>

static Suite *(*const suites[])(void) = {
	acl_suite,
	addr_suite,
	answers_suite,
	ask_suite,
	audit_suite,
	balance_suite,
	before_suite,
	callers_suite,
	choice_suite,
	conf_suite,
	counts_suite,
	dialogue_suite,
	eject_suite,
	elsewhere_suite,
	errand_suite,
	evidence_suite,
	explain_suite,
	flow_suite,
	hash_suite,
	health_suite,
	holders_suite,
	hostile_suite,
	interlude_suite,
	kernel_suite,
	load_suite,
	maglev_suite,
	meanings_suite,
	model_suite,
	names_suite,
	operator_suite,
	options_suite,
	outgrown_suite,
	pattern_suite,
	pending_suite,
	pick_suite,
	probe_grpc_suite,
	probe_http_suite,
	probe_refused_suite,
	probe_tcp_suite,
	process_suite,
	publish_suite,
	reading_suite,
	refrain_suite,
	refused_suite,
	region_suite,
	rejudge_suite,
	reload_suite,
	reserve_suite,
	rights_suite,
	route_suite,
	seldom_suite,
	sight_suite,
	signals_suite,
	steps_suite,
	subjects_suite,
	suspects_suite,
	table_suite,
	talks_suite,
	tell_suite,
	threads_suite,
	tried_suite,
	uneven_suite,
	unwatched_suite,
	wait_suite,
	wheel_suite,
	words_suite,
};
enum { SUITES = sizeof(suites) / sizeof(suites[0]) };

int main(int argc, char **argv)
{
	SRunner *runner = srunner_create(NULL);
	int failed;

	for (int i = 0; i < SUITES; i++)
		srunner_add_suite(runner, suites[i]());
	srunner_run(runner, argc > 1 ? argv[1] : NULL, NULL, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
