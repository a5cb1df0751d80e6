/*
 * A table of lbd's and counters, each also as it must not be: not sealed, too
 * short, damaged, opened the wrong way. And what is no such file at all.
 */
#include "odd_files.h"
#include "published.h"
#include "shim/counters.h"
#include "tables.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

int odd_file[KINDS];

static struct published table[PUBLISHED_REGIONS];

static void need(bool is_so)
{
	if (is_so)
		return;
	perror("no files");
	abort();
}

static int make_file(const void *bytes, size_t size, int seals)
{
	int fd = memfd_create("reply", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	need(fd >= 0 && (!size || write(fd, bytes, size) == (ssize_t)size) &&
		!fcntl(fd, F_ADD_SEALS, seals));
	return fd;
}

static int reopen(int fd, int flags)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, flags | O_CLOEXEC);
}

static void make_counters(int seals)
{
	size_t size = counters_size(2);
	struct counters *c = calloc(1, size);

	need(c);
	c->magic = COUNTERS_MAGIC;
	c->services = 2;
	odd_file[COUNTERS] = make_file(c, size, seals);
	odd_file[COUNTERS_FOR_READING] = reopen(odd_file[COUNTERS], O_RDONLY);
	odd_file[COUNTERS_SHORT] = make_file(c, sizeof(*c) - 8, seals);
	c->services = 3;
	odd_file[COUNTERS_OF_MANY] = make_file(c, size, seals);
	free(c);
}

static void make_huge(int seals)
{
	odd_file[HUGE] = make_file(table[1].base, table[1].size, 0);
	need(!ftruncate(odd_file[HUGE], 1L << 36) &&
		!fcntl(odd_file[HUGE], F_ADD_SEALS, seals));
}

void odd_files_make(void)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW;
	const struct table_text *t = &tables[3];
	int ends[2];

	published_make(table, t->stays, t->stays);
	odd_file[KEYS] = make_file(table[0].base, table[0].size, seals);
	odd_file[LIST] = make_file(table[1].base, table[1].size, seals);
	odd_file[NOT_SEALED] = make_file(table[0].base, table[0].size, 0);
	odd_file[SEALED_BY_HALF] =
		make_file(table[1].base, table[1].size, F_SEAL_SHRINK);
	odd_file[SHORT] = make_file(table[0].base, 100, seals);
	odd_file[EMPTY] = make_file(NULL, 0, seals);
	odd_file[FOR_WRITING] = reopen(odd_file[LIST], O_WRONLY);
	make_huge(seals);
	table[1].base[0] ^= 1;
	table[1].base[TABLE_HEADER_COPY + 8] ^= 1;
	odd_file[DAMAGED] = make_file(table[1].base, table[1].size, seals);
	make_counters(seals);
	need(!pipe2(ends, O_CLOEXEC));
	odd_file[A_PIPE] = ends[0];
	odd_file[A_FOLDER] = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	odd_file[A_DEVICE] = open("/dev/zero", O_RDWR | O_CLOEXEC);
	odd_file[A_SOCKET] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	for (int i = 0; i < KINDS; i++)
		need(odd_file[i] >= 0);
}
