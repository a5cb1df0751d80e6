/*
 * load4 OBJECT CGROUP SERVICE...: puts the program into the kernel, for all in
 * the control group, with the services, and says "ready". With its end both are
 * gone. A SERVICE is FIRST,PORT,COUNT,BACKEND,PORT,EACH: COUNT services, at
 * FIRST and the addresses above it, over tcp and udp, EACH backends for each of
 * them, in a row from BACKEND on. CGROUP -: the kernel's verifier has its say,
 * and that is all.
 */
#include "tests/bench/ebpf/balance4.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { SERVICES = 16 };

struct services {
	__u32 first, backend; /* host order */
	unsigned port, count, backend_port, each;
};

static struct bpf_object *object;

static void fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static void read_services(const char *text, struct services *s)
{
	char first[16], backend[16];
	struct in_addr a, b;

	if (sscanf(text, "%15[0-9.],%u,%u,%15[0-9.],%u,%u", first, &s->port,
		    &s->count, backend, &s->backend_port, &s->each) != 6 ||
		inet_pton(AF_INET, first, &a) != 1 ||
		inet_pton(AF_INET, backend, &b) != 1) {
		errno = EINVAL;
		fail(text);
	}
	s->first = ntohl(a.s_addr);
	s->backend = ntohl(b.s_addr);
}

/* Its entries in both tables, and what they need of room. */
static unsigned backends_of(const struct services *s)
{
	return s->count * s->each;
}

static unsigned entries_of(const struct services *s)
{
	return 2 * s->count * (s->each + 1);
}

static int map(const char *name)
{
	return bpf_object__find_map_fd_by_name(object, name);
}

static void add(int fd, const void *key, const void *value, const char *what)
{
	if (bpf_map_update_elem(fd, key, value, BPF_ANY))
		fail(what);
}

static void add_backends(const struct services *s, __u32 id)
{
	int fd = map("backends");

	for (__u32 i = 0; i < backends_of(s); i++, id++) {
		struct backend b = {
			.address = htonl(s->backend + i),
			.port = htons((__u16)s->backend_port),
		};

		add(fd, &id, &b, "backends");
	}
}

/* Slot 0 last: who finds a service finds all of it. */
static void add_service(
	const struct services *s, unsigned i, __u8 protocol, __u32 id)
{
	struct service_key key = {
		.address = htonl(s->first + i),
		.port = htons((__u16)s->port),
		.protocol = protocol,
	};
	struct service value = {.id = (__u16)(i + 1)};
	int fd = map("services");

	for (key.slot = 1; key.slot <= s->each; key.slot++) {
		value.backend = id + i * s->each + key.slot - 1;
		add(fd, &key, &value, "services");
	}
	key.slot = 0;
	value.backend = 0;
	value.count = (__u16)s->each;
	add(fd, &key, &value, "services");
}

static void fill(const struct services *s, int n)
{
	for (__u32 id = 1; n > 0; id += backends_of(s), s++, n--) {
		add_backends(s, id);
		for (unsigned i = 0; i < s->count; i++) {
			add_service(s, i, IPPROTO_TCP, id);
			add_service(s, i, IPPROTO_UDP, id);
		}
	}
}

static void size(const char *name, unsigned entries)
{
	struct bpf_map *m = bpf_object__find_map_by_name(object, name);

	if (!m || bpf_map__set_max_entries(m, entries ? entries : 1))
		fail(name);
}

static void load(const char *path, const struct services *s, int n)
{
	unsigned backends = 0, entries = 0;

	for (int i = 0; i < n; i++) {
		backends += backends_of(&s[i]);
		entries += entries_of(&s[i]);
	}
	object = bpf_object__open_file(path, NULL);
	if (!object)
		fail(path);
	size("backends", backends);
	size("services", entries);
	if (bpf_object__load(object))
		fail("bpf()");
}

static void attach(const char *cgroup)
{
	const struct bpf_program *program =
		bpf_object__find_program_by_name(object, "balance_connect4");
	int fd = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		fail(cgroup);
	if (!bpf_program__attach_cgroup(program, fd))
		fail("attaching to the control group");
}

int main(int argc, char **argv)
{
	struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
	struct services s[SERVICES];
	int n = argc - 3;

	if (n < 0 || n > SERVICES) {
		fputs("usage: load4 OBJECT CGROUP SERVICE...\n", stderr);
		return 2;
	}
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	setrlimit(RLIMIT_MEMLOCK, &all); /* kernels before 5.11 count tables */
	for (int i = 0; i < n; i++)
		read_services(argv[i + 3], &s[i]);
	load(argv[1], s, n);
	fill(s, n);
	if (strcmp(argv[2], "-")) {
		attach(argv[2]);
		puts("ready");
		fflush(stdout);
		for (;;)
			pause();
	}
	puts("ready");
	return 0;
}
