/* Whole files: the shape of lines, bytes that no text has, sections. Read by test_conf.c. */
#ifndef TESTS_CONF_FORM_H
#define TESTS_CONF_FORM_H

#include "conf_files.h"

static const struct file_case form_cases[] = {
	/* shape of lines */
	{"foo\n", "F:1: " SHAPE "\"foo\"\n"},
	{SERVICE "foo\n", "F:4: " SHAPE "\"foo\"\n"},
	{SERVICE "   foo\n", "F:4: " SHAPE "\"foo\"\n"},
	{SERVICE "= 2s\n", "F:4: " SHAPE "\"= 2s\"\n"},
	{SERVICE "address: 10.0.0.3:80\n",
		"F:4: " SHAPE
		"\"address: 10.0.0.3:80\" (= separates, not :)\n"},
	{SERVICE "backend 10.0.0.4:80 weight=2\n",
		"F:4: " SHAPE "\"backend 10.0.0.4:80 weight=2\"\n"},
	{SERVICE "backend : 10.0.0.4:80 weight=2\n",
		"F:4: " SHAPE
		"\"backend : 10.0.0.4:80 weight=2\" (= separates, not :)\n"},
	{SERVICE "interval ; = 2s\n", "F:4: " SHAPE "\"interval\"\n"},
	{SERVICE "say \"\\hi\"\n", "F:4: " SHAPE "\"say \\\"\\\\hi\\\"\"\n"},
	{"[lbd\n"
	 "log = stderr\n",
		"F:1: " SHAPE "\"[lbd\"\n"},
	{"[lbd] x\n"
	 "log = stderr\n",
		"F:1: " SHAPE "\"[lbd] x\"\n"},
	{"[]\n", "F:1: []: unknown section" SECTIONS "\n"},
	{"[lbd]]\n", "F:1: " SHAPE "\"[lbd]]\"\n"},
	{"lbd]\n", "F:1: " SHAPE "\"lbd]\"\n"},
	{SERVICE "interval\t2s", "F:4: " SHAPE "\"interval\\x092s\"\n"},
	{"interval = 2s\n", "F:1: interval: no [section] above it\n"},
	{"log = stderr\n"
	 "[lbd]\n"
	 "log = syslog\n",
		"F:1: log: no [section] above it\n"},
	{"// lbd\n", "F:1: " SHAPE "\"// lbd\" (; or # begins a comment)\n"},
	/* longer than inih would keep */
	{SERVICE "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk "
		 "= 1\n",
		"F:4: [service a] "
		"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk:"
		" " UNKNOWN "\n"},
	{"[service nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn1]\nrise = 0\n"
	 "[service nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn2]\nrise = 0\n",
		"F:1: [service nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn1]: "
		"name " NAME "\"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn1\"\n"
		"F:2: [service nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn1] "
		"rise: "
		"must be 1..1000, not \"0\"\n"
		"F:3: [service nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn2]: "
		"name " NAME "\"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn2\"\n"
		"F:4: [service nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn2] "
		"rise: "
		"must be 1..1000, not \"0\"\n"},
	/* bytes */
	{"\xff\xfe[\xff", "F: is UTF-16: must be UTF-8\n"},
	{"\xfe\xff\xff[", "F: is UTF-16: must be UTF-8\n"},
	{SERVICE "; caf\xe9\n", "F:4: not UTF-8: \"; caf\\xe9\"\n"},
	{SERVICE "# \xc0\x80\n", "F:4: not UTF-8: \"# \\xc0\\x80\"\n"},
	{SERVICE "# \xed\xa0\x80\n", "F:4: not UTF-8: \"# \\xed\\xa0\\x80\"\n"},
	{SERVICE "# \xf5\x80\x80\x80\n",
		"F:4: not UTF-8: \"# \\xf5\\x80\\x80\\x80\"\n"},
	{SERVICE "# \xe2\x82\n", "F:4: not UTF-8: \"# \\xe2\\x82\"\n"},
	{SERVICE "# \xe0\x9f\xbf\n", "F:4: not UTF-8: \"# \\xe0\\x9f\\xbf\"\n"},
	{SERVICE "# \xf0\x8f\xbf\xbf\n",
		"F:4: not UTF-8: \"# \\xf0\\x8f\\xbf\\xbf\"\n"},
	{SERVICE "# \xf4\x90\x80\x80\n",
		"F:4: not UTF-8: \"# \\xf4\\x90\\x80\\x80\"\n"},
	{SERVICE "# \xe0\xa0\x80 \xed\x9f\xbf \xf0\x90\x80\x80 "
		 "\xf4\x8f\xbf\xbf\n",
		""},
	{SERVICE "# \x1b[31m\n", "F:4: control byte: \"# \\x1b[31m\"\n"},
	{SERVICE "# \x7f\n", "F:4: control byte: \"# \\x7f\"\n"},
	{SERVICE "inter\rval = 2s\n",
		"F:4: control byte: \"inter\\x0dval = 2s\"\n"},
	{"[lbd]\rlog = stderr\n",
		"F:1: control byte: \"[lbd]\\x0dlog = stderr\"\n"},
	{"[lbd]\n"
	 "\xef\xbb\xbflog = stderr\n",
		"F:2: [lbd] \\xef\\xbb\\xbflog: " UNKNOWN "\n"},
	{"[service a\xc2\x9b\x41]\n"
	 "x\xe2\x80\x8b = 1\n"
	 "rise = "
	 "\xe2\x80\xaf\x32\xc2\xad\xe3\x80\x80\xe2\x81\xa0\xe2\x82\xac\n",
		"F:1: [service a\\xc2\\x9bA]: name " NAME "\"a\\xc2\\x9bA\"\n"
		"F:2: [service a\\xc2\\x9bA] x\\xe2\\x80\\x8b: " UNKNOWN "\n"
		"F:3: [service a\\xc2\\x9bA] rise: must be 1..1000, not "
		"\"\\xe2\\x80\\xaf"
		"2\\xc2\\xad\\xe3\\x80\\x80\\xe2\\x81\\xa0\xe2\x82\xac\"\n"},
	{"[Service \xc2\x9b]\n"
	 "\xe2\x80\xae = 1\n",
		"F:1: [Service \\xc2\\x9b]: unknown section (service "
		"\\xc2\\x9b?)\n"
		"F:2: [Service \\xc2\\x9b] \\xe2\\x80\\xae: " UNKNOWN "\n"},
	{"\xc2\xa0interval = 2s\n",
		"F:1: \\xc2\\xa0interval: no [section] above it\n"},
	{"\xff[lbd]\n"
	 "log = x\n",
		"F:1: not UTF-8: \"\\xff[lbd]\"\n"
		"F:2: log: no [section] above it\n"},
	{"[service \xff]\n"
	 "foo = x\n",
		"F:1: not UTF-8: \"[service \\xff]\"\n"},
	/* comments, empty values */
	{"[lbd]\n"
	 "socket =\n",
		"F:2: [lbd] socket: empty value\n"},
	{"[service a]\n"
	 "address =\n"
	 "backend =\n",
		"F:2: [service a] address: empty value\n"
		"F:3: [service a] backend: empty value\n"},
	/* sections */
	{"[servise api]\n"
	 "address = 10.0.0.1:80\n",
		"F:1: [servise api]: unknown section (service api?)\n"},
	{"[Service api]\n"
	 "foo = 1\n",
		"F:1: [Service api]: unknown section (service api?)\n"
		"F:2: [Service api] foo: " UNKNOWN "\n"},
	{"[service]\n", "F:1: [service]: unknown section (service NAME?)\n"},
	{"[service ]\n", "F:1: [service ]: name " NAME "\"\"\n"},
	{"[service a b]\n", "F:1: [service a b]: name " NAME "\"a b\"\n"},
	{"[service  a]\n", "F:1: [service  a]: name " NAME "\" a\"\n"},
	{"[service nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn]\n",
		"F:1: [service nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn]: "
		"name " NAME "\"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn\"\n"},
	{"[service a/b]\n"
	 "weight = 2\n",
		"F:1: [service a/b]: name " NAME "\"a/b\"\n"
		"F:2: [service a/b] weight: " UNKNOWN
		" (backend = IP:PORT weight=N?)\n"},
	{"[service \xc3\xa4]\n",
		"F:1: [service \xc3\xa4]: name " NAME "\"\xc3\xa4\"\n"},
	{"[default]\n"
	 "interval = 0s\n",
		"F:1: [default]: unknown section (defaults?)\n"
		"F:2: [default] interval: " DURATION "\"0s\"\n"},
	{"[LBD]\n", "F:1: [LBD]: unknown section (lbd?)\n"},
	{"[ lbd ]\n"
	 "port = 1\n",
		"F:1: [ lbd ]: unknown section (lbd?)\n"
		"F:2: [ lbd ] port: " UNKNOWN "\n"},
	{"[lbd x]\n", "F:1: [lbd x]: unknown section (lbd?)\n"},
	{"[global]\n"
	 "interval = 0s\n",
		"F:1: [global]: unknown section" SECTIONS "\n"},
	{"[service:api]\n"
	 "rise = 0\n",
		"F:1: [service:api]: unknown section (service api?)\n"
		"F:2: [service:api] rise: must be 1..1000, not \"0\"\n"},
	{SERVICE "[service a]\n"
		 "address = 10.0.0.9:80\n"
		 "rise = 0\n",
		"F:4: [service a]: stands on line 1 already\n"
		"F:6: [service a] rise: must be 1..1000, not \"0\"\n"},
	{"[lbd]\n"
	 "log = stderr\n"
	 "[lbd]\n"
	 "log = stderr\n",
		"F:3: [lbd]: stands on line 1 already\n"},
	{"[defaults]\n"
	 "[defaults]\n"
	 "[defaults]\n",
		"F:2: [defaults]: stands on line 1 already\n"
		"F:3: [defaults]: stands on line 1 already\n"},
};

#endif
