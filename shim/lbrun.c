/*
 * lbrun: starts a program with liblbshim.so preloaded. Finds the library,
 * changes two variables of the environment, becomes the program.
 */
#include "table.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef LBD_LIBDIR
#define LBD_LIBDIR "/usr/local/lib"
#endif

/* As of env(1) and nohup(1). */
enum {
	EXIT_USAGE = 2,
	EXIT_LBRUN = 125, /* lbrun itself failed */
	EXIT_CANNOT_RUN = 126,
	EXIT_NOT_FOUND = 127,
};

static const char library[] = "liblbshim.so";

static const char usage[] =
	"usage: lbrun [-s SOCKET] [--] PROGRAM ARGS...\n"
	"       lbrun --help | --version\n"
	"Runs PROGRAM with its connections balanced by lbd.\n"
	"SOCKET is lbd's; else LBD_SOCKET, or /run/lbd/lbd.sock.\n";

static _Noreturn void fail(const char *what, const char *why)
{
	fprintf(stderr, "lbrun: %s: %s\n", what, why);
	exit(EXIT_LBRUN);
}

static char *joined(const char *a, const char *between, const char *b)
{
	char *text;

	if (asprintf(&text, "%s%s%s", a, between, b) < 0)
		fail("cannot start", "out of memory");
	return text;
}

/* The directory that lbrun was started from; "" where /proc does not say. */
static void find_own_directory(char directory[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", directory, PATH_MAX - 1);
	char *slash;

	directory[n > 0 ? n : 0] = '\0';
	slash = strrchr(directory, '/');
	if (slash)
		*slash = '\0';
}

/* Beside lbrun, as it is built; else where it is installed. */
static char *find_library(void)
{
	char own[PATH_MAX], *path;

	find_own_directory(own);
	path = joined(own, "/", library);
	if (!access(path, R_OK))
		return path;
	free(path);
	path = joined(LBD_LIBDIR, "/", library);
	if (!access(path, R_OK))
		return path;
	fprintf(stderr, "lbrun: no %s in %s or %s\n", library, own, LBD_LIBDIR);
	exit(EXIT_LBRUN);
}

/* The loader has no way to quote these. */
static void check_library(const char *path)
{
	if (!path[strcspn(path, " \t\n\v\f\r:$")])
		return;
	fprintf(stderr,
		"lbrun: LD_PRELOAD cannot hold \"%s\": blanks and colons end "
		"a name there, $ is replaced; install it elsewhere\n",
		path);
	exit(EXIT_LBRUN);
}

/* Is the library in the list already, by this path or another that works? */
static bool is_preloaded(const char *list, const char *path)
{
	char *copy = joined(list, "", ""), *rest = copy, *entry;
	bool found = false;

	while (!found && (entry = strsep(&rest, " \t\n\v\f\r:"))) {
		const char *slash = strrchr(entry, '/');

		found = !strcmp(entry, path) ||
			(slash && !strcmp(slash + 1, library) &&
				!access(entry, R_OK));
	}
	free(copy);
	return found;
}

static void set_variable(const char *name, const char *value)
{
	if (setenv(name, value, 1))
		fail(name, strerror(errno));
}

/* What others have preloaded keeps its place in front. */
static void set_preload(const char *path)
{
	const char *list = getenv("LD_PRELOAD");
	char *longer;

	if (!list || !*list) {
		set_variable("LD_PRELOAD", path);
		return;
	}
	if (is_preloaded(list, path))
		return;
	longer = joined(list, ":", path);
	set_variable("LD_PRELOAD", longer);
	free(longer);
}

/* The program may change its directory: the path becomes absolute. */
static void set_socket(const char *path)
{
	size_t most = sizeof(((struct sockaddr_un *)0)->sun_path) - 1;
	char *directory = NULL, *absolute;

	if (*path != '/') {
		directory = getcwd(NULL, 0);
		if (!directory)
			fail("current directory", strerror(errno));
	}
	absolute =
		joined(directory ? directory : "", directory ? "/" : "", path);
	if (!*path || strlen(absolute) > most) {
		fprintf(stderr,
			"lbrun: a socket's path has 1 to %zu bytes, not "
			"\"%s\"\n",
			most, *path ? absolute : "");
		exit(EXIT_USAGE);
	}
	set_variable("LBD_SOCKET", absolute);
	free(absolute);
	free(directory);
}

static void print_version(void)
{
	printf("lbrun %s, table layout %d.%d, features: preload\n", LBD_VERSION,
		TABLE_MAJOR, TABLE_MINOR);
}

/* Output that nobody got is not a success. */
static _Noreturn void end_well(void)
{
	if (fflush(stdout))
		fail("standard output", strerror(errno));
	exit(EXIT_SUCCESS);
}

/* The first word that is no option is the program; the rest is its own. */
static const char *read_options(int argc, char **argv)
{
	static const struct option longer[] = {
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{0},
	};
	const char *socket = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "+s:", longer, NULL)) != -1) {
		switch (c) {
		case 's':
			socket = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			end_well();
		case 'V':
			print_version();
			end_well();
		default:
			fputs(usage, stderr);
			exit(EXIT_USAGE);
		}
	}
	return socket;
}

int main(int argc, char **argv)
{
	const char *socket = read_options(argc, argv);
	char *path;
	int error;

	if (optind == argc) {
		fprintf(stderr, "lbrun: no program given\n%s", usage);
		return EXIT_USAGE;
	}
	path = find_library();
	check_library(path);
	set_preload(path);
	free(path);
	if (socket)
		set_socket(socket);
	execvp(argv[optind], argv + optind);
	error = errno;
	fprintf(stderr, "lbrun: cannot run \"%s\": %s\n", argv[optind],
		strerror(error));
	return error == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
}
