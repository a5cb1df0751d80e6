/* An lbd.ini in a file, one at a time; unlink(ini_path) is the test's. */
#ifndef TESTS_INI_FILE_H
#define TESTS_INI_FILE_H

extern char ini_path[];

void ini_write(const char *text);

/* With service a, which has these rules, from line 4 on. */
void ini_write_rules(const char *rules);

#endif
