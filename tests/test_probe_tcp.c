/* The tcp probe, where what comes when is the test's to say. */
#include "fixture.h"
#include "lbd/probe.h"
#include "suites.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static int listener;

static unsigned listen_somewhere(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(listener, (void *)&at, len), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	getsockname(listener, (void *)&at, &len);
	return ntohs(at.sin_port);
}

static void cut_one(void)
{
	struct linger reset = {.l_onoff = 1, .l_linger = 0};
	int fd = accept(listener, NULL, NULL);

	ck_assert_int_ge(fd, 0);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
}

/* Before the probe has looked at it. */
START_TEST(a_connection_that_is_cut_at_once_was_made)
{
	struct fixture f;
	struct backend *b;
	char text[256];

	snprintf(text, sizeof(text),
		"[service a]\naddress = 127.96.0.1:1\nprobe = tcp\n"
		"fall = 1\nbackend = 127.0.0.1:%u\n",
		listen_somewhere());
	fixture_open(&f, text);
	b = f.lbd.world.service[0].backend[0];
	probe_start(b->probe);
	for (int turn = 0; turn < 100 && !ev_is_active(&b->probe->io); turn++)
		ev_run(f.lbd.loop, EVRUN_ONCE);
	ck_assert(ev_is_active(&b->probe->io));
	cut_one();
	for (int turn = 0; turn < 100 && ev_is_active(&b->probe->io); turn++)
		ev_run(f.lbd.loop, EVRUN_ONCE);
	ck_assert_int_eq(b->health.state, HEALTH_UP);
	fixture_close(&f);
	close(listener);
}
END_TEST

Suite *probe_tcp_suite(void)
{
	Suite *s = suite_create("probe_tcp");
	TCase *t = tcase_create("probe_tcp");

	tcase_add_test(t, a_connection_that_is_cut_at_once_was_made);
	suite_add_tcase(s, t);
	return s;
}
