/*
 * Sockets that the loop could not begin to watch: libev stops the watcher and
 * calls back, as for one that is ready. Nothing is known of the backend then.
 */
#include "fixture.h"
#include "lbd/diag.h"
#include "lbd/probe.h"
#include "suites.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A port of 127.0.0.1 where nobody answers: the queue is full, or nobody reads. */
struct silent {
	int listener, full[4];
	unsigned port;
};

static void be_silent(struct silent *s, int type)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->listener = socket(AF_INET, type, 0);
	ck_assert_int_eq(bind(s->listener, (void *)&at, len), 0);
	getsockname(s->listener, (void *)&at, &len);
	s->port = ntohs(at.sin_port);
	if (type == SOCK_STREAM)
		listen(s->listener, 0);
	for (size_t i = 0; i < 4; i++) {
		s->full[i] = socket(AF_INET, type | SOCK_NONBLOCK, 0);
		connect(s->full[i], (void *)&at, len);
	}
}

static void be_gone(struct silent *s)
{
	close(s->listener);
	for (size_t i = 0; i < 4; i++)
		close(s->full[i]);
}

static const char *const probes[] = {"tcp", "send \"x\"", "expect \"x\"",
	"http", "grpc", "send \"x\" expect \"y\"\nprotocol = udp"};

enum { PROBES = sizeof(probes) / sizeof(*probes) };

START_TEST(who_cannot_be_watched_is_neither_well_nor_ill)
{
	struct silent silent;
	struct fixture f;
	struct backend *b;
	char text[256];

	be_silent(&silent, _i == PROBES - 1 ? SOCK_DGRAM : SOCK_STREAM);
	snprintf(text, sizeof(text),
		"[service a]\naddress = 127.96.0.1:1\n"
		"backend = 127.0.0.1:%u\nprobe = %s\n",
		silent.port, probes[_i]);
	fixture_open(&f, text);
	b = f.lbd.world.service[0].backend[0];
	probe_start(b->probe);
	for (int turn = 0; turn < 100 && !ev_is_active(&b->probe->io); turn++)
		ev_run(f.lbd.loop, EVRUN_ONCE);
	ck_assert(ev_is_active(&b->probe->io));
	ev_io_stop(f.lbd.loop, &b->probe->io);
	ev_invoke(f.lbd.loop, &b->probe->io, EV_ERROR | EV_READ | EV_WRITE);
	ck_assert(!b->probe->asking);
	ck_assert_int_eq(b->health.verdicts, 0);
	ck_assert_int_eq(b->health.state, HEALTH_UNKNOWN);
	fixture_close(&f);
	be_gone(&silent);
}
END_TEST

static void on_socket(struct diag *d, const struct diag_socket *s)
{
	(void)d;
	(void)s;
}

static void on_done(struct diag *d, int error)
{
	*(int *)d->data = error;
}

/* Else nothing would ever be counted again. */
START_TEST(a_walk_that_cannot_be_watched_is_over)
{
	struct ev_loop *loop = ev_loop_new(0);
	struct diag d = {0};
	int error = 0;

	diag_init(&d, loop);
	d.visit = on_socket;
	d.done = on_done;
	d.data = &error;
	diag_walk(&d, false);
	if (error) { /* the kernel has no such service */
		ev_loop_destroy(loop);
		return;
	}
	ev_io_stop(loop, &d.io);
	ev_invoke(loop, &d.io, EV_ERROR | EV_READ | EV_WRITE);
	ck_assert_int_eq(error, ENOMEM);
	ck_assert(!d.walking);
	ck_assert_int_eq(d.io.fd, -1);
	ev_loop_destroy(loop);
}
END_TEST

START_TEST(memory_of_the_kernel_is_no_backends_fault)
{
	ck_assert_int_eq(probe_verdict(ENOMEM), VERDICT_LOCAL);
	ck_assert_int_eq(probe_verdict(ENOBUFS), VERDICT_LOCAL);
	ck_assert_int_eq(probe_verdict(ECONNREFUSED), VERDICT_REFUSED);
}
END_TEST

Suite *unwatched_suite(void)
{
	Suite *s = suite_create("unwatched");
	TCase *t = tcase_create("unwatched");

	tcase_add_loop_test(
		t, who_cannot_be_watched_is_neither_well_nor_ill, 0, PROBES);
	tcase_add_test(t, a_walk_that_cannot_be_watched_is_over);
	tcase_add_test(t, memory_of_the_kernel_is_no_backends_fault);
	suite_add_tcase(s, t);
	return s;
}
