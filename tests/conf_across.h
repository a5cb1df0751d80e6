/* Whole files: what no line shows alone. Read by test_conf.c. */
#ifndef TESTS_CONF_ACROSS_H
#define TESTS_CONF_ACROSS_H

#include "conf_files.h"

static const struct file_case across_cases[] = {
	/* across lines and sections */
	{"[service a]\n"
	 "backend = 10.0.0.2:80\n",
		"F:1: [service a] no address: callers have nothing to connect "
		"to\n"},
	{"[service a]\n",
		"F:1: [service a] no address: callers have nothing to connect "
		"to\n"
		"F:1: warning: [service a] no backend: callers get "
		"ECONNREFUSED\n"},
	{"[service a]\n"
	 "address = 10.0.0.1:80\n"
	 "backend = [fd00::2]:80\n",
		"F:2: [service a] address: 10.0.0.1:80 is IPv4, but no backend "
		"is\n"
		"F:3: [service a] backend: [fd00::2]:80 is IPv6, but no "
		"address is\n"},
	{"[service a]\n"
	 "address = 10.0.0.1:80\n"
	 "address = [fd00::1]:80\n"
	 "address = [fd00::2]:80\n"
	 "backend = 10.0.0.2:80\n",
		"F:3: [service a] address: [fd00::1]:80 is IPv6, but no "
		"backend is\n"},
	{"[service a]\n"
	 "address = [fd00::1]:80\n"
	 "backend = 10.0.0.2:80\n"
	 "backend = 10.0.0.3:80\n"
	 "backend = [fd00::3]:80\n",
		"F:3: [service a] backend: 10.0.0.2:80 is IPv4, but no address "
		"is\n"},
	{"[service a]\n"
	 "address = 10.0.0.1:80\n"
	 "backend = 10.0.0.2:*\n"
	 "probe = none\n",
		"F:3: [service a] backend: 10.0.0.2:* needs every address to "
		"be IP:*, but line 2 is 10.0.0.1:80\n"},
	{"[service a]\n"
	 "address = 10.0.0.1:*\n"
	 "backend = 10.0.0.2:*\n",
		"F:3: [service a] backend: 10.0.0.2:* has no port to probe: "
		"set probe = tcp port=N or probe = none\n"},
	{"[service a]\n"
	 "address = 10.0.0.1:*\n"
	 "address = 10.0.0.1:443\n"
	 "backend = 10.0.0.3:80\n"
	 "backend = 10.0.0.2:*\n"
	 "probe = tcp\n",
		"F:5: [service a] backend: 10.0.0.2:* needs every address to "
		"be IP:*, but line 3 is 10.0.0.1:443\n"
		"F:5: [service a] backend: 10.0.0.2:* has no port to probe: "
		"set probe = tcp port=N or probe = none\n"},
	{"[service a]\n"
	 "address = 10.0.0.1:*\n"
	 "backend = 10.0.0.2:*\n"
	 "probe = http /x\n",
		"F:3: [service a] backend: 10.0.0.2:* has no port to probe: "
		"set probe = http /x port=N or probe = none\n"},
	{"[service a]\n"
	 "address = 10.0.0.1:*\n"
	 "backend = 10.0.0.2:*\n"
	 "probe = script /bin/sh \"a b\"\n",
		"F:3: [service a] backend: 10.0.0.2:* has no port to probe: "
		"set probe = script /bin/sh \"a b\" port=N or probe = none\n"},
	{"[service a]\n"
	 "address = 10.0.0.1:*\n"
	 "backend = 10.0.0.2:*\n"
	 "probe = script /bin/sh port=81\n",
		""},
	{"[defaults]\n"
	 "probe = grpc\n"
	 "[service a]\n"
	 "address = 10.0.0.1:*\n"
	 "backend = 10.0.0.2:*\n",
		"F:5: [service a] backend: 10.0.0.2:* has no port to probe: "
		"set probe = grpc port=N or probe = none\n"},
	{SERVICE "[service b]\n"
		 "address = 10.0.0.1:80\n"
		 "backend = 10.0.0.3:80\n",
		"F:5: [service b] address: 10.0.0.1:80 (tcp) is taken by "
		"[service a] on line 2\n"},
	{SERVICE "[service b]\n"
		 "protocol = udp\n"
		 "address = 10.0.0.1:80\n"
		 "backend = 10.0.0.3:80\n"
		 "[service c]\n"
		 "protocol = udp\n"
		 "address = 10.0.0.1:80\n"
		 "backend = 10.0.0.3:80\n",
		"F:10: [service c] address: 10.0.0.1:80 (udp) is taken by "
		"[service b] on line 6\n"},
	{SERVICE "timeout = 1500ms\n"
		 "interval = 1s\n",
		"F:4: [service a] timeout: must be at most the interval, 1s, "
		"not \"1500ms\"\n"},
	{SERVICE "[defaults]\n"
		 "timeout = 90s\n"
		 "interval = 1m\n",
		"F:5: [defaults] timeout: must be at most the interval, 1m, "
		"not \"90s\"\n"},
	{SERVICE "interval = 500ms\n"
		 "[defaults]\n"
		 "timeout = 1s\n",
		"F:4: [service a] interval: must be at least the timeout on "
		"line 6, 1s, not \"500ms\"\n"},
	{SERVICE "[service b]\n"
		 "address = 10.0.0.9:80\n"
		 "backend = 10.0.0.3:80\n"
		 "[defaults]\n"
		 "timeout = 5s\n",
		"F:8: [defaults] timeout: must be at most the interval, 2s, "
		"not \"5s\"\n"},
	{SERVICE "protocol = udp\n"
		 "probe = tcp\n",
		"F:5: [service a] probe: " UDP "\"tcp\"\n"},
	{SERVICE "protocol = udp\n"
		 "[defaults]\n"
		 "probe = tcp\n",
		"F:4: [service a] probe: " UDP "\"tcp\" as "
		"in [defaults]\n"},
	{SERVICE "[service b]\n"
		 "address = 10.0.0.9:80\n"
		 "backend = 10.0.0.3:80\n"
		 "[defaults]\n"
		 "protocol = udp\n"
		 "probe = tcp port=80\n",
		"F:9: [defaults] probe: " UDP "\"tcp port=80\"\n"},
	{SERVICE "probe = tcp\n"
		 "[defaults]\n"
		 "protocol = udp\n",
		"F:4: [service a] probe: " UDP "\"tcp\"\n"},
	{SERVICE "protocol = udp\n"
		 "probe = expect \"x\"\n",
		"F:5: [service a] probe: " UDP "\"expect \\\"x\\\"\"\n"},
	{SERVICE "protocol = udp\n"
		 "probe = redis\n",
		"F:5: [service a] probe: " UDP "\"redis\"\n"},
	{SERVICE "protocol = udp\n"
		 "[defaults]\n"
		 "probe = http /x\n",
		"F:4: [service a] probe: " UDP
		"\"http /x\" as in [defaults]\n"},
	{SERVICE "rise = 0\n"
		 "[service b]\n"
		 "address = 10.0.0.1:*\n"
		 "address = 10.0.0.1:*\n"
		 "backend = 10.0.0.3:80\n",
		"F:4: [service a] rise: must be 1..1000, not \"0\"\n"
		"F:7: [service b] address: 10.0.0.1:* stands on line 6 "
		"already\n"},
	{"[defaults]\n"
	 "timeout = 5s\n"
	 "protocol = udp\n"
	 "probe = tcp\n"
	 "[service a]\n"
	 "address = 10.0.0.1:80\n"
	 "backend = 10.0.0.2:80\n"
	 "[service b]\n"
	 "address = 10.0.0.9:80\n"
	 "backend = 10.0.0.2:80\n"
	 "interval = 1s\n",
		"F:2: [defaults] timeout: must be at most the interval, 2s, "
		"not \"5s\"\n"
		"F:4: [defaults] probe: " UDP "\"tcp\"\n"},
	/* all of a file, in line order */
	{"[service a]\n"
	 "address = 10.0.0.1:80\n"
	 "backend = 10.0.0.2:80 weight=300 name=?\n"
	 "intervall = 2s\n"
	 "foo\n"
	 "[servise b]\n"
	 "rise = 0\n"
	 "[service a]\n"
	 "fall = x\n"
	 "[service c]\n"
	 "[service d]\n"
	 "address = 10.0.0.1:80\n"
	 "address = 10.0.0.1:80\n"
	 "backend = 10.0.0.2:80\n"
	 "[defaults]\n"
	 "probe = htpp\n"
	 "permit = user no-such-user-here\n"
	 "log = x\n"
	 "[lbd]\n"
	 "log = x\n",
		"F:3: [service a] weight: must be 1..256, not \"300\"\n"
		"F:3: [service a] name: " NAME "\"?\"\n"
		"F:4: [service a] intervall: " UNKNOWN " (interval?)\n"
		"F:5: " SHAPE "\"foo\"\n"
		"F:6: [servise b]: unknown section (service b?)\n"
		"F:7: [servise b] rise: must be 1..1000, not \"0\"\n"
		"F:8: [service a]: stands on line 1 already\n"
		"F:9: [service a] fall: must be 1..1000, not \"x\"\n"
		"F:10: [service c] no address: callers have nothing to connect "
		"to\n"
		"F:10: warning: [service c] no backend: callers get "
		"ECONNREFUSED\n"
		"F:12: [service d] address: 10.0.0.1:80 (tcp) is taken by "
		"[service a] on line 2\n"
		"F:13: [service d] address: 10.0.0.1:80 (tcp) is taken by "
		"[service a] on line 2\n"
		"F:16: [defaults] probe: " KIND "\"htpp\" (http?)\n"
		"F:17: [defaults] permit: unknown user \"no-such-user-here\"\n"
		"F:18: [defaults] log: " UNKNOWN " (it belongs in [lbd])\n"
		"F:20: [lbd] log: must be stderr or syslog, not \"x\"\n"},
	/* no error follows from another */
	{"[service a]\n"
	 "address = 10.0.0.1\n"
	 "backend = web\n",
		"F:2: [service a] address: " IP_PORT "\"10.0.0.1\"\n"
		"F:3: [service a] backend: " IP_PORT "\"web\"\n"},
	{SERVICE "protocol = upd\n"
		 "probe = tcp\n"
		 "[service b]\n"
		 "address = 10.0.0.1:80\n"
		 "backend = 10.0.0.3:80\n",
		"F:4: [service a] protocol: must be tcp or udp, not \"upd\"\n"},
	{SERVICE "timeout = 5s\n"
		 "interval = 2\n",
		"F:5: [service a] interval: " DURATION "\"2\"\n"},
	{"[service a]\n"
	 "address = 10.0.0.1:*\n"
	 "backend = 10.0.0.2:*\n"
	 "probe = htpp\n",
		"F:4: [service a] probe: " KIND "\"htpp\" (http?)\n"},
};

#endif
