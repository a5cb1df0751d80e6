/*
 * A program that looks one name up and prints what it got, one address per
 * line. Knows nothing of the load balancer; runs with any libc.
 *
 *	lookups [xN] getaddrinfo NODE SERVICE [WORD]...
 *	lookups [xN] gethostbyname NAME
 *	lookups [xN] gethostbyname2 NAME 4|6
 *	lookups [xN] gethostbyname_r NAME [SIZE]
 *	lookups [xN] gethostbyname2_r NAME 4|6 [SIZE]
 *
 * "-" is NULL. WORDs make hints: 4 6 unix stream dgram tcp passive canon
 * numeric numericserv config mapped all bad; "hints" alone makes empty ones.
 * xN does it N times and prints the last. An errno that changed though the
 * call succeeded is a line of its own.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { MARK = 4711, ROOM = 8192 };

/* What a hint's word stands for. */
static const struct {
	const char *word;
	struct addrinfo hint;
} hints_of[] = {
	{"4", {.ai_family = AF_INET}},
	{"6", {.ai_family = AF_INET6}},
	{"unix", {.ai_family = AF_UNIX}},
	{"stream", {.ai_socktype = SOCK_STREAM}},
	{"dgram", {.ai_socktype = SOCK_DGRAM}},
	{"tcp", {.ai_protocol = IPPROTO_TCP}},
	{"passive", {.ai_flags = AI_PASSIVE}},
	{"canon", {.ai_flags = AI_CANONNAME}},
	{"numeric", {.ai_flags = AI_NUMERICHOST}},
	{"numericserv", {.ai_flags = AI_NUMERICSERV}},
	{"config", {.ai_flags = AI_ADDRCONFIG}},
	{"mapped", {.ai_flags = AI_V4MAPPED}},
	{"all", {.ai_flags = AI_ALL}},
	{"bad", {.ai_flags = 1 << 28}},
	{"hints", {0}},
};

static const char *error_name(int error)
{
	switch (error) {
	case EAI_BADFLAGS:
		return "EAI_BADFLAGS";
	case EAI_NONAME:
		return "EAI_NONAME";
	case EAI_AGAIN:
		return "EAI_AGAIN";
	case EAI_FAIL:
		return "EAI_FAIL";
	case EAI_FAMILY:
		return "EAI_FAMILY";
	case EAI_SOCKTYPE:
		return "EAI_SOCKTYPE";
	case EAI_SERVICE:
		return "EAI_SERVICE";
	case EAI_MEMORY:
		return "EAI_MEMORY";
	case EAI_SYSTEM:
		return "EAI_SYSTEM";
	case -5: /* musl's headers have no EAI_NODATA */
		return "EAI_NODATA";
	case -9:
		return "EAI_ADDRFAMILY";
	default:
		return "EAI_?";
	}
}

static const char *h_error_name(int error)
{
	switch (error) {
	case HOST_NOT_FOUND:
		return "HOST_NOT_FOUND";
	case TRY_AGAIN:
		return "TRY_AGAIN";
	case NO_RECOVERY:
		return "NO_RECOVERY";
	case NO_DATA:
		return "NO_DATA";
	default:
		return error == -1 ? "NETDB_INTERNAL" : "h_errno ?";
	}
}

static const char *or_null(const char *arg)
{
	return arg && strcmp(arg, "-") != 0 ? arg : NULL;
}

static void add_hint(struct addrinfo *hints, const char *word)
{
	for (size_t i = 0; i < sizeof(hints_of) / sizeof(hints_of[0]); i++) {
		const struct addrinfo *h = &hints_of[i].hint;

		if (strcmp(hints_of[i].word, word) != 0)
			continue;
		hints->ai_flags |= h->ai_flags;
		hints->ai_family |= h->ai_family;
		hints->ai_socktype |= h->ai_socktype;
		hints->ai_protocol |= h->ai_protocol;
		return;
	}
	fprintf(stderr, "lookups: what is \"%s\"?\n", word);
	exit(2);
}

static void print_node(const struct addrinfo *p)
{
	char host[INET6_ADDRSTRLEN];
	const struct sockaddr_in *in = (const void *)p->ai_addr;
	const struct sockaddr_in6 *in6 = (const void *)p->ai_addr;
	const void *at = &in6->sin6_addr;

	if (p->ai_family == AF_INET)
		at = &in->sin_addr;
	inet_ntop(p->ai_family, at, host, sizeof(host));
	printf("%s port %d type %d protocol %d", host, ntohs(in->sin_port),
		p->ai_socktype, p->ai_protocol);
	if (p->ai_family == AF_INET6 && in6->sin6_scope_id)
		printf(" scope %u", in6->sin6_scope_id);
	if (p->ai_addr->sa_family != p->ai_family ||
		p->ai_addrlen !=
			(p->ai_family == AF_INET ? sizeof(*in) : sizeof(*in6)))
		printf(" inconsistent");
	putchar('\n');
}

static void look_up_info(char **arg, int last)
{
	struct addrinfo hints = {0}, *result = NULL;
	char **word = arg[0] && arg[1] ? arg + 2 : arg;
	const char *node = or_null(arg[0]);
	const char *service = arg[0] ? or_null(arg[1]) : NULL;
	int rc;

	for (char **w = word; *w; w++)
		add_hint(&hints, *w);
	errno = MARK;
	rc = getaddrinfo(node, service, *word ? &hints : NULL, &result);
	if (last && rc)
		puts(error_name(rc));
	if (rc)
		return;
	if (last && errno != MARK)
		printf("errno %d\n", errno);
	if (last && hints.ai_flags & AI_CANONNAME)
		printf("canonical %s\n", result->ai_canonname);
	for (struct addrinfo *p = result; last && p; p = p->ai_next)
		print_node(p);
	freeaddrinfo(result);
}

static void print_entry(const struct hostent *h, int error)
{
	char host[INET6_ADDRSTRLEN];

	if (!h) {
		puts(h_error_name(error));
		return;
	}
	if (errno != MARK)
		printf("errno %d\n", errno);
	printf("name %s\n", h->h_name);
	for (char **alias = h->h_aliases; *alias; alias++)
		printf("alias %s\n", *alias);
	for (char **at = h->h_addr_list; *at; at++)
		printf("%s length %d\n",
			inet_ntop(h->h_addrtype, *at, host, sizeof(host)),
			h->h_length);
}

static void look_up_entry(const char *call, char **arg, int last)
{
	int two = strncmp(call, "gethostbyname2", 14) == 0;
	int family = two && arg[1] && *arg[1] == '6' ? AF_INET6 : AF_INET;
	const char *size = arg[1] && two ? arg[2] : arg[1];
	static char room[ROOM];
	size_t n = size ? strtoul(size, NULL, 10) : sizeof(room);
	struct hostent entry, *h = NULL;
	int rc = 0, error = MARK;

	errno = MARK;
	if (strcmp(call, "gethostbyname") == 0)
		h = gethostbyname(arg[0]);
	else if (strcmp(call, "gethostbyname2") == 0)
		h = gethostbyname2(arg[0], family);
	else if (two)
		rc = gethostbyname2_r(
			arg[0], family, &entry, room, n, &h, &error);
	else
		rc = gethostbyname_r(arg[0], &entry, room, n, &h, &error);
	if (!last)
		return;
	print_entry(h, strstr(call, "_r") ? error : h_errno);
	if (rc)
		printf("returned %s\n", rc == ERANGE ? "ERANGE" : strerror(rc));
}

int main(int argc, char **argv)
{
	char **arg = argv + 1;
	long times = argc > 1 && *arg[0] == 'x' ? atol(*arg++ + 1) : 1;

	if (!arg[0] || !arg[1]) {
		fprintf(stderr, "usage: lookups [xN] CALL NAME ...\n");
		return 2;
	}
	while (times-- > 0)
		if (strcmp(arg[0], "getaddrinfo") == 0)
			look_up_info(arg + 1, !times);
		else
			look_up_entry(arg[0], arg + 1, !times);
	return 0;
}
