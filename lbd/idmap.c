/*
 * What a user namespace makes of numbers: those of its map mean what they say,
 * and whoever has none in it is shown as nobody, whose own number then means
 * nothing.
 */
#include "idmap.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	LINE_BYTES = 33, /* three numbers of ten digits */
	MAP_BYTES = IDMAP_RANGES * LINE_BYTES + 1,
	NOBODY = 65534, /* where /proc does not say */
};

static void read_text(const char *path, char *to, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t size = 0;
	ssize_t n;

	while (fd >= 0 && (n = read(fd, to + size, room - 1 - size)) > 0)
		size += (size_t)n;
	if (fd >= 0)
		close(fd);
	to[size] = '\0';
}

/* Ranges do not overlap. */
void idmap_parse(struct idmap *map, const char *text, unsigned nobody)
{
	unsigned first, outside, count;
	uint64_t all = 0;
	int length;

	*map = (struct idmap){.nobody = nobody};
	while (map->ranges < IDMAP_RANGES &&
		sscanf(text, "%u %u %u%n", &first, &outside, &count, &length) ==
			3) {
		map->range[map->ranges].first = first;
		map->range[map->ranges++].count = count;
		all += count;
		text += length;
	}
	map->all = all >= UINT32_MAX - 1;
}

static void read_map(
	struct idmap *map, const char *path, const char *nobody_path)
{
	char text[MAP_BYTES], nobody[LINE_BYTES];

	read_text(path, text, sizeof(text));
	read_text(nobody_path, nobody, sizeof(nobody));
	idmap_parse(map, text,
		*nobody ? (unsigned)strtoul(nobody, NULL, 10) : NOBODY);
}

void idmap_of_users(struct idmap *map)
{
	read_map(map, "/proc/self/uid_map", "/proc/sys/kernel/overflowuid");
}

void idmap_of_groups(struct idmap *map)
{
	read_map(map, "/proc/self/gid_map", "/proc/sys/kernel/overflowgid");
}

bool idmap_knows(const struct idmap *map, unsigned id)
{
	if (map->all)
		return true;
	if (id == map->nobody)
		return false;
	for (unsigned i = 0; i < map->ranges; i++)
		if (id - map->range[i].first < map->range[i].count)
			return true;
	return !map->ranges;
}
