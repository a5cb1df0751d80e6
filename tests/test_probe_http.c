#include "lbd/http_text.h"
#include "lbd/mishap.h"
#include "suites.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

START_TEST(a_status_is_good_in_one_of_the_ranges)
{
	struct status_range range[] = {{204, 204}, {500, 503}};
	struct probe_conf conf = {.status = range, .statuses = 2};

	ck_assert(http_status_fits(&conf, 204));
	ck_assert(http_status_fits(&conf, 500));
	ck_assert(http_status_fits(&conf, 503));
	ck_assert(!http_status_fits(&conf, 200));
	ck_assert(!http_status_fits(&conf, 504));
}
END_TEST

START_TEST(the_host_header_is_host_then_the_first_name_then_the_address)
{
	struct name_conf name[] = {{"api.internal", 1}, {"other", 2}};
	struct service_conf conf = {0};
	char line[HTTP_TEXT_MAX];

	ck_assert(http_host_line(&conf, "10.0.0.4:80", line));
	ck_assert_str_eq(line, "Host: 10.0.0.4:80");
	conf.names = name;
	conf.name_count = 2;
	ck_assert(http_host_line(&conf, "10.0.0.4:80", line));
	ck_assert_str_eq(line, "Host: api.internal");
	conf.probe.host = (char[]){"www.example:8080"};
	ck_assert(http_host_line(&conf, "10.0.0.4:80", line));
	ck_assert_str_eq(line, "Host: www.example:8080");
}
END_TEST

START_TEST(tls_asks_for_sni_then_host_then_the_first_name)
{
	struct name_conf name[] = {{"api.internal", 1}};
	struct service_conf conf = {0};
	char text[HTTP_TEXT_MAX];

	ck_assert(!http_tls_name(&conf, text));
	conf.names = name;
	conf.name_count = 1;
	ck_assert(http_tls_name(&conf, text));
	ck_assert_str_eq(text, "api.internal");
	conf.probe.host = (char[]){"www.example:8080"};
	ck_assert(http_tls_name(&conf, text));
	ck_assert_str_eq(text, "www.example");
	conf.probe.host = (char[]){"[fd00::1]"};
	ck_assert(http_tls_name(&conf, text));
	ck_assert_str_eq(text, "[fd00::1]");
	conf.probe.host = (char[]){"[fd00::1]:443"};
	ck_assert(http_tls_name(&conf, text));
	ck_assert_str_eq(text, "[fd00::1]");
	conf.probe.sni = (char[]){"sni.example"};
	ck_assert(http_tls_name(&conf, text));
	ck_assert_str_eq(text, "sni.example");
}
END_TEST

START_TEST(what_connect_itself_says_is_our_side)
{
	struct mishap m = {
		.code = CURLE_COULDNT_CONNECT, .err = ENETUNREACH, .text = ""};
	char why[REASON_MAX];

	ck_assert_int_eq(mishap_verdict(&m, why), VERDICT_LOCAL);
	ck_assert_str_eq(why, "Network is unreachable");
	m.under_way = true;
	ck_assert_int_eq(mishap_verdict(&m, why), VERDICT_UNREACHABLE);
	m.err = ECONNREFUSED;
	ck_assert_int_eq(mishap_verdict(&m, why), VERDICT_REFUSED);
	m.under_way = false;
	ck_assert_int_eq(mishap_verdict(&m, why), VERDICT_REFUSED);
	ck_assert_str_eq(why, "Connection refused");
	m.err = EADDRNOTAVAIL;
	ck_assert_int_eq(mishap_verdict(&m, why), VERDICT_LOCAL);
	m.err = ECONNREFUSED; /* of the question before */
	m.no_socket = EMFILE;
	ck_assert_int_eq(mishap_verdict(&m, why), VERDICT_LOCAL);
	ck_assert_str_eq(why, "Too many open files");
}
END_TEST

START_TEST(no_memory_is_the_backends_doing_once_it_is_asked)
{
	struct mishap m = {.code = CURLE_OUT_OF_MEMORY, .text = ""};
	char why[REASON_MAX];

	ck_assert_int_eq(mishap_verdict(&m, why), VERDICT_LOCAL);
	m.asked = true;
	ck_assert_int_eq(mishap_verdict(&m, why), VERDICT_REFUSED);
	ck_assert_str_eq(why, "headers too long");
}
END_TEST

static const struct {
	CURLcode code;
	const char *text;
	enum verdict verdict;
	const char *why;
} said[] = {
	{CURLE_OPERATION_TIMEDOUT, "", VERDICT_TIMEOUT, "Connection timed out"},
	{CURLE_GOT_NOTHING, "", VERDICT_REFUSED, "closed without an answer"},
	{CURLE_UNSUPPORTED_PROTOCOL, "", VERDICT_REFUSED, "not HTTP"},
	{CURLE_RECV_ERROR, "Recv failure: Connection reset by peer",
		VERDICT_REFUSED, "Connection reset by peer"},
	{CURLE_SEND_ERROR, "Send failure: Broken pipe", VERDICT_REFUSED,
		"Broken pipe"},
	{CURLE_RECV_ERROR, "Illegal or missing hexadecimal sequence",
		VERDICT_REFUSED, "the answer broke off"},
	{CURLE_SSL_CONNECT_ERROR,
		"error:0A00010B:SSL routines::wrong version number",
		VERDICT_REFUSED, "TLS: wrong version number"},
	{CURLE_SSL_CONNECT_ERROR,
		"OpenSSL SSL_connect: Connection reset by peer in connection "
		"to 127.0.0.1:443 ",
		VERDICT_REFUSED, "TLS: Connection reset by peer"},
	{CURLE_SSL_CONNECT_ERROR,
		"OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to a:1 ",
		VERDICT_REFUSED, "TLS: closed"},
	{CURLE_PEER_FAILED_VERIFICATION,
		"SSL certificate problem: self-signed certificate",
		VERDICT_REFUSED, "certificate: self-signed certificate"},
	{CURLE_PEER_FAILED_VERIFICATION,
		"SSL: no alternative certificate subject name matches target "
		"host name 'a\nb'",
		VERDICT_REFUSED, "certificate: not for 'a?b'"},
	{CURLE_SSL_CACERT_BADFILE, "", VERDICT_LOCAL,
		"no certificates to verify with in /etc/ssl/certs"},
	{CURLE_FAILED_INIT, "", VERDICT_LOCAL, "Failed initialization"},
};

START_TEST(what_ends_before_it_answers_is_closed)
{
	struct mishap m = {.code = CURLE_PARTIAL_FILE, .text = ""};
	char why[REASON_MAX];

	ck_assert_int_eq(mishap_verdict(&m, why), VERDICT_REFUSED);
	ck_assert_str_eq(why, "closed without an answer");
	m.answered = true;
	mishap_verdict(&m, why);
	ck_assert_str_eq(why, "answer cut short");
	m.http2 = true;
	m.code = CURLE_GOT_NOTHING;
	mishap_verdict(&m, why);
	ck_assert_str_eq(why, "not HTTP/2");
}
END_TEST

START_TEST(each_mishap_has_its_verdict_and_reason)
{
	struct mishap m = {.code = said[_i].code, .text = said[_i].text};
	char why[REASON_MAX];

	ck_assert_int_eq(mishap_verdict(&m, why), said[_i].verdict);
	ck_assert_str_eq(why, said[_i].why);
}
END_TEST

START_TEST(a_reason_is_short_and_printable)
{
	char text[300], why[REASON_MAX];
	struct mishap m = {.text = text};
	const CURLcode codes[] = {CURLE_SSL_CONNECT_ERROR, CURLE_RECV_ERROR,
		CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE};
	const char *starts[] = {"", "error:", "Recv failure: ",
		"SSL certificate problem: ", "target host name "};
	size_t i, j, k;

	for (i = 0; i < 4; i++) {
		for (j = 0; j < 5; j++) {
			memset(text, _i, sizeof(text));
			memcpy(text, starts[j], strlen(starts[j]));
			text[299] = '\0';
			m.code = codes[i];
			m.ca = text;
			mishap_verdict(&m, why);
			ck_assert_uint_lt(strlen(why), REASON_MAX);
			for (k = 0; why[k]; k++)
				ck_assert(why[k] >= ' ' && why[k] <= '~');
		}
	}
}
END_TEST

Suite *probe_http_suite(void)
{
	Suite *s = suite_create("probe_http");
	TCase *t = tcase_create("probe_http");

	tcase_add_test(t, a_status_is_good_in_one_of_the_ranges);
	tcase_add_test(t,
		the_host_header_is_host_then_the_first_name_then_the_address);
	tcase_add_test(t, tls_asks_for_sni_then_host_then_the_first_name);
	tcase_add_test(t, what_connect_itself_says_is_our_side);
	tcase_add_test(t, no_memory_is_the_backends_doing_once_it_is_asked);
	tcase_add_test(t, what_ends_before_it_answers_is_closed);
	tcase_add_loop_test(t, each_mishap_has_its_verdict_and_reason, 0,
		sizeof(said) / sizeof(*said));
	tcase_add_loop_test(t, a_reason_is_short_and_printable, 0, 256);
	suite_add_tcase(s, t);
	return s;
}
