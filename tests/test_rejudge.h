/* What the files of rejudge_suite() share. */
#ifndef TESTS_TEST_REJUDGE_H
#define TESTS_TEST_REJUDGE_H

#include "shim/addr.h"

#include <check.h>

#define WEB                                                                    \
	"[service web]\naddress = 127.96.0.1:1\nprobe = none\n"                \
	"backend = 10.87.65.43:1\n"
#define DB                                                                     \
	"[service db]\naddress = 127.96.0.2:1\nprobe = none\n"                 \
	"backend = 10.11.12.13:1\n"
#define ONE "permit = user 1\n"
#define TWO "permit = user 2\n"

#define WEB_BACKEND (ADDR_V4_PREFIX | 0x0a57412b)

TCase *rejudge_outgrown_case(void);

#endif
