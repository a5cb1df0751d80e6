/*
 * A descriptor becomes a map: what kind of file is it, is it sealed, does its
 * header add up? Nothing from the region is believed before that, and what is
 * believed later is bounded by the copy made here.
 */
#include "mapping.h"
#include "raw.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { STRIDE_MAX = 4096 };

/* The smallest entries this build reads; a later minor's are longer. */
static const uint64_t stride_min[][TABLE_PARTS] = {
	[TABLE_KEYS] = {sizeof(struct table_key), sizeof(struct table_name), 8,
		0},
	[TABLE_LIST] = {sizeof(struct table_service),
		sizeof(struct table_backend), 8, 8},
};

static bool header_adds_up(
	const struct table_header *h, uint64_t size, enum table_kind kind)
{
	const size_t words = offsetof(struct table_header, checksum) / 8;

	if (h->magic != TABLE_MAGIC || h->layout >> 32 != TABLE_MAJOR ||
		h->kind != kind || h->capacity != size ||
		h->checksum != table_sum((const uint64_t *)h, words, 0))
		return false;
	if (h->slot_size < sizeof(struct table_slot) || h->slot_size > size)
		return false;
	for (int i = 0; i < TABLE_SLOTS; i++)
		if (h->slot[i] % TABLE_LINE || h->slot[i] < TABLE_FIRST_SLOT ||
			h->slot[i] > size - h->slot_size)
			return false;
	for (int i = 0; i < TABLE_PARTS; i++)
		if (h->stride[i] < stride_min[kind][i] || h->stride[i] % 8 ||
			h->stride[i] > STRIDE_MAX)
			return false;
	return true;
}

/* A copy: the region may change between the check and the use. */
static bool read_header(const char *at, uint64_t size, enum table_kind kind,
	struct table_header *h)
{
	const uint64_t *from = (const void *)at;
	uint64_t *to = (void *)h;

	for (size_t i = 0; i < sizeof(*h) / sizeof(*to); i++)
		to[i] = __atomic_load_n(&from[i], __ATOMIC_RELAXED);
	return header_adds_up(h, size, kind);
}

bool mapping_parse(const char *base, uint64_t size, enum table_kind kind,
	struct table_map *map)
{
	struct table_header h;

	if (size < TABLE_FIRST_SLOT ||
		(!read_header(base, size, kind, &h) &&
			!read_header(base + TABLE_HEADER_COPY, size, kind, &h)))
		return false;
	map->base = base;
	map->capacity = size;
	map->slot_size = h.slot_size;
	for (int i = 0; i < TABLE_SLOTS; i++)
		map->slot[i] = h.slot[i];
	for (int i = 0; i < TABLE_PARTS; i++)
		map->stride[i] = h.stride[i];
	return true;
}

static void *map_sealed(int fd, int protection, uint64_t *size)
{
	const long sealed = F_SEAL_SHRINK | F_SEAL_GROW;
	struct stat st;
	void *at;
	long seals;

	if (fd < 0 || raw3(SYS_fstat, fd, (long)&st, 0) ||
		!S_ISREG(st.st_mode) || st.st_size <= 0)
		return NULL;
	seals = raw3(SYS_fcntl, fd, F_GET_SEALS, 0);
	if (seals < 0 || (seals & sealed) != sealed)
		return NULL;
	at = raw_map((size_t)st.st_size, protection, MAP_SHARED, fd);
	if (!at)
		return NULL;
	raw3(SYS_madvise, (long)at, st.st_size, MADV_DONTDUMP);
	*size = (uint64_t)st.st_size;
	return at;
}

void mapping_drop(const void *at, uint64_t size)
{
	if (at)
		raw3(SYS_munmap, (long)at, (long)size, 0);
}

enum mapping mapping_region(int fd, enum table_kind kind, struct table_map *map)
{
	uint64_t size;
	const char *base = map_sealed(fd, PROT_READ, &size);

	if (!base)
		return MAPPING_FAILED;
	if (mapping_parse(base, size, kind, map))
		return MAPPING_OK;
	mapping_drop(base, size);
	return MAPPING_UNREADABLE;
}

struct counters *mapping_counters(int fd, uint64_t *services)
{
	uint64_t size;
	struct counters *c = map_sealed(fd, PROT_READ | PROT_WRITE, &size);

	if (!c)
		return NULL;
	*services = size < COUNTERS_FIRST ? 0 : c->services;
	if (size >= COUNTERS_FIRST && c->magic == COUNTERS_MAGIC &&
		*services < size && counters_size(*services) <= size)
		return c;
	mapping_drop(c, size);
	return NULL;
}
