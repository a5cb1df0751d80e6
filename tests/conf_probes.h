/*
 * Values of probe that cannot be read, and every word that is said about them.
 * Read by test_conf_probe.c.
 */
#ifndef TESTS_CONF_PROBES_H
#define TESTS_CONF_PROBES_H

#define KIND                                                                   \
	"must be tcp, none, http, https, grpc, send, expect, redis, "          \
	"postgres, mysql, smtp or script, not "
#define OPEN	   "must have a closing \" in "
#define CUT	   " (a blank and ; begin a comment: write \\x3b)"
#define ESCAPES	   "must have the escapes \\r \\n \\t \\\" \\\\ \\xHH only, not "
#define GLUED	   "must have a blank behind a closing \", not "
#define ORDER	   "must be METHOD /PATH STATUSES, each once, then options, not "
#define PATH	   "path must be visible ASCII without #, not "
#define STATUSES   "statuses must be 100..599, as in 200 or 200-299,404, not "
#define PROBE_PORT "port must be 1..65535, not "
#define UNQUOTED   "must be a word without quotes, not "
#define QUOTED	   "must be a text in quotes, not "
#define HOSTED	   "host must be a host name or IP, maybe with :PORT, not "
#define HEADER	   "header must be \"Name: value\" without control bytes, not "
#define REGEX	   "body must be a POSIX regular expression "
#define TEXT	   "must be a text in quotes, not empty, not "

static const struct probe_case {
	const char *value;
	const char *said; /* after "F:4: [service a] probe: ", one a line */
} probe_cases[] = {
	/* kinds */
	{"htpp", KIND "\"htpp\" (http?)"},
	{"HTTP", KIND "\"HTTP\" (http?)"},
	{"TCP", KIND "\"TCP\" (tcp?)"},
	{"postgresql", KIND "\"postgresql\" (postgres?)"},
	{"off", KIND "\"off\" (none?)"},
	{"/bin/true", KIND "\"/bin/true\" (script /PATH?)"},
	{"redis:6379", KIND "\"redis:6379\" (redis port=N?)"},
	{"ping", KIND "\"ping\""},
	{"http2 /x", KIND "\"http2\" (http?)"},
	{"http:// /x", KIND "\"http://\" (http /PATH?)"},
	{"GET /x", KIND "\"GET\" (http GET /PATH?)"},
	{"\"tcp\"", KIND "\"\\\"tcp\\\"\""},
	{"tcp\"\"", KIND "\"tcp\\\"\\\"\" (tcp?)"},
	{"none port=80", "none stands alone, not \"none port=80\""},
	{"none none", "none stands alone, not \"none none\""},
	/* port= */
	{"tcp port", "unknown word \"port\" (port=?)"},
	{"tcp port=", PROBE_PORT "\"\""},
	{"tcp port=0", PROBE_PORT "\"0\""},
	{"tcp port=65536", PROBE_PORT "\"65536\""},
	{"tcp port=080", PROBE_PORT "\"080\""},
	{"http port=http", PROBE_PORT "\"http\""},
	{"script /bin/sh port=x", PROBE_PORT "\"x\""},
	{"tcp port=\"80\"", "port " UNQUOTED "\"\\\"80\\\"\""},
	{"tcp port=80 port=81", "port stands twice"},
	{"tcp prot=80", "unknown word \"prot=80\" (port=?)"},
	{"tcp 80", "unknown word \"80\""},
	{"tcp Port=80", "unknown word \"Port=80\" (port=?)"},
	/* quotes */
	{"send \"a", OPEN "\"\\\"a\""},
	{"send \"a\\\"", OPEN "\"\\\"a\\\\\\\"\""},
	{"send \"a\\", OPEN "\"\\\"a\\\\\""},
	{"send \"a ;b\"", OPEN "\"\\\"a\"" CUT},
	{"http header=\"A: b ; c\"", OPEN "\"header=\\\"A: b\"" CUT},
	{"send \"a ; comment", OPEN "\"\\\"a\"" CUT},
	{"send \"\\q\"", ESCAPES "\"\\\\q\""},
	{"send \"\\x4\"", ESCAPES "\"\\\\x4\""},
	{"send \"\\xg0\"", ESCAPES "\"\\\\xg0\""},
	{"send \"\\X41\"", ESCAPES "\"\\\\X\""},
	{"send \"\\0\"", ESCAPES "\"\\\\0\""},
	{"http body=\"a\\.b\"", ESCAPES "\"\\\\.\""},
	{"send \"a\"\"b\"", GLUED "\"\\\"a\\\"\\\"b\\\"\""},
	{"send \"a\"expect \"b\"", GLUED "\"\\\"a\\\"expect \\\"b\\\"\""},
	{"http header=\"A: b\"x", GLUED "\"header=\\\"A: b\\\"x\""},
	/* send, expect */
	{"send", "nothing stands after send"},
	{"expect", "nothing stands after expect"},
	{"send PING", "send " TEXT "\"PING\""},
	{"send x\"PING\"", "send " TEXT "\"x\\\"PING\\\"\""},
	{"send \xe2\x80\x9cPING\xe2\x80\x9d",
		"send " TEXT
		"\"\xe2\x80\x9cPING\xe2\x80\x9d\" (quotes are \")"},
	{"http header=\xe2\x80\x9cx\xe2\x80\x9d",
		"header " QUOTED
		"\"\xe2\x80\x9cx\xe2\x80\x9d\" (quotes are \")"},
	{"send \"\"", "send " TEXT "\"\\\"\\\"\""},
	{"expect \"\"", "expect " TEXT "\"\\\"\\\"\""},
	{"send \"a\" expect", "nothing stands after expect"},
	{"send expect \"a\"", "send " TEXT "\"expect\""},
	{"send \"a\" send \"b\"", "send stands twice"},
	{"expect \"a\" expect \"b\"", "expect stands twice"},
	{"expect \"a\" send \"b\"", "send must stand before expect"},
	{"send \"a\" \"b\"", "unknown word \"\\\"b\\\"\""},
	{"send \"a\" host=x", "\"host=x\" does not go with send"},
	{"send \"a # b", OPEN "\"\\\"a # b\""},
	/* http: METHOD /PATH STATUSES */
	{"http get", "unknown word \"get\""},
	{"http healthz", "unknown word \"healthz\""},
	{"http GET,HEAD", "unknown word \"GET,HEAD\""},
	{"http GET POST", ORDER "\"POST\""},
	{"http /a GET", ORDER "\"GET\""},
	{"http /a /b", ORDER "\"/b\""},
	{"http 200 /a", ORDER "\"/a\""},
	{"http 200 204", ORDER "\"204\""},
	{"http port=80 /a", ORDER "\"/a\""},
	{"http /a 200 GET host=x 204", ORDER "\"GET\"\n" ORDER "\"204\""},
	{"http /a#b", PATH "\"/a#b\""},
	{"http /\xc3\xa4", PATH "\"/\xc3\xa4\""},
	{"http 99", STATUSES "\"99\""},
	{"http 600", STATUSES "\"600\""},
	{"http 2xx", STATUSES "\"2xx\""},
	{"http 200-", STATUSES "\"200-\""},
	{"http 299-200", STATUSES "\"299-200\""},
	{"http 200,", STATUSES "\"200,\""},
	{"http 200,,204", STATUSES "\"200,,204\""},
	{"http 200-299-399", STATUSES "\"200-299-399\""},
	{"http 0200", STATUSES "\"0200\""},
	{"http 200, 204", STATUSES "\"200,\"\n" ORDER "\"204\""},
	/* http: options */
	{"http host=", HOSTED "\"\""},
	{"http host=a_b!", HOSTED "\"a_b!\""},
	{"http host=a:0", HOSTED "\"a:0\""},
	{"http host=::1", HOSTED "\"::1\""},
	{"http host=10.0.0.256", HOSTED "\"10.0.0.256\""},
	{"http host=http://x", HOSTED "\"http://x\""},
	{"http host=a host=b", "host stands twice"},
	{"http host", "unknown word \"host\" (host=?)"},
	{"http header=A:b", "header " QUOTED "\"A:b\""},
	{"http header=x\"A: b\"", "header " QUOTED "\"x\\\"A: b\\\"\""},
	{"http header=\"\"", HEADER "\"\""},
	{"http header=\"A\"", HEADER "\"A\""},
	{"http header=\"A:\"", HEADER "\"A:\""},
	{"http header=\"A: \"", HEADER "\"A: \""},
	{"http header=\": b\"", HEADER "\": b\""},
	{"http header=\"A b: c\"", HEADER "\"A b: c\""},
	{"http header=\"A : c\"", HEADER "\"A : c\""},
	{"http header=\"A: b\\r\\nC: d\"", HEADER "\"A: b\\x0d\\x0aC: d\""},
	{"http header=\"A: \\x00\"", HEADER "\"A: \\x00\""},
	{"http header=\"A\\x00: b\"", HEADER "\"A\\x00: b\""},
	{"http header=\"hOST: b\"",
		"header must be another than Host, which is host=, not "
		"\"hOST: b\""},
	{"http body=ok", "body " QUOTED "\"ok\""},
	{"http body=\"\"", REGEX "(empty), not \"\""},
	{"http body=\"a\\x00b\"", REGEX "(NUL byte), not \"a\\x00b\""},
	{"http body=\"(a\"", REGEX "(Unmatched ( or \\(), not \"(a\""},
	{"http body=\"[a\"",
		REGEX "(Unmatched [, [^, [:, [., or [=), not \"[a\""},
	{"http body=\"*\"",
		REGEX "(Invalid preceding regular expression), not \"*\""},
	{"http body=\"(a)\\\\1\"",
		REGEX "(has a back-reference), not \"(a)\\\\1\""},
	{"http body=\"((a{255}){255}){255}\"",
		REGEX "(repeats too much), not \"((a{255}){255}){255}\""},
	{"http body=\"a{1001}\"", REGEX "(repeats too much), not \"a{1001}\""},
	{"http body=\"((((((((((a+)+)+)+)+)+)+)+)+)+)+\"",
		REGEX "(repeats too much), not "
		      "\"((((((((((a+)+)+)+)+)+)+)+)+)+)+\""},
	{"http body=\"a\" body=\"b\"", "body stands twice"},
	{"http HEAD body=\"a\"",
		"body must be left out: answers to \"HEAD\" have none"},
	{"http service=x", "\"service=x\" does not go with http"},
	{"http foo=1", "unknown word \"foo=1\""},
	{"http heder=\"A: b\"",
		"unknown word \"heder=\\\"A: b\\\"\" (header=?)"},
	/* TLS */
	{"http sni=x", "\"sni=x\" needs TLS: must be https, not http"},
	{"http verify=none",
		"\"verify=none\" needs TLS: must be https, not http"},
	{"http ca=/dev/null",
		"\"ca=/dev/null\" needs TLS: must be https, not http"},
	{"http ca=/dev/null sni=x",
		"\"ca=/dev/null\" needs TLS: must be https, not http"},
	{"grpc sni=x", "\"sni=x\" needs TLS: must be grpc tls, not grpc"},
	{"https sni=10.0.0.1", "sni must be a host name, not \"10.0.0.1\""},
	{"https sni=a.", "sni must be a host name, not \"a.\""},
	{"https sni=a sni=b", "sni stands twice"},
	{"https ca=x.pem",
		"ca must be an absolute path of a file, not \"x.pem\""},
	{"https ca=/", "ca must be an absolute path of a file, not \"/\""},
	{"https verify=off", "verify must be none, not \"off\""},
	{"https verify", "unknown word \"verify\" (verify=?)"},
	{"grpc tls tls", "tls stands twice"},
	{"grpc TLS", "unknown word \"TLS\""},
	{"grpc service=",
		"service must be the name of a gRPC service, not \"\""},
	{"grpc service=\xc3\xa4",
		"service must be visible ASCII, not \"\xc3\xa4\""},
	{"grpc /path", "unknown word \"/path\""},
	{"redis PING", "unknown word \"PING\""},
	{"smtp tls", "unknown word \"tls\""},
	{"mysql host=x", "\"host=x\" does not go with mysql"},
	/* script */
	{"script", "nothing stands after script"},
	{"script port=80", "nothing stands after script"},
	{"script check.sh",
		"script must be an absolute path, not \"check.sh\""},
	{"script \"\" /bin/sh",
		"script must be an absolute path, not \"\\\"\\\"\""},
	{"script /bin/sh \"a\\x00b\"",
		"words of a script must be without NUL, not "
		"\"\\\"a\\\\x00b\\\"\""},
	{"script \"/bin/s\\x00h\"",
		"words of a script must be without NUL, not "
		"\"\\\"/bin/s\\\\x00h\\\"\""},
	/* every mistake of a value */
	{"http /a 2xx foo port=0",
		STATUSES "\"2xx\"\nunknown word \"foo\"\n" PROBE_PORT "\"0\""},
};

#endif
