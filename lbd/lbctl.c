/*
 * lbctl: asks a running lbd, and says what it answered in words for people.
 * Every verb is a row of the table below; how it ends is its exit status.
 */
#include "lbctl.h"
#include "conf.h"

#include <curl/curl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

enum {
	STATUS_PATIENCE_S = 10,
	RELOAD_PATIENCE_S = 60, /* a million backends take a while */
};

struct verb {
	const char *name, *args, *help;
	int least, most; /* operands */
	bool json;	 /* takes --json */
	enum lbctl_exit (*run)(
		const struct lbctl_options *options, const char *operand);
};

static void print_error(const struct lbctl_answer *a)
{
	const char *error =
		json_string_value(json_object_get(a->json, "error"));

	if (error)
		fprintf(stderr, "lbctl: %s\n", error);
	else
		fprintf(stderr, "lbctl: lbd answered with HTTP status %ld\n",
			a->status);
}

static enum lbctl_exit run_status(
	const struct lbctl_options *options, const char *name)
{
	struct lbctl_question question = {
		.method = "GET",
		.path = name ? "/api/v1/services/" : "/api/v1/services",
		.name = name,
		.patience_s = STATUS_PATIENCE_S,
		.raw = options->json,
	};
	struct lbctl_answer answer;
	enum lbctl_exit rc = lbctl_ask(options->socket, &question, &answer);

	if (rc == LBCTL_OK && answer.status != 200) {
		print_error(&answer);
		rc = LBCTL_FAILED;
	} else if (rc == LBCTL_OK && options->json) {
		fwrite(answer.text, 1, answer.size, stdout);
	} else if (rc == LBCTL_OK && name) {
		lbctl_print_service(answer.json);
	} else if (rc == LBCTL_OK) {
		lbctl_print_services(answer.json);
	}
	lbctl_answer_free(&answer);
	return rc;
}

static void print_lines(const json_t *lines)
{
	for (size_t i = 0; i < json_array_size(lines); i++)
		fprintf(stderr, "%s\n",
			json_string_value(json_array_get(lines, i)));
}

/* Errors last: they are what is to be read first. */
static enum lbctl_exit print_reload(const struct lbctl_answer *a)
{
	const json_t *reloaded = json_object_get(a->json, "reloaded");

	if (!reloaded) {
		print_error(a);
		return LBCTL_FAILED;
	}
	print_lines(json_object_get(a->json, "warnings"));
	print_lines(json_object_get(a->json, "errors"));
	if (json_is_true(reloaded)) {
		puts("reloaded");
		return LBCTL_OK;
	}
	fputs("lbctl: not reloaded; lbd goes on with what it has\n", stderr);
	return LBCTL_FAILED;
}

static enum lbctl_exit run_reload(
	const struct lbctl_options *options, const char *operand)
{
	static const struct lbctl_question question = {
		.method = "POST",
		.path = "/api/v1/reload",
		.patience_s = RELOAD_PATIENCE_S,
	};
	struct lbctl_answer answer;
	enum lbctl_exit rc = lbctl_ask(options->socket, &question, &answer);

	(void)operand;
	if (rc == LBCTL_OK)
		rc = print_reload(&answer);
	lbctl_answer_free(&answer);
	return rc;
}

/* What lbd -t -c FILE says, and ends with. */
static enum lbctl_exit run_check(
	const struct lbctl_options *options, const char *file)
{
	struct complaints said = {0};
	struct conf *conf = conf_read(file, &said);

	(void)options;
	complaints_print(&said, stderr);
	complaints_free(&said);
	if (!conf)
		return LBCTL_FAILED;
	conf_free(conf);
	return LBCTL_OK;
}

static const struct verb verbs[] = {
	{"status", "[SERVICE] [--json]",
		"services, their backends, and how they are", 0, 1, true,
		run_status},
	{"reload", "", "have lbd read its file again; waits until it has", 0, 0,
		false, run_reload},
	{"check", "FILE", "check a file as lbd -t does; asks no lbd", 1, 1,
		false, run_check},
	{0},
};

static void print_usage(FILE *to)
{
	fputs("usage: lbctl [-s ADMIN_SOCKET] VERB\n"
	      "       lbctl --help | --version\n",
		to);
	for (const struct verb *v = verbs; v->name; v++)
		fprintf(to, "  %s %-*s  %s\n", v->name,
			26 - (int)strlen(v->name), v->args, v->help);
	fputs("ADMIN_SOCKET: -s, or LBD_ADMIN, or /run/lbd/admin.sock.\n"
	      "Exit: 0, 1 failed, 2 usage, 3 lbd not reachable, 4 timed out.\n",
		to);
}

static void print_version(void)
{
	printf("lbctl %s, table layout %d.%d, features: status reload check\n",
		LBD_VERSION, TABLE_MAJOR, TABLE_MINOR);
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

static void read_options(int argc, char **argv, struct lbctl_options *o)
{
	static const struct option longer[] = {
		{"help", no_argument, NULL, 'h'},
		{"json", no_argument, NULL, 'j'},
		{"version", no_argument, NULL, 'V'},
		{0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "s:", longer, NULL)) != -1) {
		switch (c) {
		case 's':
			o->socket = optarg;
			break;
		case 'j':
			o->json = true;
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
	if (options.json && !verb->json) {
		fprintf(stderr, "lbctl: %s takes no --json\n", verb->name);
		end_with_usage();
	}
	check_socket(options.socket);
	curl_global_init(CURL_GLOBAL_NOTHING);
	rc = verb->run(&options, argv[optind]);
	curl_global_cleanup();
	return finish(rc);
}
