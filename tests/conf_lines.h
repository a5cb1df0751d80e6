/*
 * One broken line in a file that is sound otherwise, and every word that is
 * said about it. Read by test_conf.c.
 */
#ifndef TESTS_CONF_LINES_H
#define TESTS_CONF_LINES_H

#define DURATION     "must be 1ms..24h (units: ms, s, m, h), not "
#define OFF_DURATION "must be off or 1ms..24h (units: ms, s, m, h), not "
#define IP_PORT	     "must be IP:PORT or IP:* (IPv6 in brackets), not "
#define PORT	     "must have a port 1..65535 or *, not "
#define ONE_HOST     "must be a unicast address, not "
#define NAME	     "must be 1-40 of A-Z a-z 0-9 . _ -, not "
#define HOST	     "must be a host name, not "
#define EXE	     "exe must be a whole path (no //, . or .., nor / at the end), not "
#define CGROUP                                                                 \
	"cgroup must be a whole path (no //, . or .., nor / at the end), not "
#define RANGE	"net must be IP/PREFIX (10.0.0.0/8, fd00::/8), not "
#define ID	"must be a name or 0..4294967294, not "
#define SHAPE	"expected [section], key = value or a comment: "
#define SOCKET	"must be an absolute path of at most 107 bytes, not "
#define PERCENT "must be off or 0%..100%, not "
#define HASH	"# begins no comment after a value, but ; does: "
#define UNKNOWN "unknown key"
#define FOLLOW	"connections are rewritten once, never followed"

#define WHO                                                                    \
	"must be any, or user, group, exe, cgroup, net with one word each, "   \
	"not "

/* Lines 1 to 3 of a file that is sound so far. */
#define SERVICE "[service a]\naddress = 10.0.0.1:80\nbackend = 10.0.0.2:80\n"

static const struct line_case {
	const char *line; /* the fourth, after SERVICE */
	const char *said; /* after "F:4: [service a] " */
} line_cases[] = {
	/* bytes */
	{"rise = \xc2\xa0"
	 "2",
		"rise: must be 1..1000, not \"\\xc2\\xa02\""},
	{"rise = \xc3\xbc", "rise: must be 1..1000, not \"\xc3\xbc\""},
	/* comments, empty values */
	{"interval = 2s # fast", "interval: " HASH "\"2s # fast\""},
	{"interval = # fast", "interval: " HASH "\"# fast\""},
	{"interval = #fast", "interval: " HASH "\"#fast\""},
	{"interval = 2s\t#fast", "interval: " HASH "\"2s\\x09#fast\""},
	{"interval =", "interval: empty value"},
	{"interval = ; 2s", "interval: empty value"},
	{"name = ", "name: empty value"},
	{"deny =", "deny: empty value"},
	{"interval = \"2s\"", "interval: " DURATION "\"\\\"2s\\\"\""},
	{"interval = 2s;x", "interval: " DURATION "\"2s;x\""},
	/* keys */
	{"intervall = 2s", "intervall: " UNKNOWN " (interval?)"},
	{"Interval = 2s", "Interval: " UNKNOWN " (interval?)"},
	{"retrys = 2", "retrys: " UNKNOWN " (retries?)"},
	{"weigth = 2", "weigth: " UNKNOWN " (backend = IP:PORT weight=N?)"},
	{"backup = yes", "backup: " UNKNOWN " (backend = IP:PORT backup?)"},
	{"server = 10.0.0.3:80", "server: " UNKNOWN " (backend?)"},
	{"allow = any", "allow: " UNKNOWN " (permit?)"},
	{"log_levle = x", "log_levle: " UNKNOWN " (log-level in [lbd]?)"},
	{"state = /x", "state: " UNKNOWN},
	{"zone = a", "zone: " UNKNOWN " (backend = IP:PORT zone=S?)"},
	{"balanse = first", "balanse: " UNKNOWN " (balance?)"},
	{"slow_start = 1s", "slow_start: " UNKNOWN " (slow-start?)"},
	{"max-conns = 2",
		"max-conns: " UNKNOWN " (backend = IP:PORT max-conns=N?)"},
	{"foo bar = 2", "foo bar: " UNKNOWN},
	{"socket = /run/x", "socket: " UNKNOWN " (it belongs in [lbd])"},
	/* numbers, durations, words */
	{"interval = 0", "interval: " DURATION "\"0\""},
	{"interval = 0s", "interval: " DURATION "\"0s\""},
	{"interval = 2", "interval: " DURATION "\"2\""},
	{"interval = 2 s", "interval: " DURATION "\"2 s\""},
	{"interval = 02s", "interval: " DURATION "\"02s\""},
	{"interval = -1s", "interval: " DURATION "\"-1s\""},
	{"interval = 1.5s", "interval: " DURATION "\"1.5s\""},
	{"interval = 25h", "interval: " DURATION "\"25h\""},
	{"interval = 1000000000000s",
		"interval: " DURATION "\"1000000000000s\""},
	{"interval = 86400001ms", "interval: " DURATION "\"86400001ms\""},
	{"interval = 2S", "interval: " DURATION "\"2S\""},
	{"interval = s", "interval: " DURATION "\"s\""},
	{"interval = off", "interval: " DURATION "\"off\""},
	{"timeout = 1min", "timeout: " DURATION "\"1min\""},
	{"interval-down = 0ms", "interval-down: " DURATION "\"0ms\""},
	{"interval-change = x", "interval-change: " DURATION "\"x\""},
	{"connect-timeout = 0s", "connect-timeout: " OFF_DURATION "\"0s\""},
	{"connect-timeout = on", "connect-timeout: " OFF_DURATION "\"on\""},
	{"connect-timeout = 1", "connect-timeout: " OFF_DURATION "\"1\""},
	{"interval-idle = off", "interval-idle: " DURATION "\"off\""},
	{"eject-time = 0s", "eject-time: " DURATION "\"0s\""},
	{"slow-start = 0s", "slow-start: " OFF_DURATION "\"0s\""},
	{"slow-start = 30", "slow-start: " OFF_DURATION "\"30\""},
	{"eject-after = 0", "eject-after: must be 1..1000, not \"0\""},
	{"eject-after = 1001", "eject-after: must be 1..1000, not \"1001\""},
	{"eject-after = off", "eject-after: must be 1..1000, not \"off\""},
	{"probe-when-busy = 10%",
		"probe-when-busy: must be tenth or full, not \"10%\""},
	{"peername = false",
		"peername: must be virtual or real, not \"false\""},
	{"on-down = drop", "on-down: must be keep or reset, not \"drop\""},
	{"hash-on = source",
		"hash-on: must be user, host or process, not \"source\""},
	{"balance = P2C",
		"balance: must be p2c, round-robin, least-conn, random, maglev "
		"or first, not \"P2C\""},
	{"rise = 0", "rise: must be 1..1000, not \"0\""},
	{"rise = 1001", "rise: must be 1..1000, not \"1001\""},
	{"rise = +2", "rise: must be 1..1000, not \"+2\""},
	{"rise = 2.0", "rise: must be 1..1000, not \"2.0\""},
	{"rise = 02", "rise: must be 1..1000, not \"02\""},
	{"rise = NaN", "rise: must be 1..1000, not \"NaN\""},
	{"rise = 0x2", "rise: must be 1..1000, not \"0x2\""},
	{"rise = 4294967298", "rise: must be 1..1000, not \"4294967298\""},
	{"fall = -1", "fall: must be 1..1000, not \"-1\""},
	{"retries = 16", "retries: must be 0..15, not \"16\""},
	{"retries = 1e1", "retries: must be 0..15, not \"1e1\""},
	{"panic = 50", "panic: " PERCENT "\"50\""},
	{"panic = 101%", "panic: " PERCENT "\"101%\""},
	{"panic = -1%", "panic: " PERCENT "\"-1%\""},
	{"panic = %", "panic: " PERCENT "\"%\""},
	{"panic = 050%", "panic: " PERCENT "\"050%\""},
	{"panic = 5 %", "panic: " PERCENT "\"5 %\""},
	{"protocol = TCP", "protocol: must be tcp or udp, not \"TCP\""},
	{"protocol = sctp", "protocol: must be tcp or udp, not \"sctp\""},
	{"balance = roundrobin",
		"balance: must be p2c, round-robin, least-conn, random, maglev "
		"or first, not "
		"\"roundrobin\""},
	{"no-backend = drop",
		"no-backend: must be refuse or unreachable, not \"drop\""},
	/* addresses */
	{"address = 10.0.0.1", "address: " IP_PORT "\"10.0.0.1\""},
	{"address = 10.0.0.1:", "address: " PORT "\"10.0.0.1:\""},
	{"address = 10.0.0.1:0", "address: " PORT "\"10.0.0.1:0\""},
	{"address = 10.0.0.1:65536", "address: " PORT "\"10.0.0.1:65536\""},
	{"address = 10.0.0.1:-1", "address: " PORT "\"10.0.0.1:-1\""},
	{"address = 10.0.0.1:080", "address: " PORT "\"10.0.0.1:080\""},
	{"address = 10.0.0.1:0x50", "address: " PORT "\"10.0.0.1:0x50\""},
	{"address = 10.0.0.1:80x", "address: " PORT "\"10.0.0.1:80x\""},
	{"address = 10.0.0.1:http", "address: " PORT "\"10.0.0.1:http\""},
	{"address = 010.0.0.1:80", "address: " IP_PORT "\"010.0.0.1:80\""},
	{"address = 10.0.1:80", "address: " IP_PORT "\"10.0.1:80\""},
	{"address = 10.0.0.256:80", "address: " IP_PORT "\"10.0.0.256:80\""},
	{"address = 10.0.0.1.:80", "address: " IP_PORT "\"10.0.0.1.:80\""},
	{"address = 167772161:80", "address: " IP_PORT "\"167772161:80\""},
	{"address = 10.0.0.1/32:80", "address: " IP_PORT "\"10.0.0.1/32:80\""},
	{"address = :80", "address: " IP_PORT "\":80\""},
	{"address = *:80", "address: " IP_PORT "\"*:80\""},
	{"address = localhost:80", "address: " IP_PORT "\"localhost:80\""},
	{"address = 10.0.0.1:80 10.0.0.3:80",
		"address: " IP_PORT
		"\"10.0.0.1:80 10.0.0.3:80\" (one on each line)"},
	{"address = 10.0.0.1:80,10.0.0.3:80",
		"address: " IP_PORT
		"\"10.0.0.1:80,10.0.0.3:80\" (one on each line)"},
	{"address = 10.0.0.1:80 weight=2",
		"address: " PORT "\"10.0.0.1:80 weight=2\""},
	{"address = fd00::10:80", "address: " IP_PORT "\"fd00::10:80\""},
	{"address = fd00::10", "address: " IP_PORT "\"fd00::10\""},
	{"address = [fd00::10]", "address: " IP_PORT "\"[fd00::10]\""},
	{"address = [fd00::10]80", "address: " IP_PORT "\"[fd00::10]80\""},
	{"address = [fd00::10:80", "address: " IP_PORT "\"[fd00::10:80\""},
	{"address = [10.0.0.1]:80", "address: " IP_PORT "\"[10.0.0.1]:80\""},
	{"address = [fd00::10%eth0]:80",
		"address: must be written without a zone, not "
		"\"[fd00::10%eth0]:80\""},
	{"address = [::ffff:10.0.0.1]:80",
		"address: must be written as IPv4, not "
		"\"[::ffff:10.0.0.1]:80\""},
	{"address = [::ffff:a00:1]:80",
		"address: must be written as IPv4, not \"[::ffff:a00:1]:80\""},
	{"address = [12345::1]:80", "address: " IP_PORT "\"[12345::1]:80\""},
	{"address = [fd00::1::2]:80",
		"address: " IP_PORT "\"[fd00::1::2]:80\""},
	{"address = []:80", "address: " IP_PORT "\"[]:80\""},
	{"address = [fd00:0:0:0:0:0:0:0:1]:80",
		"address: " IP_PORT "\"[fd00:0:0:0:0:0:0:0:1]:80\""},
	{"address = 0.0.0.0:80", "address: " ONE_HOST "\"0.0.0.0:80\""},
	{"address = 255.255.255.255:80",
		"address: " ONE_HOST "\"255.255.255.255:80\""},
	{"address = 224.0.0.1:80", "address: " ONE_HOST "\"224.0.0.1:80\""},
	{"address = 239.1.2.3:*", "address: " ONE_HOST "\"239.1.2.3:*\""},
	{"address = [::]:80", "address: " ONE_HOST "\"[::]:80\""},
	{"address = [ff02::1]:80", "address: " ONE_HOST "\"[ff02::1]:80\""},
	/* backends */
	{"backend = 10.0.0.2", "backend: " IP_PORT "\"10.0.0.2\""},
	{"backend = web1:80", "backend: " IP_PORT "\"web1:80\""},
	{"backend = 10.0.0.2:0", "backend: " PORT "\"10.0.0.2:0\""},
	{"backend = 0.0.0.0:80", "backend: " ONE_HOST "\"0.0.0.0:80\""},
	{"backend = [fe80::1]:80",
		"backend: must be reachable without a zone, not "
		"\"[fe80::1]:80\""},
	{"backend = [fe80::1%eth0]:80",
		"backend: must be written without a zone, not "
		"\"[fe80::1%eth0]:80\""},
	{"backend = 10.0.0.2:80 weight=0", "weight: must be 1..256, not \"0\""},
	{"backend = 10.0.0.2:80 weight=257",
		"weight: must be 1..256, not \"257\""},
	{"backend = 10.0.0.2:80 weight=-1",
		"weight: must be 1..256, not \"-1\""},
	{"backend = 10.0.0.2:80 weight=1e9",
		"weight: must be 1..256, not \"1e9\""},
	{"backend = 10.0.0.2:80 weight=2.5",
		"weight: must be 1..256, not \"2.5\""},
	{"backend = 10.0.0.2:80 weight=NaN",
		"weight: must be 1..256, not \"NaN\""},
	{"backend = 10.0.0.2:80 weight=", "weight: empty value"},
	{"backend = 10.0.0.2:80 weight",
		"backend: unknown word \"weight\" (weight=?)"},
	{"backend = 10.0.0.2:80 weigth=2",
		"backend: unknown word \"weigth=2\" (weight=?)"},
	{"backend = 10.0.0.2:80 weight=1 weight=2", "weight: stands twice"},
	{"backend = 10.0.0.2:80 backup=1",
		"backend: unknown word \"backup=1\" (backup?)"},
	{"backend = 10.0.0.2:80 bakcup",
		"backend: unknown word \"bakcup\" (backup?)"},
	{"backend = 10.0.0.2:80 backup backup", "backup: stands twice"},
	{"backend = 10.0.0.2:80 Backup",
		"backend: unknown word \"Backup\" (backup?)"},
	{"backend = 10.0.0.2:80 name=", "name: empty value"},
	{"backend = 10.0.0.2:80 name=a/b", "name: " NAME "\"a/b\""},
	{"backend = 10.0.0.2:80 name=nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn",
		"name: " NAME "\"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn\""},
	{"backend = 10.0.0.2:80 name=a name=b", "name: stands twice"},
	{"backend = 10.0.0.2:80 zone=", "zone: empty value"},
	{"backend = 10.0.0.2:80 zone=a/b", "zone: " NAME "\"a/b\""},
	{"backend = 10.0.0.2:80 zone=a zone=b", "zone: stands twice"},
	{"backend = 10.0.0.2:80 zoen=a",
		"backend: unknown word \"zoen=a\" (zone=?)"},
	{"backend = 10.0.0.2:80 max-conns=", "max-conns: empty value"},
	{"backend = 10.0.0.2:80 max-conns=0",
		"max-conns: must be 1..4294967295, not \"0\""},
	{"backend = 10.0.0.2:80 max-conns=4294967296",
		"max-conns: must be 1..4294967295, not \"4294967296\""},
	{"backend = 10.0.0.2:80 max-conns=5k",
		"max-conns: must be 1..4294967295, not \"5k\""},
	{"backend = 10.0.0.2:80 max-conns=1 max-conns=2",
		"max-conns: stands twice"},
	{"backend = 10.0.0.2:80 maxconn=5",
		"backend: unknown word \"maxconn=5\" (max-conns=?)"},
	{"backend = 10.0.0.2:80 10.0.0.3:80",
		"backend: unknown word \"10.0.0.3:80\" (one on each line)"},
	/* names */
	{"name = -a", "name: " HOST "\"-a\""},
	{"name = a-", "name: " HOST "\"a-\""},
	{"name = a-.b", "name: " HOST "\"a-.b\""},
	{"name = a..b", "name: " HOST "\"a..b\""},
	{"name = .a", "name: " HOST "\".a\""},
	{"name = a b", "name: " HOST "\"a b\" (one on each line)"},
	{"name = 10.0.0.1", "name: " HOST "\"10.0.0.1\""},
	{"name = a.1", "name: " HOST "\"a.1\""},
	{"name = b\xc3\xbc"
	 "cher.de",
		"name: " HOST "\"b\xc3\xbc"
		"cher.de\""},
	{"name = a_b!", "name: " HOST "\"a_b!\""},
	{"name = "
	 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		"name: " HOST "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxx\""},
	{"name = *.example.org", "name: " HOST "\"*.example.org\""},
	/* rules */
	{"permit = user no-such-user-here",
		"permit: unknown user \"no-such-user-here\""},
	{"deny = group no-such-group-here",
		"deny: unknown group \"no-such-group-here\""},
	{"permit = user", "permit: nothing stands after user"},
	{"permit = user root group", "permit: nothing stands after group"},
	{"permit = user root user root", "permit: user stands twice"},
	{"permit = exe curl", "permit: " EXE "\"curl\""},
	{"permit = exe /usr/../bin/curl",
		"permit: " EXE "\"/usr/../bin/curl\""},
	{"permit = exe /usr//bin/curl", "permit: " EXE "\"/usr//bin/curl\""},
	{"permit = exe /usr/bin/", "permit: " EXE "\"/usr/bin/\""},
	{"permit = exe /./x", "permit: " EXE "\"/./x\""},
	{"permit = user 4294967295", "permit: user " ID "\"4294967295\""},
	{"permit = user 99999999999", "permit: user " ID "\"99999999999\""},
	{"permit = group 007", "permit: group " ID "\"007\""},
	{"permit = any user root",
		"permit: any stands alone, not \"any user root\""},
	{"permit = any any", "permit: any stands alone, not \"any any\""},
	{"permit = user root any", "permit: " WHO "\"any\""},
	{"permit = everybody", "permit: " WHO "\"everybody\" (any?)"},
	{"permit = all", "permit: " WHO "\"all\" (any?)"},
	{"deny = Any", "deny: " WHO "\"Any\" (any?)"},
	{"permit = users root", "permit: " WHO "\"users\" (user?)"},
	{"permit = grop root", "permit: " WHO "\"grop\" (group?)"},
	{"permit = user root cgruop /a", "permit: " WHO "\"cgruop\" (cgroup?)"},
	{"deny = uid 5", "deny: " WHO "\"uid\" (user?)"},
	{"permit = /usr/bin/curl",
		"permit: " WHO "\"/usr/bin/curl\" (exe /PATH?)"},
	{"permit = 10.0.0.0/8",
		"permit: " WHO "\"10.0.0.0/8\" (net IP/PREFIX?)"},
	{"permit = fd00::/8", "permit: " WHO "\"fd00::/8\" (net IP/PREFIX?)"},
	{"permit = user:root", "permit: " WHO "\"user:root\""},
	{"permit = net 10.0.0.0", "permit: " RANGE "\"10.0.0.0\""},
	{"permit = net 010.0.0.1/32", "permit: " RANGE "\"010.0.0.1/32\""},
	{"permit = net any", "permit: " RANGE "\"any\""},
	{"deny = net 10.0.0.0/33",
		"deny: net must have a prefix 0..32, not \"10.0.0.0/33\""},
	{"deny = net fd00::/-1",
		"deny: net must have a prefix 0..128, not \"fd00::/-1\""},
	{"permit = net 10.0.0.1/8",
		"permit: net must have no bit set behind the prefix "
		"(10.0.0.0/8?), not \"10.0.0.1/8\""},
	{"permit = net ::ffff:10.0.0.0/104",
		"permit: net must be written as IPv4, not "
		"\"::ffff:10.0.0.0/104\""},
	{"permit = net fe80::%eth0/10",
		"permit: net must be written without a zone, not "
		"\"fe80::%eth0/10\""},
	{"permit = net 10.0.0.0/8 net 10.0.0.0/8", "permit: net stands twice"},
	{"permit = net", "permit: nothing stands after net"},
	{"permit = cgroup system.slice", "permit: " CGROUP "\"system.slice\""},
	{"permit = cgroup /a/", "permit: " CGROUP "\"/a/\""},
	{"permit = cgroup //", "permit: " CGROUP "\"//\""},
	{"permit = cgroup /a/../b", "permit: " CGROUP "\"/a/../b\""},
	{"permit = cgroup", "permit: nothing stands after cgroup"},
	{"permit = root", "permit: " WHO "\"root\""},
	{"permit = USER root", "permit: " WHO "\"USER\" (user?)"},
	{"permit = exe", "permit: nothing stands after exe"},
	/* across lines and sections */
	{"address = 10.0.0.1:80",
		"address: 10.0.0.1:80 stands on line 2 already"},
	{"timeout = 3s",
		"timeout: must be at most the interval, 2s, not \"3s\""},
};

#endif
