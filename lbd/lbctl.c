/*
 * lbctl: asks a running lbd, and says what it answered in words for people.
 * Every verb is a row of the table below; how it ends is its exit status.
 */
#include "lbctl.h"
#include "conf.h"

#include <curl/curl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

enum { HELP_AT = 38 /* column */ };
enum { TAKES_JSON = 1, TAKES_TIMEOUT = 2, TAKES_IDENTITY = 4 };

struct verb {
	const char *name, *args, *help;
	int least, most; /* operands */
	unsigned takes;	 /* TAKES_* */
	lbctl_verb *run;
};

static const struct verb verbs[] = {
	{"status", "[SERVICE] [--json]",
		"services, their backends, and how they are", 0, 1, TAKES_JSON,
		lbctl_status},
	{"explain",
		"ADDRESS|NAME [--as USER] [--pid PID] [--exe PATH] [--json]",
		"what a connect() there would meet, and why", 1, 1,
		TAKES_JSON | TAKES_IDENTITY, lbctl_explain},
	{"drain", "SERVICE/BACKEND", "no new connections to it", 1, 1, 0,
		lbctl_drain},
	{"wait-drained", "SERVICE/BACKEND [--timeout DURATION]",
		"until none of its connections is left", 1, 1, TAKES_TIMEOUT,
		lbctl_wait_drained},
	{"maint", "SERVICE/BACKEND", "drain it, and do not probe it", 1, 1, 0,
		lbctl_maint},
	{"ready", "SERVICE/BACKEND", "end of drain or maint: health decides", 1,
		1, 0, lbctl_ready},
	{"weight", "SERVICE/BACKEND N|default",
		"weigh it 1..256, or as in the file", 2, 2, 0, lbctl_weight},
	{"reload", "", "have lbd read its file again; waits until it has", 0, 0,
		0, lbctl_reload},
	{"check", "FILE", "check a file as lbd -t does; asks no lbd", 1, 1, 0,
		lbctl_check},
	{0},
};

/* What does not fit in front of the help stands on a line of its own. */
static void print_verb(FILE *to, const struct verb *v)
{
	int used = fprintf(to, "  %s %s", v->name, v->args);

	if (used > HELP_AT - 2) {
		fputc('\n', to);
		used = 0;
	}
	fprintf(to, "%*s%s\n", HELP_AT - used, "", v->help);
}

static void print_usage(FILE *to)
{
	fputs("usage: lbctl [-s ADMIN_SOCKET] VERB\n"
	      "       lbctl --help | --version\n",
		to);
	for (const struct verb *v = verbs; v->name; v++)
		print_verb(to, v);
	fputs("ADMIN_SOCKET: -s, or LBD_ADMIN, or /run/lbd/admin.sock. "
	      "DURATION: "
	      "500ms, 30s, 5m.\n"
	      "Exit: 0, 1 failed, 2 usage, 3 lbd not reachable, 4 timed out.\n",
		to);
}

static void print_version(void)
{
	printf("lbctl %s, table layout %d.%d, features:", LBD_VERSION,
		TABLE_MAJOR, TABLE_MINOR);
	for (const struct verb *v = verbs; v->name; v++)
		printf(" %s", v->name);
	putchar('\n');
}

static _Noreturn void end_with_usage(void)
{
	print_usage(stderr);
	exit(LBCTL_USAGE);
}

/* Output that nobody got is not a success. */
static enum lbctl_exit finish(enum lbctl_exit rc)
{
	if (!fflush(stdout) && !ferror(stdout))
		return rc;
	perror("lbctl: standard output");
	return rc == LBCTL_OK ? LBCTL_FAILED : rc;
}

static const struct verb *find_verb(const char *name)
{
	for (const struct verb *v = verbs; v->name; v++)
		if (!strcmp(v->name, name))
			return v;
	fprintf(stderr, "lbctl: unknown verb \"%s\"\n", name);
	end_with_usage();
}

static void check_operands(const struct verb *v, int count, char **operand)
{
	if (count < v->least)
		fprintf(stderr, "lbctl: %s needs %s\n", v->name, v->args);
	else if (count > v->most)
		fprintf(stderr, "lbctl: unexpected argument \"%s\"\n",
			operand[v->most]);
	else
		return;
	end_with_usage();
}

static void check_socket(const char *socket)
{
	size_t most = sizeof(((struct sockaddr_un *)0)->sun_path) - 1;
	size_t length = strlen(socket);

	if (length && length <= most)
		return;
	fprintf(stderr,
		"lbctl: a socket's path has 1 to %zu bytes, not \"%s\"\n", most,
		socket);
	exit(LBCTL_USAGE);
}

static void read_timeout(const char *text, struct lbctl_options *o)
{
	if (conf_duration(text, &o->timeout_ms))
		return;
	fprintf(stderr,
		"lbctl: --timeout must be 1ms..24h (units: ms, s, m, h), "
		"not \"%s\"\n",
		text);
	exit(LBCTL_USAGE);
}

static void read_pid(const char *text, struct lbctl_options *o)
{
	if (conf_number(text, 1, INT_MAX, &o->pid))
		return;
	fprintf(stderr, "lbctl: --pid must be a process ID, not \"%s\"\n",
		text);
	exit(LBCTL_USAGE);
}

static void read_exe(const char *text, struct lbctl_options *o)
{
	o->exe = text;
	if (*text == '/')
		return;
	fprintf(stderr, "lbctl: --exe must be an absolute path, not \"%s\"\n",
		text);
	exit(LBCTL_USAGE);
}

static void read_options(int argc, char **argv, struct lbctl_options *o)
{
	static const struct option longer[] = {
		{"as", required_argument, NULL, 'a'},
		{"exe", required_argument, NULL, 'e'},
		{"help", no_argument, NULL, 'h'},
		{"json", no_argument, NULL, 'j'},
		{"pid", required_argument, NULL, 'p'},
		{"timeout", required_argument, NULL, 't'},
		{"version", no_argument, NULL, 'V'},
		{0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "s:", longer, NULL)) != -1) {
		switch (c) {
		case 's':
			o->socket = optarg;
			break;
		case 'a':
			o->as = optarg;
			break;
		case 'e':
			read_exe(optarg, o);
			break;
		case 'p':
			read_pid(optarg, o);
			break;
		case 'j':
			o->json = true;
			break;
		case 't':
			read_timeout(optarg, o);
			break;
		case 'h':
			print_usage(stdout);
			exit(finish(LBCTL_OK));
		case 'V':
			print_version();
			exit(finish(LBCTL_OK));
		default:
			end_with_usage();
		}
	}
}

static void check_options(const struct verb *v, const struct lbctl_options *o)
{
	const char *extra = NULL;

	if (o->json && !(v->takes & TAKES_JSON))
		extra = "--json";
	if (o->timeout_ms && !(v->takes & TAKES_TIMEOUT))
		extra = "--timeout";
	if (!(v->takes & TAKES_IDENTITY))
		extra = o->as	 ? "--as"
			: o->pid ? "--pid"
			: o->exe ? "--exe"
				 : extra;
	if (o->as && o->pid) {
		fputs("lbctl: --as and --pid exclude each other\n", stderr);
		end_with_usage();
	}
	if (!extra)
		return;
	fprintf(stderr, "lbctl: %s takes no %s\n", v->name, extra);
	end_with_usage();
}

int main(int argc, char **argv)
{
	const char *named = getenv("LBD_ADMIN");
	struct lbctl_options options = {
		.socket = named && *named ? named : "/run/lbd/admin.sock",
	};
	const struct verb *verb;
	enum lbctl_exit rc;

	read_options(argc, argv, &options);
	if (optind == argc)
		end_with_usage();
	verb = find_verb(argv[optind++]);
	check_operands(verb, argc - optind, argv + optind);
	check_options(verb, &options);
	check_socket(options.socket);
	curl_global_init(CURL_GLOBAL_NOTHING);
	rc = verb->run(&options, argv + optind);
	curl_global_cleanup();
	return finish(rc);
}
