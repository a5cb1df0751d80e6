/*
 * Whole files, and every line that is said about them; one with nothing but
 * warnings is taken. Read by test_conf.c.
 */
#ifndef TESTS_CONF_FILES_H
#define TESTS_CONF_FILES_H

#include "conf_lines.h"
#include "conf_probes.h"

#define VAIN "counts for nothing: "
#define UDP  "must be none, send \"text\" ... or script for udp, not "

#define VAIN_NET                                                               \
	"warning: [service a] permit: matches nobody: of a host, addresses "   \
	"in "

static const struct file_case {
	const char *text;
	const char *said;
} file_cases[] = {
	/* shape of lines */
	{"foo\n", "F:1: " SHAPE "\"foo\"\n"},
	{SERVICE "foo\n", "F:4: " SHAPE "\"foo\"\n"},
	{SERVICE "   foo\n", "F:4: " SHAPE "\"foo\"\n"},
	{SERVICE "= 2s\n", "F:4: " SHAPE "\"= 2s\"\n"},
	{SERVICE "address: 10.0.0.3:80\n",
		"F:4: " SHAPE
		"\"address: 10.0.0.3:80\" (= separates, not :)\n"},
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
	{"[]\n", "F:1: []: unknown section\n"},
	{"[lbd]]\n", "F:1: " SHAPE "\"[lbd]]\"\n"},
	{"lbd]\n", "F:1: " SHAPE "\"lbd]\"\n"},
	{SERVICE "interval\t2s", "F:4: " SHAPE "\"interval\\x092s\"\n"},
	{"interval = 2s\n", "F:1: interval: no [section] above it\n"},
	{"log = stderr\n"
	 "[lbd]\n"
	 "log = syslog\n",
		"F:1: log: no [section] above it\n"},
	/* bytes */
	{SERVICE "; caf\xe9\n", "F:4: not UTF-8: \"; caf\\xe9\"\n"},
	{SERVICE "# \xc0\x80\n", "F:4: not UTF-8: \"# \\xc0\\x80\"\n"},
	{SERVICE "# \xed\xa0\x80\n", "F:4: not UTF-8: \"# \\xed\\xa0\\x80\"\n"},
	{SERVICE "# \xf5\x80\x80\x80\n",
		"F:4: not UTF-8: \"# \\xf5\\x80\\x80\\x80\"\n"},
	{SERVICE "# \xe2\x82\n", "F:4: not UTF-8: \"# \\xe2\\x82\"\n"},
	{SERVICE "# \x1b[31m\n", "F:4: control byte: \"# \\x1b[31m\"\n"},
	{SERVICE "# \x7f\n", "F:4: control byte: \"# \\x7f\"\n"},
	{SERVICE "inter\rval = 2s\n",
		"F:4: control byte: \"inter\\x0dval = 2s\"\n"},
	{"[lbd]\rlog = stderr\n",
		"F:1: control byte: \"[lbd]\\x0dlog = stderr\"\n"},
	{"[lbd]\n"
	 "\xef\xbb\xbflog = stderr\n",
		"F:2: [lbd] \xef\xbb\xbflog: " UNKNOWN "\n"},
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
		"F:2: [service a/b] weight: " UNKNOWN "\n"},
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
		"F:1: [global]: unknown section\n"},
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
		"F:4: [service a] backend: unknown word \"weight\" (weight=?)\n"
		"F:4: [service a] backend: unknown word \"=\"\n"
		"F:4: [service a] backend: unknown word \"2\"\n"},
	{SERVICE "backend = weight=2 10.0.0.2:80\n",
		"F:4: [service a] backend: " IP_PORT "\"weight=2\"\n"
		"F:4: [service a] backend: unknown word \"10.0.0.2:80\"\n"},
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
		 "permit = net ::/0\n",
		"F:4: " VAIN_NET "127.1.0.0/16 do not count\n"
		"F:5: " VAIN_NET "169.254.1.1/32 do not count\n"
		"F:6: " VAIN_NET "224.0.0.0/4 do not count\n"
		"F:7: " VAIN_NET "::1/128 do not count\n"
		"F:8: " VAIN_NET "fe80::/10 do not count\n"
		"F:9: " VAIN_NET "ff00::/8 do not count\n"},
};

#endif
