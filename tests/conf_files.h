/*
 * What the tables of whole files share: in each, every line that is said about
 * a file stands, and a file with nothing but warnings is taken.
 */
#ifndef TESTS_CONF_FILES_H
#define TESTS_CONF_FILES_H

#include "conf_lines.h"
#include "conf_probes.h"

#define VAIN	 "counts for nothing: "
#define SECTIONS " (there are lbd, defaults and service NAME)"
#define UDP	 "must be none, send \"text\" ... or script for udp, not "

struct file_case {
	const char *text;
	const char *said;
};

#endif
