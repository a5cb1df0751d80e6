/* From what the kernel says of a socket to the backend that it counts for. */
#include "fixture.h"
#include "lbd/diag.h"
#include "lbd/own.h"
#include "lbd/tally.h"
#include "lbd/targets.h"
#include "suites.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <unistd.h>

static struct inet_diag_msg message(int family, const char *to, int state)
{
	struct inet_diag_msg m = {.idiag_family = (uint8_t)family,
		.idiag_state = (uint8_t)state,
		.id = {.idiag_dport = htons(80), .idiag_cookie = {7, 1}}};

	ck_assert_int_eq(inet_pton(family, to, m.id.idiag_dst), 1);
	return m;
}

static struct diag_socket heard(const struct inet_diag_msg *m)
{
	struct diag_socket s;

	ck_assert(diag_read(m, sizeof(*m), PROTOCOL_TCP, &s));
	return s;
}

START_TEST(mapped_ipv6_is_ipv4)
{
	struct inet_diag_msg four =
		message(AF_INET, "10.0.0.1", TCP_ESTABLISHED);
	struct inet_diag_msg six =
		message(AF_INET6, "::ffff:10.0.0.1", TCP_ESTABLISHED);
	struct diag_socket a = heard(&four), b = heard(&six);
	struct addr want = fixture_addr("10.0.0.1:80");

	ck_assert(addr_same(&a.to, &want));
	ck_assert(addr_same(&b.to, &want));
	ck_assert_uint_eq(a.cookie, 1ULL << 32 | 7);
}
END_TEST

START_TEST(only_a_syn_that_was_sent_again_is_stuck)
{
	struct inet_diag_msg m = message(AF_INET, "10.0.0.1", TCP_SYN_SENT);

	m.idiag_timer = 1;
	ck_assert(!heard(&m).stuck && !heard(&m).established);
	m.idiag_retrans = 1;
	ck_assert(heard(&m).stuck);
	m.idiag_timer = 2; /* keepalive */
	ck_assert(!heard(&m).stuck);
	m.idiag_timer = 1;
	m.idiag_state = TCP_ESTABLISHED;
	ck_assert(!heard(&m).stuck && heard(&m).established);
}
END_TEST

START_TEST(a_short_message_is_not_read)
{
	struct inet_diag_msg m = message(AF_INET, "10.0.0.1", TCP_SYN_SENT);
	struct diag_socket s;

	ck_assert(!diag_read(&m, sizeof(m) - 1, PROTOCOL_TCP, &s));
}
END_TEST

static struct fixture f;
static struct targets targets;
static unsigned visits;

static void take(void *data, struct target *t)
{
	(void)data;
	visits++;
	for (struct backend *b = t->first; b; b = b->twin)
		b->connections = t->connections;
}

/* One round: "10.0.0.1:80" ..., NULL at the end. */
static void round_of(enum protocol p, const char *const *to)
{
	visits = 0;
	targets_begin(&targets);
	for (; *to; to++) {
		struct addr a = fixture_addr(*to);

		targets_count(&targets, &a, p, true);
	}
	targets_end(&targets, take, NULL);
}

static unsigned at(const char *service, size_t i)
{
	return fixture_service(&f, service)->backend[i]->connections;
}

static void open_targets(void)
{
	fixture_open(&f,
		"[service web]\naddress = 127.96.1.1:80\n"
		"backend = 10.0.0.1:80\nbackend = 10.0.0.2:80\n"
		"[service api]\naddress = 127.96.1.2:80\n"
		"backend = 10.0.0.1:80\n"
		"[service dns]\naddress = 127.96.1.3:53\nprotocol = udp\n"
		"backend = 10.0.0.1:80\n"
		"[service any]\naddress = 127.96.1.4:*\nprobe = none\n"
		"backend = 10.0.0.2:*\n");
	targets = (struct targets){0};
	ck_assert(targets_build(&targets, &f.lbd.world));
}

static void close_targets(void)
{
	targets_free(&targets);
	fixture_close(&f);
}

#define ROUND(protocol, ...)                                                   \
	round_of(protocol, (const char *const[]){__VA_ARGS__, NULL})

START_TEST(a_connection_counts_for_all_services_of_the_address)
{
	open_targets();
	ROUND(PROTOCOL_TCP, "10.0.0.1:80", "10.0.0.1:80", "10.0.0.1:81");
	ck_assert_uint_eq(at("web", 0), 2);
	ck_assert_uint_eq(at("api", 0), 2);
	ck_assert_uint_eq(at("web", 1), 0);
	close_targets();
}
END_TEST

START_TEST(tcp_and_udp_are_counted_apart)
{
	open_targets();
	ck_assert(targets.tcp && targets.udp);
	ROUND(PROTOCOL_UDP, "10.0.0.1:80");
	ck_assert_uint_eq(at("dns", 0), 1);
	ck_assert_uint_eq(at("web", 0), 0);
	close_targets();
}
END_TEST

START_TEST(a_backend_of_every_port_counts_all)
{
	open_targets();
	ROUND(PROTOCOL_TCP, "10.0.0.2:80", "10.0.0.2:443", "10.0.0.3:443");
	ck_assert_uint_eq(at("any", 0), 2);
	ck_assert_uint_eq(at("web", 1), 1);
	close_targets();
}
END_TEST

START_TEST(only_targets_with_connections_are_visited)
{
	open_targets();
	ROUND(PROTOCOL_TCP, "10.0.0.1:80", "10.0.0.1:80");
	ck_assert_uint_eq(visits, 1);
	ROUND(PROTOCOL_TCP, "10.9.9.9:80"); /* the last one is zeroed */
	ck_assert_uint_eq(visits, 1);
	ck_assert_uint_eq(at("web", 0), 0);
	ROUND(PROTOCOL_TCP, "10.9.9.9:80");
	ck_assert_uint_eq(visits, 0);
	close_targets();
}
END_TEST

START_TEST(connections_of_before_are_zeroed_after_a_rebuild)
{
	open_targets();
	ROUND(PROTOCOL_TCP, "10.0.0.1:80");
	ck_assert(targets_build(&targets, &f.lbd.world));
	ROUND(PROTOCOL_TCP, "10.9.9.9:80");
	ck_assert_uint_eq(at("web", 0), 0);
	ck_assert_uint_eq(at("api", 0), 0);
	close_targets();
}
END_TEST

static uint64_t cookie(int fd)
{
	uint64_t c = 0;
	socklen_t len = sizeof(c);

	ck_assert_int_eq(getsockopt(fd, SOL_SOCKET, SO_COOKIE, &c, &len), 0);
	return c;
}

START_TEST(own_sockets_are_known_until_no_dump_shows_them)
{
	enum { SOCKETS = 500 };
	int fd[SOCKETS];

	for (int i = 0; i < SOCKETS; i++) {
		fd[i] = socket(AF_INET, SOCK_STREAM, 0);
		own_add(fd[i]);
	}
	for (int i = 0; i < SOCKETS; i += 2)
		own_drop(fd[i]);
	for (int i = 0; i < SOCKETS; i++)
		ck_assert(own_has(cookie(fd[i])));
	own_sweep();
	for (int i = 0; i < SOCKETS; i++) {
		ck_assert_int_eq(own_has(cookie(fd[i])), i % 2);
		own_drop(fd[i]);
		close(fd[i]);
	}
	own_sweep();
	ck_assert(!own_has(0));
}
END_TEST

static uint64_t seen(struct tally *t, uint64_t line)
{
	return atomic_load(
		&counters_line(t->counters, t->services, line)->seen);
}

static void pick(struct tally *t, uint64_t line, unsigned n)
{
	t->line[line].picks += n;
	tally_moved(t, line);
}

START_TEST(picks_are_seen_once_they_are_in_a_load)
{
	struct tally t;

	ck_assert(tally_open(&t, 64));
	pick(&t, 3, 5);
	ck_assert_uint_eq(seen(&t, 3), 0);
	tally_confirm(&t);
	pick(&t, 3, 2);
	pick(&t, 4, 1);
	ck_assert_uint_eq(seen(&t, 3), 5);
	ck_assert_uint_eq(seen(&t, 4), 0);
	tally_confirm(&t);
	ck_assert_uint_eq(seen(&t, 3), 7);
	ck_assert_uint_eq(seen(&t, 4), 1);
	ck_assert_uint_eq(t.moves, 0);
	tally_close(&t);
}
END_TEST

Suite *counts_suite(void)
{
	Suite *s = suite_create("counts");
	TCase *t = tcase_create("counts");

	tcase_add_test(t, mapped_ipv6_is_ipv4);
	tcase_add_test(t, only_a_syn_that_was_sent_again_is_stuck);
	tcase_add_test(t, a_short_message_is_not_read);
	tcase_add_test(t, a_connection_counts_for_all_services_of_the_address);
	tcase_add_test(t, tcp_and_udp_are_counted_apart);
	tcase_add_test(t, a_backend_of_every_port_counts_all);
	tcase_add_test(t, only_targets_with_connections_are_visited);
	tcase_add_test(t, connections_of_before_are_zeroed_after_a_rebuild);
	tcase_add_test(t, own_sockets_are_known_until_no_dump_shows_them);
	tcase_add_test(t, picks_are_seen_once_they_are_in_a_load);
	suite_add_tcase(s, t);
	return s;
}
