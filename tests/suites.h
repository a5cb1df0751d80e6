/* One suite per module; run.c runs them all. */
#ifndef TESTS_SUITES_H
#define TESTS_SUITES_H

#include <check.h>

Suite *acl_suite(void);
Suite *addr_suite(void);
Suite *answers_suite(void);
Suite *ask_suite(void);
Suite *audit_suite(void);
Suite *balance_suite(void);
Suite *callers_suite(void);
Suite *choice_suite(void);
Suite *conf_suite(void);
Suite *counts_suite(void);
Suite *dialogue_suite(void);
Suite *eject_suite(void);
Suite *evidence_suite(void);
Suite *explain_suite(void);
Suite *flow_suite(void);
Suite *health_suite(void);
Suite *holders_suite(void);
Suite *hostile_suite(void);
Suite *kernel_suite(void);
Suite *load_suite(void);
Suite *maglev_suite(void);
Suite *model_suite(void);
Suite *names_suite(void);
Suite *operator_suite(void);
Suite *outgrown_suite(void);
Suite *pattern_suite(void);
Suite *pending_suite(void);
Suite *pick_suite(void);
Suite *probe_grpc_suite(void);
Suite *probe_http_suite(void);
Suite *process_suite(void);
Suite *publish_suite(void);
Suite *reading_suite(void);
Suite *refused_suite(void);
Suite *region_suite(void);
Suite *rejudge_suite(void);
Suite *interlude_suite(void);
Suite *reload_suite(void);
Suite *rights_suite(void);
Suite *sight_suite(void);
Suite *steps_suite(void);
Suite *subjects_suite(void);
Suite *table_suite(void);
Suite *talks_suite(void);
Suite *tell_suite(void);
Suite *threads_suite(void);
Suite *uneven_suite(void);
Suite *wait_suite(void);
Suite *wheel_suite(void);
Suite *words_suite(void);

#endif
