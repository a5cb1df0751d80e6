/*
 * A question of each kind while something it needs is refused: memory, libcurl's
 * too, or a call at a socket or for a child; each in turn, once or from there on.
 * It ends, and says nothing of the backend that is not so: of one that is well, at
 * most that lbd could not ask; of one that is not, never that it is well. It leaves
 * nothing behind, and the next question is answered.
 *
 * What OpenSSL and nghttp2 ask for is not refused here, nor what libev does.
 */
#include "answering.h"
#include "fixture.h"
#include "lbd/children.h"
#include "lbd/log.h"
#include "lbd/loop_signals.h"
#include "lbd/probe.h"
#include "lbd/script.h"
#include "suites.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* HTTP/2, on its first stream: empty settings; a status, a message, its end. */
#define H2_SETTINGS "\0\0\0\4\0\0\0\0\0"
#define H2_QUESTION "\0\0\5\0\1\0\0\0\1"
#define H2_ANSWER(serving)                                                     \
	"\0\0\x14\1\4\0\0\0\1\x88\x0f\x10\x10"                                 \
	"application/grpc"                                                     \
	"\0\0\7\0\0\0\0\0\1\0\0\0\0\2\x08" serving                             \
	"\0\0\x0f\1\5\0\0\0\1\0\x0b"                                           \
	"grpc-status\1"                                                        \
	"0"

#define MYSQL_GREETING                                                         \
	"\x4a\0\0\0\x0a"                                                       \
	"8.0.36\0\x2a\0\0\0salt5678\0\xff\xff\xff\2\0\xff\xdf\x15\0\0\0\0"     \
	"\0\0\0\0\0\0"                                                         \
	"salt56789012\0caching_sha2_password\0"
#define PG_ERROR(code)                                                         \
	"E\0\0\0\x2e"                                                          \
	"SFATAL\0VFATAL\0C" code "\0Mso says the server\0\0"

static const struct kind {
	const char *name, *probe;
	struct lines well, ill; /* without a word: nobody listens */
	int type;
} kinds[] = {
	{"tcp", "probe = tcp", {{0}, {0}, {0}}, {{0}, {0}, {0}}, SOCK_STREAM},
	{"text", "probe = send \"a\" expect \"yes\"",
		{{0}, PIECE("a"), PIECE("yes")}, {{0}, {0}, {0}}, SOCK_STREAM},
	{"datagram", "probe = send \"a\" expect \"yes\"\nprotocol = udp",
		{{0}, {0}, PIECE("yes")}, {{0}, {0}, {0}}, SOCK_DGRAM},
	{"redis", "probe = redis", {{0}, PIECE("PING\r\n"), PIECE("+PONG\r\n")},
		{{0}, PIECE("PING\r\n"), PIECE("-LOADING\r\n")}, SOCK_STREAM},
	{"postgres", "probe = postgres",
		{{0}, PIECE("\0\3\0\0"), PIECE(PG_ERROR("28000"))},
		{{0}, PIECE("\0\3\0\0"), PIECE(PG_ERROR("57P03"))},
		SOCK_STREAM},
	{"mysql", "probe = mysql",
		{PIECE(MYSQL_GREETING), PIECE("lbd"),
			PIECE("\x0f\0\0\2\xff\x15\4#28000Denied")},
		{PIECE("\x17\0\0\0\xff\x10\4Too many connections"),
			PIECE("lbd"), {0}},
		SOCK_STREAM},
	{"smtp", "probe = smtp",
		{PIECE("220 mx\r\n"), PIECE("QUIT\r\n"), PIECE("221 bye\r\n")},
		{PIECE("421 busy\r\n"), PIECE("QUIT\r\n"), {0}}, SOCK_STREAM},
	{"script", "probe = script /bin/", {{0}, {0}, {0}}, {{0}, {0}, {0}}, 0},
	{"no script", "probe = script /nowhere/", {{0}, {0}, {0}},
		{{0}, {0}, {0}}, 0},
	{"http", "probe = http body=\"o\" header=\"A: b\"",
		{{0}, PIECE("\r\n\r\n"),
			PIECE("HTTP/1.1 200 OK\r\nContent-Length: "
			      "2\r\n\r\nok")},
		{{0}, PIECE("\r\n\r\n"),
			PIECE("HTTP/1.1 500 No\r\nContent-Length: "
			      "2\r\n\r\nok")},
		SOCK_STREAM},
	{"https", "probe = https verify=none sni=a", {{0}, {0}, {0}},
		{PIECE("no TLS\r\n"), PIECE("\1"), {0}}, SOCK_STREAM},
	{"grpc", "probe = grpc",
		{PIECE(H2_SETTINGS), PIECE(H2_QUESTION),
			PIECE(H2_ANSWER("\1"))},
		{PIECE(H2_SETTINGS), PIECE(H2_QUESTION),
			PIECE(H2_ANSWER("\2"))},
		SOCK_STREAM},
};

enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

/* One way to be asked. */
struct scene {
	const struct kind *kind;
	bool well;    /* the backend is */
	bool again;   /* a question came before, and was answered */
	bool lasting; /* the refusal */
	unsigned port;
};

static struct fixture f;
static struct probe *probe;
static bool too_late;

static void on_too_late(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)w;
	(void)revents;
	too_late = true;
	ev_break(loop, EVBREAK_ALL);
}

/* Asserts nothing, for then it is refused what it needs to say so. */
static void ask(void)
{
	ev_timer limit;

	too_late = false;
	ev_timer_init(&limit, on_too_late, 20, 0);
	probe_start(probe);
	ev_timer_start(f.lbd.loop, &limit);
	while (probe->asking && !too_late)
		ev_run(f.lbd.loop, EVRUN_ONCE);
	ev_timer_stop(f.lbd.loop, &limit);
}

static int descriptors(void)
{
	int open = 0;

	for (int fd = 0; fd < 256; fd++)
		open += fcntl(fd, F_GETFD) >= 0;
	return open;
}

/* What the loop waits for, but for probes that are due some time. */
static int watchers(void)
{
	ev_timer_stop(f.lbd.loop, &probe->timer);
	return ev_run(f.lbd.loop, EVRUN_NOWAIT);
}

static const char *script_end(const struct scene *s)
{
	return s->kind->type ? "" : s->well ? "true" : "false";
}

static void begin(const struct scene *s)
{
	char text[512];

	snprintf(text, sizeof(text),
		"[service a]\naddress = 127.96.0.1:1\nbackend = 127.0.0.1:%u\n"
		"interval = 1h\ntimeout = 10s\nfall = 1\nrise = 1\n%s%s\n",
		s->port, s->kind->probe, script_end(s));
	f = (struct fixture){.lbd.loop = ev_loop_new(0)};
	ck_assert(loop_signals_open(f.lbd.loop));
	children_open();
	fixture_reload(&f, text);
	probe = f.lbd.world.service[0].backend[0]->probe;
}

static void end(void)
{
	scripts_close(f.lbd.scripts);
	loop_signals_close();
	fixture_close(&f);
}

#define NEVER(wrong)                                                           \
	ck_assert_msg(!(wrong), "%s, %s, asked %s, %s %lu: %s (%s)",           \
		s->kind->name, s->well ? "well" : "ill",                       \
		s->again ? "again" : "first", s->lasting ? "from" : "only", n, \
		#wrong, probe->backend->health.reason)

/* What there is to be found out. */
static enum health_state truth_of(const struct scene *s)
{
	if (!strcmp(s->kind->name, "no script"))
		return HEALTH_UNKNOWN;
	return s->well ? HEALTH_UP : HEALTH_DOWN;
}

/* The n-th is refused. False if it did not come to that. */
static bool is_survived(const struct scene *s, unsigned long n)
{
	enum health_state truth = truth_of(s), state;
	int open, watched;
	bool refused;

	begin(s);
	open = descriptors();
	watched = watchers();
	if (s->again)
		ask();
	probe->backend->health = (struct health){.state = HEALTH_UNKNOWN};
	refusal_begin((struct refusal){.nth = n, .lasting = s->lasting});
	ask();
	refused = refusal_end();
	state = probe->backend->health.state;
	NEVER(too_late);
	NEVER(state != truth && state != HEALTH_UNKNOWN);
	NEVER(state != truth && !refused);
	NEVER(probe->fd >= 0 || ev_is_active(&probe->io));
	ask();
	NEVER(too_late || probe->backend->health.state != truth);
	probe_end(probe);
	NEVER(watchers() != watched);
	NEVER(descriptors() != open);
	end();
	return refused;
}

static void survive_all(struct scene s)
{
	unsigned long n = 1;

	for (int way = 0; way < 4; way++) {
		s.again = way & 1;
		s.lasting = way & 2;
		for (n = 1; is_survived(&s, n); n++)
			;
		ck_assert_uint_gt(n, s.kind->type ? 4 : 2);
	}
}

static void open_server(
	struct answering *server, const struct kind *kind, bool well)
{
	const struct lines *lines = well ? &kind->well : &kind->ill;

	if (!kind->type)
		return;
	if (well && !strcmp(kind->name, "https")) {
		answering_begin_tls(server);
		return;
	}
	answering_begin(server, kind->type, lines);
	if (!well && !lines->greeting.size && !lines->answer.size)
		answering_end(server);
}

START_TEST(what_is_refused_is_no_word_of_the_backend)
{
	const struct kind *kind = &kinds[_i];
	struct answering server = {.port = 1};

	log_set_level(LEVEL_ERROR);
	for (int well = 1; well >= 0; well--) {
		open_server(&server, kind, well);
		survive_all((struct scene){
			.kind = kind, .well = well, .port = server.port});
		answering_end(&server);
	}
}
END_TEST

Suite *probe_refused_suite(void)
{
	Suite *s = suite_create("probe_refused");
	TCase *t = tcase_create("probe_refused");

	tcase_add_loop_test(
		t, what_is_refused_is_no_word_of_the_backend, 0, KINDS);
	tcase_set_timeout(t, 120);
	suite_add_tcase(s, t);
	return s;
}
