/* Whole files: keys where they may not stand or stand twice, and their values. Read by test_conf.c. */
#ifndef TESTS_CONF_KEYS_H
#define TESTS_CONF_KEYS_H

#include "conf_files.h"

static const struct file_case keys_cases[] = {
	/* keys */
	{"[lbd]\n"
	 "interval = 2s\n",
		"F:2: [lbd] interval: " UNKNOWN
		" (it belongs in [service NAME] or [defaults])\n"},
	{"[lbd]\n"
	 "address = 10.0.0.1:80\n",
		"F:2: [lbd] address: " UNKNOWN
		" (it belongs in [service NAME])\n"},
	{"[lbd]\n"
	 "scoket = /x\n"
	 "log-levle = info\n",
		"F:2: [lbd] scoket: " UNKNOWN " (socket?)\n"
		"F:3: [lbd] log-levle: " UNKNOWN " (log-level?)\n"},
	{"[lbd]\n"
	 "status = off\n"
	 "state = /x\n"
	 "user = lbd\n"
	 "zone = a b\n",
		"F:2: [lbd] status: " UNKNOWN "\n"
		"F:3: [lbd] state: " UNKNOWN "\n"
		"F:4: [lbd] user: " UNKNOWN "\n"
		"F:5: [lbd] zone: " NAME "\"a b\"\n"},
	{"[defaults]\n"
	 "address = 10.0.0.1:80\n"
	 "name = x\n"
	 "backend = 10.0.0.1:80\n",
		"F:2: [defaults] address: " UNKNOWN
		" (it belongs in [service NAME])\n"
		"F:3: [defaults] name: " UNKNOWN
		" (it belongs in [service NAME])\n"
		"F:4: [defaults] backend: " UNKNOWN
		" (it belongs in [service NAME])\n"},
	{"[defaults]\n"
	 "log = stderr\n",
		"F:2: [defaults] log: " UNKNOWN " (it belongs in [lbd])\n"},
	{SERVICE "interval = 2s\n"
		 "interval = 3s\n",
		"F:5: [service a] interval: set on line 4 already\n"},
	{SERVICE "rise = 2\n"
		 "rise = 0\n"
		 "rise = 3\n",
		"F:5: [service a] rise: set on line 4 already\n"
		"F:5: [service a] rise: must be 1..1000, not \"0\"\n"
		"F:6: [service a] rise: set on line 4 already\n"},
	{"[lbd]\n"
	 "zone = nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn\n"
	 "zone = a\n",
		"F:2: [lbd] zone: " NAME
		"\"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn\"\n"
		"F:3: [lbd] zone: set on line 2 already\n"},
	{"[lbd]\n"
	 "socket = /a/x\n"
	 "socket = /b/x\n",
		"F:3: [lbd] socket: set on line 2 already\n"},
	/* [lbd] */
	{"[lbd]\n"
	 "socket = run/lbd.sock\n",
		"F:2: [lbd] socket: " SOCKET "\"run/lbd.sock\"\n"},
	{"[lbd]\n"
	 "socket = \"/run/lbd.sock\"\n",
		"F:2: [lbd] socket: " SOCKET "\"\\\"/run/lbd.sock\\\"\"\n"},
	{"[lbd]\n"
	 "socket = /run/lbd/\n",
		"F:2: [lbd] socket: " SOCKET "\"/run/lbd/\"\n"},
	{"[lbd]\n"
	 "socket = "
	 "/ssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss"
	 "sssssssssssssssssssssssssssssssssssssss\n",
		"F:2: [lbd] socket: " SOCKET "\"/"
		"ssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss"
		"sssssssssssssssssssssssssssssssssssssssssssss\"\n"},
	{"[lbd]\n"
	 "socket = "
	 "/ssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss"
	 "ssssssssssssssssssssssssssssss/x\n",
		"F:2: [lbd] socket: leaves no room for admin.sock beside it, "
		"set admin too: "
		"\"/"
		"ssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss"
		"ssssssssssssssssssssssssssssssssssss/x\"\n"},
	{"[lbd]\n"
	 "socket = /x/admin.sock\n",
		"F:2: [lbd] socket: leaves no room for admin.sock beside it, "
		"set admin too: \"/x/admin.sock\"\n"},
	{"[lbd]\n"
	 "socket = /x/y\n"
	 "admin = /x/y\n",
		"F:3: [lbd] admin: must be another path than socket and its "
		"lock, not "
		"\"/x/y\"\n"},
	{"[lbd]\n"
	 "admin = /run/lbd/lbd.sock\n",
		"F:2: [lbd] admin: must be another path than socket and its "
		"lock, not "
		"\"/run/lbd/lbd.sock\"\n"},
	{"[lbd]\n"
	 "socket = /x/y\n"
	 "admin = /x/y.admin\n" SERVICE,
		""},
	{"[lbd]\n"
	 "admin = admin.sock\n",
		"F:2: [lbd] admin: " SOCKET "\"admin.sock\"\n"},
	{"[lbd]\n"
	 "socket-mode = 0888\n",
		"F:2: [lbd] socket-mode: must be octal, 0000..0777, not "
		"\"0888\"\n"},
	{"[lbd]\n"
	 "socket-mode = 1777\n",
		"F:2: [lbd] socket-mode: must be octal, 0000..0777, not "
		"\"1777\"\n"},
	{"[lbd]\n"
	 "socket-mode = 66\n",
		"F:2: [lbd] socket-mode: must be octal, 0000..0777, not "
		"\"66\"\n"},
	{"[lbd]\n"
	 "socket-mode = rw-rw-rw-\n",
		"F:2: [lbd] socket-mode: must be octal, 0000..0777, not "
		"\"rw-rw-rw-\"\n"},
	{"[lbd]\n"
	 "log = /var/log/lbd.log\n",
		"F:2: [lbd] log: must be stderr or syslog, not "
		"\"/var/log/lbd.log\"\n"},
	{"[lbd]\n"
	 "log-level = INFO\n",
		"F:2: [lbd] log-level: must be error, warning, info or debug, "
		"not \"INFO\"\n"},
	/* backends */
	{SERVICE "backend = 10.0.0.2:80 weight = 2\n",
		"F:4: [service a] backend: unknown word \"weight\" (weight= "
		"without blanks?)\n"},
	{SERVICE "backend = 10.0.0.2:80 weight =2 backup\n",
		"F:4: [service a] backend: unknown word \"weight\" (weight= "
		"without blanks?)\n"},
	{SERVICE "backend = 10.0.0.3:80 weight:2\n",
		"F:4: [service a] backend: unknown word \"weight:2\" "
		"(weight=?)\n"},
	{SERVICE "backend = weight=2 10.0.0.2:80\n",
		"F:4: [service a] backend: " IP_PORT "\"weight=2\"\n"
		"F:4: [service a] backend: unknown word \"10.0.0.2:80\" (one "
		"on each line)\n"},
	{SERVICE "backend = x weight=300 name=? foo\n",
		"F:4: [service a] backend: " IP_PORT "\"x\"\n"
		"F:4: [service a] weight: must be 1..256, not \"300\"\n"
		"F:4: [service a] name: " NAME "\"?\"\n"
		"F:4: [service a] backend: unknown word \"foo\"\n"},
	{SERVICE "backend = 10.0.0.3:80\n"
		 "backend = 10.0.0.2:80 weight=2\n",
		"F:5: [service a] backend: 10.0.0.2:80 stands on line 3 "
		"already\n"},
	{SERVICE "backend = 10.0.0.3:80 name=w\n"
		 "backend = 10.0.0.4:80 name=w\n",
		"F:5: [service a] name: \"w\" stands on line 4 already\n"},
	{"[service a]\n"
	 "address = [fd00::1]:80\n"
	 "backend = [fd00::2]:80\n"
	 "backend = [FD00:0::2]:80\n",
		"F:4: [service a] backend: [fd00::2]:80 stands on line 3 "
		"already\n"},
	/* names */
	{SERVICE "name = api.internal\n"
		 "name = API.internal.\n",
		"F:5: [service a] name: \"api.internal\" stands on line 4 "
		"already\n"},
	{SERVICE "name = x\n"
		 "[service b]\n"
		 "address = 10.0.0.9:80\n"
		 "backend = 10.0.0.3:80\n"
		 "name = X.\n",
		"F:8: [service b] name: \"x\" stands in [service a] on line 4 "
		"for other IPs\n"},
	{SERVICE "address = 10.0.0.7:80\n"
		 "name = x\n"
		 "[service b]\n"
		 "address = 10.0.0.1:81\n"
		 "backend = 10.0.0.3:80\n"
		 "name = x\n",
		"F:9: [service b] name: \"x\" stands in [service a] on line 5 "
		"for other IPs\n"},
	/* rules */
	{SERVICE "permit = user no-such-user-here\n"
		 "deny = user no-such-user-here exe /dev/null\n"
		 "[defaults]\n"
		 "permit = user no-such-user-here\n",
		"F:4: [service a] permit: unknown user \"no-such-user-here\"\n"
		"F:5: [service a] deny: unknown user \"no-such-user-here\"\n"
		"F:7: [defaults] permit: unknown user \"no-such-user-here\"\n"},
};

#endif
