/*
 * lbd's command line. What cannot be meant ends lbd before it has done
 * anything.
 */
#include "arguments.h"
#include "shim/table.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char usage[] =
	"usage: lbd [-c FILE]          run in the foreground\n"
	"       lbd -t [-v] [-c FILE]  check the file, exit 0 or 1; -v shows "
	"what it means\n"
	"       lbd --help | --version\n"
	"FILE defaults to /etc/lbd/lbd.ini. SIGHUP reloads it, SIGTERM ends "
	"lbd.\n";

static void print_version(void)
{
	printf("lbd %s, table layout %d.%d, features: tcp-probe http-probe "
	       "grpc-probe talk-probe script-probe rules admin\n",
		LBD_VERSION, TABLE_MAJOR, TABLE_MINOR);
}

void arguments_read(int argc, char **argv, struct arguments *o)
{
	static const struct option longer[] = {
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "c:tv", longer, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->file = optarg;
			break;
		case 't':
			o->check_only = true;
			break;
		case 'v':
			o->verbose = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(EXIT_SUCCESS);
		case 'V':
			print_version();
			exit(EXIT_SUCCESS);
		default:
			fputs(usage, stderr);
			exit(EXIT_USAGE);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "lbd: unexpected argument \"%s\"\n%s",
			argv[optind], usage);
		exit(EXIT_USAGE);
	}
	if (o->verbose && !o->check_only) {
		fprintf(stderr, "lbd: -v goes with -t\n%s", usage);
		exit(EXIT_USAGE);
	}
}
