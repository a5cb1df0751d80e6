/*
 * Hashes of machine and user, for maglev: no seed, no pointer, no clock goes
 * into them, so that every lbd of a fleet sends the same caller to the same
 * backend, today and tomorrow.
 */
#include "origin.h"
#include "shim/table.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_MAX = 256 };

uint64_t origin_of_text(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325ULL; /* FNV-1a */

	for (; *text && !strchr(" \t\n", *text); text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3ULL;
	return table_mix(hash);
}

/* An image that has not been booted yet has an empty one, or says so. */
static bool read_machine_id(char text[TEXT_MAX])
{
	int fd = open("/etc/machine-id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, TEXT_MAX - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return *text && *text != '\n' && strncmp(text, "uninitialized", 13);
}

uint64_t origin_of_host(void)
{
	char text[TEXT_MAX];

	if (!read_machine_id(text) && gethostname(text, sizeof(text)))
		*text = '\0';
	text[sizeof(text) - 1] = '\0';
	return origin_of_text(text);
}

uint64_t origin_of_user(uid_t user)
{
	char text[TEXT_MAX];

	snprintf(text, sizeof(text), "user:%u", user);
	return origin_of_text(text);
}
