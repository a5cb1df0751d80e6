/* Whole files about which something is said, and that are taken. Read by test_conf.c. */
#ifndef TESTS_CONF_WARNED_H
#define TESTS_CONF_WARNED_H

#include "conf_files.h"

#define VAIN_NET                                                               \
	"warning: [service a] permit: matches nobody: of a host, addresses "   \
	"in "

static const struct file_case warned_cases[] = {
	/* warnings: the file is taken */
	{"; nothing yet\n",
		"F: warning: no [service NAME]: no connection will be "
		"balanced\n"},
	{"[lbd]\n"
	 "log = stderr\n",
		"F: warning: no [service NAME]: no connection will be "
		"balanced\n"},
	{"[service a]\n"
	 "address = 10.0.0.1:80\n",
		"F:1: warning: [service a] no backend: callers get "
		"ECONNREFUSED\n"},
	{"[service a]\n"
	 "no-backend = unreachable\n"
	 "address = 10.0.0.1:80\n",
		"F:1: warning: [service a] no backend: callers get "
		"EHOSTUNREACH\n"},
	{SERVICE "[service b]\n"
		 "address = 10.0.0.2:80\n"
		 "backend = 10.0.0.3:80\n",
		"F:3: warning: [service a] backend: 10.0.0.2:80 is an address "
		"of [service b] (line 5): " FOLLOW "\n"},
	{SERVICE "[service b]\n"
		 "address = 10.0.0.2:*\n"
		 "backend = 10.0.0.3:80\n",
		"F:3: warning: [service a] backend: 10.0.0.2:80 is an address "
		"of [service b] (line 5): " FOLLOW "\n"},
	{SERVICE "hash-on = host\n",
		"F:4: warning: [service a] hash-on: " VAIN
		"balance is not maglev\n"},
	{SERVICE "hash-on = host\n"
		 "balance = first\n"
		 "[defaults]\n"
		 "balance = maglev\n",
		"F:4: warning: [service a] hash-on: " VAIN
		"balance is not maglev\n"},
	{SERVICE "hash-on = host\n"
		 "balance = x\n",
		"F:5: [service a] balance: must be p2c, round-robin, "
		"least-conn, random, maglev or first, not \"x\"\n"},
	{SERVICE "interval-idle = 1s\n",
		"F:4: warning: [service a] interval-idle: " VAIN
		"the interval, 2s, is longer\n"},
	{SERVICE "backend = 10.0.0.3:80 zone=z\n"
		 "backend = 10.0.0.4:80 zone=z\n"
		 "[service b]\n"
		 "address = 10.0.0.9:80\n"
		 "backend = 10.0.0.5:80 zone=y\n",
		"F:4: warning: [service a] zone: " VAIN "[lbd] has no zone\n"
		"F:8: warning: [service b] zone: " VAIN "[lbd] has no zone\n"},
	{SERVICE "backend = 10.0.0.3:80 zone=z\n"
		 "[lbd]\n"
		 "zone = ?\n",
		"F:6: [lbd] zone: " NAME "\"?\"\n"},
	{SERVICE "backend = 10.0.0.3:80 max-conns=3\n"
		 "backend = 10.0.0.4:80 max-conns=3\n"
		 "protocol = udp\n",
		"F:4: warning: [service a] max-conns: " VAIN
		"udp has no connections\n"},
	{SERVICE "eject-time = 301s\n"
		 "[defaults]\n"
		 "eject-time = 1h\n"
		 "[service b]\n"
		 "address = 10.0.0.9:80\n"
		 "backend = 10.0.0.5:80\n",
		"F:4: warning: [service a] eject-time: counts as 5m, the most "
		"there is, not \"301s\"\n"
		"F:6: warning: [defaults] eject-time: counts as 5m, the most "
		"there is, not \"1h\"\n"},
	{SERVICE "permit = any\n"
		 "deny = user 0\n"
		 "deny = any\n",
		"F:5: warning: [service a] deny: matches nobody, as line 4 "
		"matches first\n"
		"F:6: warning: [service a] deny: matches nobody, as line 4 "
		"matches first\n"},
	{SERVICE "[defaults]\n"
		 "permit = any\n"
		 "deny = user 0\n"
		 "[service b]\n"
		 "address = 10.0.0.9:80\n"
		 "backend = 10.0.0.3:80\n",
		"F:6: warning: [defaults] deny: matches nobody, as line 5 "
		"matches first\n"},
	{SERVICE "permit = user 7\n"
		 "deny = user 7 exe /dev/null\n"
		 "deny = user 8 exe /dev/null\n",
		"F:5: warning: [service a] deny: matches nobody, as line 4 "
		"matches first\n"},
	{SERVICE "permit = exe /no/such/program\n"
		 "deny = exe /dev/null/x\n",
		"F:4: warning: [service a] permit: exe \"/no/such/program\" "
		"does not exist\n"
		"F:5: warning: [service a] deny: exe \"/dev/null/x\" does "
		"not exist\n"},
	{SERVICE "permit = exe /usr\n",
		"F:4: warning: [service a] permit: exe \"/usr\" is a "
		"directory: no program appears as that\n"},
	{SERVICE "deny = cgroup /a\n"
		 "deny = cgroup /a/b\n"
		 "deny = cgroup /ab\n"
		 "deny = net 10.0.0.0/8 user 7\n"
		 "deny = user 7 net 10.1.0.0/16\n"
		 "deny = net 10.1.0.0/16\n"
		 "deny = user 7\n",
		"F:5: warning: [service a] deny: matches nobody, as line 4 "
		"matches first\n"
		"F:8: warning: [service a] deny: matches nobody, as line 7 "
		"matches first\n"},
	{SERVICE "permit = net 127.1.0.0/16\n"
		 "permit = net 169.254.1.1/32\n"
		 "permit = net 224.0.0.0/4\n"
		 "permit = net ::1/128\n"
		 "permit = net fe80::/10\n"
		 "permit = net ff00::/8\n"
		 "permit = net 126.0.0.0/7\n"
		 "permit = net 169.254.0.0/15\n"
		 "permit = net ::/0\n",
		"F:4: " VAIN_NET "127.1.0.0/16 do not count\n"
		"F:5: " VAIN_NET "169.254.1.1/32 do not count\n"
		"F:6: " VAIN_NET "224.0.0.0/4 do not count\n"
		"F:7: " VAIN_NET "::1/128 do not count\n"
		"F:8: " VAIN_NET "fe80::/10 do not count\n"
		"F:9: " VAIN_NET "ff00::/8 do not count\n"},
};

#endif
