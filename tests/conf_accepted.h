/*
 * Every key with its values at both ends of what is allowed, and what they are
 * understood as; conf_lines.h has those one further. Read by
 * test_conf_contract.c.
 */
#ifndef TESTS_CONF_ACCEPTED_H
#define TESTS_CONF_ACCEPTED_H

#include "lbd/conf_parts.h"

#include <assert.h>

#define IP	"10.0.0.9:80"
#define NAME_40 "AZaz09._-nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
#define LABEL_63                                                               \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define PATH_107                                                               \
	"/sssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss" \
	"sssssssssssssssssssssssssssssssssssssss"

static_assert(sizeof(PATH_107) == 108, "the longest path of a socket");
static_assert(sizeof(NAME_40) == 41, "the longest name of a zone");
static_assert(sizeof(LABEL_63) == 64, "the longest label of a host name");

static const struct accepted {
	enum key_id key;
	const char *value;
	const char *meant; /* as it is written in a dump; NULL: the same */
} accepted[] = {
	/* [lbd] */
	{KEY_SOCKET, "/s", NULL},
	{KEY_SOCKET, "/a b/c;d#e", NULL},
	{KEY_SOCKET, PATH_107, NULL},
	{KEY_SOCKET_MODE, "0000", NULL},
	{KEY_SOCKET_MODE, "000", "0000"},
	{KEY_SOCKET_MODE, "777", "0777"},
	{KEY_SOCKET_MODE, "0777", NULL},
	{KEY_ADMIN, "/s", NULL},
	{KEY_ADMIN, PATH_107, NULL},
	{KEY_LOG, "stderr", NULL},
	{KEY_LOG, "syslog", NULL},
	{KEY_LOG_LEVEL, "error", NULL},
	{KEY_LOG_LEVEL, "warning", NULL},
	{KEY_LOG_LEVEL, "info", NULL},
	{KEY_LOG_LEVEL, "debug", NULL},
	{KEY_ZONE, "a", NULL},
	{KEY_ZONE, NAME_40, NULL},
	/* addresses, names, backends */
	{KEY_ADDRESS, "10.0.0.9:1", NULL},
	{KEY_ADDRESS, "10.0.0.9:65535", NULL},
	{KEY_ADDRESS, "10.0.0.9:*", NULL},
	{KEY_ADDRESS, "0.0.0.1:80", NULL},
	{KEY_ADDRESS, "223.255.255.255:80", NULL},
	{KEY_ADDRESS, "240.0.0.0:80", NULL},
	{KEY_ADDRESS, "255.255.255.254:80", NULL},
	{KEY_ADDRESS, "127.0.0.1:80", NULL},
	{KEY_NAME, "x", NULL},
	{KEY_NAME, "X.", "x"},
	{KEY_NAME, "_a-b.C1", "_a-b.c1"},
	{KEY_NAME, "1a", NULL},
	{KEY_NAME, LABEL_63 "." LABEL_63 "." LABEL_63, NULL},
	{KEY_BACKEND, IP, IP " weight=1"},
	{KEY_BACKEND, IP " weight=1", NULL},
	{KEY_BACKEND, IP "\tweight=256", IP " weight=256"},
	{KEY_BACKEND, IP " max-conns=1", IP " weight=1 max-conns=1"},
	{KEY_BACKEND, IP " max-conns=4294967295",
		IP " weight=1 max-conns=4294967295"},
	{KEY_BACKEND, IP " name=x", IP " weight=1 name=x"},
	{KEY_BACKEND, IP " name=" NAME_40, IP " weight=1 name=" NAME_40},
	{KEY_BACKEND, IP " backup", IP " weight=1 backup"},
	{KEY_BACKEND, IP " backup  max-conns=9 zone=z name=n weight=3",
		IP " weight=3 name=n zone=z max-conns=9 backup"},
	/* words */
	{KEY_PROTOCOL, "tcp", NULL},
	{KEY_PROTOCOL, "udp", NULL},
	{KEY_BALANCE, "p2c", NULL},
	{KEY_BALANCE, "round-robin", NULL},
	{KEY_BALANCE, "least-conn", NULL},
	{KEY_BALANCE, "random", NULL},
	{KEY_BALANCE, "maglev", NULL},
	{KEY_BALANCE, "first", NULL},
	{KEY_HASH_ON, "host", NULL},
	{KEY_HASH_ON, "user", NULL},
	{KEY_HASH_ON, "process", NULL},
	{KEY_PROBE_WHEN_BUSY, "tenth", NULL},
	{KEY_PROBE_WHEN_BUSY, "full", NULL},
	{KEY_NO_BACKEND, "refuse", NULL},
	{KEY_NO_BACKEND, "unreachable", NULL},
	{KEY_PEERNAME, "virtual", NULL},
	{KEY_PEERNAME, "real", NULL},
	{KEY_ON_DOWN, "keep", NULL},
	{KEY_ON_DOWN, "reset", NULL},
	/* durations */
	{KEY_INTERVAL, "1ms", NULL},
	{KEY_INTERVAL, "999ms", NULL},
	{KEY_INTERVAL, "1000ms", "1s"},
	{KEY_INTERVAL, "120s", "2m"},
	{KEY_INTERVAL, "24h", NULL},
	{KEY_INTERVAL, "1440m", "24h"},
	{KEY_INTERVAL, "86400s", "24h"},
	{KEY_INTERVAL, "86400000ms", "24h"},
	{KEY_TIMEOUT, "1ms", NULL},
	{KEY_TIMEOUT, "2s", NULL}, /* the interval */
	{KEY_INTERVAL_DOWN, "1ms", NULL},
	{KEY_INTERVAL_DOWN, "24h", NULL},
	{KEY_INTERVAL_CHANGE, "1ms", NULL},
	{KEY_INTERVAL_CHANGE, "24h", NULL},
	{KEY_INTERVAL_IDLE, "2s", NULL}, /* the interval */
	{KEY_INTERVAL_IDLE, "24h", NULL},
	{KEY_CONNECT_TIMEOUT, "off", NULL},
	{KEY_CONNECT_TIMEOUT, "1ms", NULL},
	{KEY_CONNECT_TIMEOUT, "24h", NULL},
	{KEY_EJECT_TIME, "1ms", NULL},
	{KEY_EJECT_TIME, "300s", "5m"},
	{KEY_SLOW_START, "off", NULL},
	{KEY_SLOW_START, "1ms", NULL},
	{KEY_SLOW_START, "24h", NULL},
	/* numbers, percents */
	{KEY_RISE, "1", NULL},
	{KEY_RISE, "1000", NULL},
	{KEY_FALL, "1", NULL},
	{KEY_FALL, "1000", NULL},
	{KEY_RETRIES, "0", NULL},
	{KEY_RETRIES, "15", NULL},
	{KEY_EJECT_AFTER, "1", NULL},
	{KEY_EJECT_AFTER, "1000", NULL},
	{KEY_PANIC, "off", NULL},
	{KEY_PANIC, "0%", NULL},
	{KEY_PANIC, "100%", NULL},
	/* rules */
	{KEY_PERMIT, "any", NULL},
	{KEY_PERMIT, "user 0", NULL},
	{KEY_PERMIT, "user 4294967294", NULL},
	{KEY_PERMIT, "user root", NULL},
	{KEY_PERMIT, "exe /dev/null", NULL},
	{KEY_PERMIT, "cgroup /", NULL},
	{KEY_PERMIT, "cgroup /system.slice/a..b", NULL},
	{KEY_PERMIT, "net 0.0.0.0/0", NULL},
	{KEY_PERMIT, "net 10.1.2.3/32", NULL},
	{KEY_PERMIT, "net ::/0", NULL},
	{KEY_PERMIT, "net fd00::1/128", NULL},
	{KEY_DENY, "any", NULL},
	{KEY_DENY, "group 0", NULL},
	{KEY_DENY, "group 4294967294", NULL},
	{KEY_DENY, "exe /dev/null group root user root", NULL},
	{KEY_DENY, "net fd00::/8 cgroup /a exe /dev/null group 0 user 0", NULL},
	/* probes: kinds, and the ends of what their options take */
	{KEY_PROBE, "tcp", NULL},
	{KEY_PROBE, "tcp port=1", NULL},
	{KEY_PROBE, "tcp port=65535", NULL},
	{KEY_PROBE, "none", NULL},
	{KEY_PROBE, "http", "http GET / 200-399"},
	{KEY_PROBE, "https", "https GET / 200-399"},
	{KEY_PROBE, "http X / 100-599", NULL},
	{KEY_PROBE, "http /a?b&c=%20 100,599", "http GET /a?b&c=%20 100,599"},
	{KEY_PROBE, "grpc", NULL},
	{KEY_PROBE, "grpc tls", NULL},
	{KEY_PROBE, "send \"x\"", NULL},
	{KEY_PROBE, "expect \"x\"", NULL},
	{KEY_PROBE, "send \"x\" expect \"x\"", NULL},
	{KEY_PROBE, "redis", NULL},
	{KEY_PROBE, "postgres", NULL},
	{KEY_PROBE, "mysql", NULL},
	{KEY_PROBE, "smtp", NULL},
	{KEY_PROBE, "script /bin/sh", NULL},
};

#endif
