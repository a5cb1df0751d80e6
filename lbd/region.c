/*
 * Where regions come from: a memfd of a power of two, all of it allocated, so
 * that no later write can fail; sealed, so that nobody can shrink it under a
 * reader; mode 0400, so that a caller cannot open it for writing.
 */
#include "region.h"
#include "interlude.h"
#include "shim/mapping.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CAPACITY_MIN = 256 * 1024 };

uint64_t region_size(uint64_t slot_need)
{
	uint64_t need = TABLE_FIRST_SLOT +
		TABLE_SLOTS * ((slot_need + 4095) / 4096 * 4096);
	uint64_t capacity = CAPACITY_MIN;

	while (capacity < need)
		capacity *= 2;
	return capacity;
}

/* A read-only description of the same file: /proc is the only way to one. */
static int open_for_readers(int fd)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static const uint64_t strides[][TABLE_PARTS] = {
	[TABLE_KEYS] = {sizeof(struct table_key), sizeof(struct table_name), 8,
		0},
	[TABLE_LIST] = {sizeof(struct table_service),
		sizeof(struct table_backend), 8, 8},
};

static void write_header(struct region *region, uint64_t capacity,
	uint32_t major, const uint64_t stride[TABLE_PARTS])
{
	struct table_map *map = &region->map;
	struct table_header h = {
		.magic = TABLE_MAGIC,
		.layout = (uint64_t)major << 32 | TABLE_MINOR,
		.kind = region->kind,
		.capacity = capacity,
		.slot_size = (capacity - TABLE_FIRST_SLOT) / TABLE_SLOTS /
			4096 * 4096,
	};

	if (getrandom(&h.id, sizeof(h.id), 0) != sizeof(h.id))
		h.id = (uintptr_t)region;
	*map = (struct table_map){.base = region->base,
		.capacity = capacity,
		.slot_size = h.slot_size};
	for (int i = 0; i < TABLE_SLOTS; i++)
		map->slot[i] = h.slot[i] =
			TABLE_FIRST_SLOT + (uint64_t)i * h.slot_size;
	for (int i = 0; i < TABLE_PARTS; i++)
		map->stride[i] = h.stride[i] = stride[i];
	h.checksum = table_sum((const uint64_t *)&h,
		offsetof(struct table_header, checksum) / 8, 0);
	memcpy(region->base, &h, sizeof(h));
	memcpy(region->base + TABLE_HEADER_COPY, &h, sizeof(h));
}

/* A piece at a time: the kernel clears what it gives. */
static bool allocate(struct lbd *lbd, int fd, uint64_t capacity)
{
	for (uint64_t at = 0; at < capacity;
		at += region_piece(capacity - at)) {
		if (fallocate(fd, 0, (off_t)at,
			    (off_t)region_piece(capacity - at)))
			return false;
		interlude(lbd);
	}
	return true;
}

static bool make_file(struct lbd *lbd, struct region *region, uint64_t capacity)
{
	region->fd =
		memfd_create("lbd-region", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (region->fd < 0 || ftruncate(region->fd, (off_t)capacity) ||
		!allocate(lbd, region->fd, capacity) ||
		fchmod(region->fd, 0400))
		return false;
	region->readers_fd = open_for_readers(region->fd);
	return region->readers_fd >= 0;
}

static bool map_file(struct region *region, uint64_t capacity)
{
	void *at = mmap(NULL, capacity, PROT_READ | PROT_WRITE, MAP_SHARED,
		region->fd, 0);

	if (at == MAP_FAILED)
		return false;
	region->base = at;
	region->size = capacity;
	return true;
}

static struct region *new_region(enum table_kind kind)
{
	struct region *region = calloc(1, sizeof(*region));

	if (region) {
		region->kind = kind;
		region->fd = region->readers_fd = -1;
	}
	return region;
}

struct region *region_create_as(struct lbd *lbd, uint32_t major,
	enum table_kind kind, uint64_t slot_need,
	const uint64_t stride[TABLE_PARTS])
{
	struct region *region = new_region(kind);
	uint64_t capacity = region_size(slot_need);
	int err;

	if (!region)
		return NULL;
	if (make_file(lbd, region, capacity) && map_file(region, capacity)) {
		write_header(region, capacity, major, stride);
		if (!fcntl(region->fd, F_ADD_SEALS,
			    F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
			return region;
	}
	err = errno;
	region_close(region);
	errno = err;
	return NULL;
}

struct region *region_create(
	struct lbd *lbd, enum table_kind kind, uint64_t slot_need)
{
	return region_create_as(
		lbd, TABLE_MAJOR, kind, slot_need, strides[kind]);
}

/* Its readers have gone to another, and will not look here any more. */
static bool is_retired(struct region *region)
{
	return table_load(&region_control(region)->flags) &
		(TABLE_SUPERSEDED | TABLE_REVOKED);
}

struct region *region_adopt(int fd, enum table_kind kind)
{
	struct region *region = new_region(kind);
	struct stat st;

	if (!region)
		return NULL;
	region->fd = fd;
	if (!fstat(fd, &st) && st.st_size > 0 &&
		map_file(region, (uint64_t)st.st_size) &&
		mapping_parse(region->base, (uint64_t)st.st_size, kind,
			&region->map) &&
		!is_retired(region)) {
		region->readers_fd = open_for_readers(fd);
		if (region->readers_fd >= 0)
			return region;
	}
	region->fd = -1;
	region_close(region);
	return NULL;
}

bool region_fits(const struct region *region, uint64_t slot_need)
{
	return region && slot_need <= region->map.slot_size;
}

struct table_slot *region_fill(struct region *region)
{
	region->filled =
		table_begin(region->base, &region->map, &region->generation);
	return region->filled;
}

void region_show(struct region *region)
{
	table_commit(region->base, region->filled, region->generation);
	region->filled = NULL;
}

static void close_files(struct region *region)
{
	if (region->readers_fd >= 0)
		close(region->readers_fd);
	if (region->fd >= 0)
		close(region->fd);
	region->readers_fd = region->fd = -1;
}

void region_guard(struct region *region, bool guarded)
{
	if (guarded)
		atomic_fetch_or(&region_control(region)->flags, TABLE_GUARDED);
	else
		atomic_fetch_and(
			&region_control(region)->flags, ~TABLE_GUARDED);
	if (region->before)
		region_guard(region->before, guarded);
}

void region_supersede(struct region *region)
{
	if (!region)
		return;
	atomic_fetch_or(&region_control(region)->flags, TABLE_SUPERSEDED);
	close_files(region);
	region_supersede(region->before);
}

void region_close(struct region *region)
{
	if (!region)
		return;
	region_close(region->before);
	if (region->base)
		munmap(region->base, region->size);
	close_files(region);
	free(region);
}

void region_close_all(struct region *first)
{
	while (first) {
		struct region *next = first->next;

		region_close(first);
		first = next;
	}
}

void region_beat(struct region *region)
{
	atomic_fetch_add(&region_control(region)->heartbeat, 1);
	if (region->before)
		region_beat(region->before);
}
