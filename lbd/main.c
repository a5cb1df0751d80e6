/*
 * lbd: keeps the table that programs read, probes backends, decides who may
 * call. One process, one loop, nothing that waits.
 */
#include "admin.h"
#include "arguments.h"
#include "audit.h"
#include "callers.h"
#include "children.h"
#include "conf.h"
#include "door.h"
#include "doubts.h"
#include "intake.h"
#include "kernel.h"
#include "lbd.h"
#include "log.h"
#include "loop_signals.h"
#include "publish.h"
#include "ready.h"
#include "reload.h"
#include "reserve.h"
#include "reset.h"
#include "rights.h"
#include "script.h"
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

static const double beat_interval = 0.5;

/* The shim looks for this, and does nothing in a program that has it. */
extern const char lbd_is_here[];
const char lbd_is_here[] = LBD_VERSION;

static void on_end(void *data)
{
	struct lbd *lbd = data;

	lbd->ending = true;
	ev_break(lbd->loop, EVBREAK_ALL);
}

static void on_beat(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct lbd *lbd = w->data;

	(void)loop;
	(void)revents;
	region_beat(lbd->keys);
}

static void on_turn(struct ev_loop *loop, ev_prepare *w, int revents)
{
	(void)loop;
	(void)revents;
	publish_turned(w->data);
}

static void start_watchers(struct lbd *lbd)
{
	struct ev_loop *loop = lbd->loop;

	ev_timer_init(&lbd->beat, on_beat, beat_interval, beat_interval);
	ev_prepare_init(&lbd->turn, on_turn);
	lbd->beat.data = lbd->turn.data = lbd;
	ev_timer_start(loop, &lbd->beat);
	ev_prepare_start(loop, &lbd->turn);
	loop_signals_on(SIGTERM, on_end, lbd);
	loop_signals_on(SIGINT, on_end, lbd);
	ready_watch(lbd);
}

/* Probes and attaches take descriptors: as many as we may have. */
static void raise_limits(void)
{
	struct rlimit files;

	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static void seed_chance(void)
{
	long seed = getpid();

	if (getrandom(&seed, sizeof(seed), 0) < 0)
		seed ^= (long)ev_time();
	srand48(seed);
}

static int fail(const char *why)
{
	fprintf(stderr, "lbd: %s\n", why);
	return EXIT_CONF;
}

static int listen_at(struct lbd *lbd, const char *socket, mode_t mode,
	const char *admin, char why[DOOR_WHY])
{
	int fd = door_listen(socket, SOCK_SEQPACKET, mode, why);
	int admin_fd;

	if (fd < 0)
		return -1;
	admin_fd = door_listen(admin, SOCK_STREAM, 0600, why);
	if (admin_fd < 0) {
		unlink(socket);
		close(fd);
		return -1;
	}
	lbd->callers = callers_open(lbd, fd);
	lbd->admin = admin_open(lbd, admin_fd);
	snprintf(why, DOOR_WHY, "cannot serve %s: %s", admin, strerror(errno));
	return lbd->callers && lbd->admin ? 0 : -1;
}

static void close_all(struct lbd *lbd)
{
	reload_close(lbd);
	admin_close(lbd->admin);
	callers_close(lbd->callers);
	intake_close(lbd->intake);
	audit_close(lbd->audit);
	kernel_close(lbd->kernel);
	world_end(lbd);
	scripts_close(lbd->scripts);
	loop_signals_close();
	ev_loop_destroy(lbd->loop);
}

/* The table stays as it is for whoever has it mapped: nothing is cleared. */
static void end(struct lbd *lbd)
{
	intake_take(lbd->intake);
	audit_tell_all(lbd->audit);
	log_event(LEVEL_INFO, "ended", NULL,
		"ending; programs go on with the table they have");
	unlink(lbd->world.conf->socket);
	unlink(lbd->world.conf->admin);
	close_all(lbd);
}

static void log_no_reset(const struct service_conf *s, const char *why)
{
	struct log_about about = {.service = s->name, .reason = why};

	log_event(LEVEL_WARNING, "no-reset", &about,
		"connections to backends of service %s that go down will not "
		"be reset",
		s->name);
}

/* From a checked file to the loop. `conf` is the lbd's from here on. */
static int run(struct lbd *lbd, struct conf *conf)
{
	char why[DOOR_WHY];
	enum door door = door_lock(conf->socket, why);

	if (door != DOOR_OPEN) {
		conf_free(conf);
		fail(why);
		return door == DOOR_TAKEN ? EXIT_TAKEN : EXIT_CONF;
	}
	signal(SIGPIPE, SIG_IGN);
	raise_limits();
	seed_chance();
	log_open(conf->log, conf->log_level);
	reserve_for_loop();
	lbd->loop = ev_loop_new(0);
	if (!lbd->loop || !loop_signals_open(lbd->loop))
		return fail(strerror(errno));
	children_open();
	health_open(lbd);
	lbd->intake = intake_open(lbd);
	lbd->kernel = kernel_open(lbd);
	lbd->audit = audit_open(lbd);
	if (!lbd->intake || !lbd->kernel || !reload_watch(lbd) ||
		!world_change(lbd, conf))
		return fail(errno == ENOENT ? "no /proc: regions cannot be "
					      "opened for readers"
					    : strerror(errno));
	lbd->started = lbd->reloaded = ev_now(lbd->loop);
	if (listen_at(lbd, conf->socket, conf->socket_mode, conf->admin, why)) {
		close_all(lbd);
		return fail(why);
	}
	start_watchers(lbd);
	reset_warn(conf, log_no_reset);
	rights_warn(conf, doubts_no_exe);
	log_event(LEVEL_INFO, "started", NULL,
		"lbd %s listening at %s, %zu service%s", LBD_VERSION,
		conf->socket, lbd->world.services,
		lbd->world.services == 1 ? "" : "s");
	ev_run(lbd->loop, 0);
	end(lbd);
	return EXIT_SUCCESS;
}

/* What we open must not become the 2 that log lines go to. */
static void fill_standard_files(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static void print_no_reset(const struct service_conf *s, const char *why)
{
	fprintf(stderr, "lbd: warning: [service %s] on-down = reset %s\n",
		s->name, why);
}

static void print_no_exe(const struct service_conf *s, const struct rule *rule,
	size_t more, const char *why)
{
	fprintf(stderr, "lbd: warning: [service %s]", s->name);
	if (more)
		fprintf(stderr, " and %zu more", more);
	fprintf(stderr,
		", line %d: exe holds for programs of this user alone: %s\n",
		rule->line, why);
}

/* In a comment, as the rest is a file again. */
static bool print_size(struct conf *conf)
{
	struct world_size size;

	if (!world_measure(conf, &size))
		return false;
	printf("; shared memory: keys %" PRIu64 " KiB, %zu list%s %" PRIu64
	       " KiB, the largest %" PRIu64 " KiB\n",
		size.keys / 1024, size.lists, size.lists == 1 ? "" : "s",
		size.all / 1024, size.largest / 1024);
	return true;
}

/* A sound file: what there is to say beside its own warnings. */
static int report(struct conf *conf, bool verbose)
{
	bool sized = true;

	reset_warn(conf, print_no_reset);
	rights_warn(conf, print_no_exe);
	if (verbose) {
		sized = print_size(conf);
		conf_dump(conf, stdout);
	}
	conf_free(conf);
	if (!sized)
		return fail(strerror(ENOMEM));
	if (!fflush(stdout) && !ferror(stdout))
		return EXIT_SUCCESS;
	return fail("cannot write what the file means");
}

int main(int argc, char **argv)
{
	struct arguments arguments = {.file = "/etc/lbd/lbd.ini"};
	struct complaints said = {0};
	struct lbd lbd = {0};
	struct conf *conf;

	fill_standard_files();
	arguments_read(argc, argv, &arguments);
	conf = conf_read(arguments.file, &said);
	complaints_print(&said, stderr);
	complaints_free(&said);
	if (!conf)
		return EXIT_CONF;
	if (arguments.check_only)
		return report(conf, arguments.verbose);
	lbd.path = arguments.file;
	return run(&lbd, conf);
}
