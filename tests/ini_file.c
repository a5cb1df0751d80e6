#include "ini_file.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char ini_path[] = "/tmp/lbd-unit.XXXXXX";

static FILE *make(void)
{
	FILE *to;
	int fd;

	strcpy(ini_path + strlen(ini_path) - 6, "XXXXXX");
	fd = mkstemp(ini_path);
	ck_assert_int_ge(fd, 0);
	to = fdopen(fd, "w");
	ck_assert_ptr_nonnull(to);
	return to;
}

void ini_write(const char *text)
{
	FILE *to = make();

	fputs(text, to);
	ck_assert_int_eq(fclose(to), 0);
}

void ini_write_rules(const char *rules)
{
	FILE *to = make();

	fprintf(to,
		"[service a]\naddress = 10.0.0.1:80\nbackend = 10.0.0.2:80\n%s",
		rules);
	ck_assert_int_eq(fclose(to), 0);
}
