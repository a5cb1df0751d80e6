/*
 * What a program and lbd say to each other, once per attach, over a
 * SOCK_SEQPACKET Unix socket: one request, then replies of up to ATTACH_LISTS
 * lists each. Both run on one machine: host byte order.
 *
 * The first reply carries the descriptors of the key region and of the
 * caller's counters, then, like all further ones, those of the list regions
 * that it permits, in the order of its lists.
 */
#ifndef SHIM_WIRE_H
#define SHIM_WIRE_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#define ATTACH_MAGIC 0x3168636174746162ULL

enum { ATTACH_LISTS = 64, ATTACH_FDS = ATTACH_LISTS + 2 };

enum attach_status {
	ATTACH_OK = 1,
	ATTACH_OTHER_MAJOR = 2, /* lbd does not serve the caller's layout */
};

struct attach_request {
	uint64_t magic;
	uint32_t major; /* of the table layout that the caller reads */
	uint32_t minor; /* of the same; and ATTACH_MORE */
	uint64_t netns; /* SO_NETNS_COOKIE; 0 = the kernel does not say */
};
static_assert(sizeof(struct attach_request) == 24, "layout is ABI");

/* The caller takes a whole attach_reply; others only know it up to `door`. */
#define ATTACH_MORE 0x80000000U

struct attach_list {
	uint32_t id;	    /* not permitted, minor 1 on: table_key.refusal */
	uint32_t permitted; /* 1: its region's descriptor comes along */
};

struct attach_reply {
	uint64_t magic;
	uint32_t major, minor;
	uint32_t status;	       /* enum attach_status */
	uint32_t lists;		       /* in all replies together */
	uint32_t first;		       /* index of list[0] */
	uint32_t count;		       /* in this one */
	uint64_t host_hash, user_hash; /* for maglev; the same everywhere, as
					  long as machine and user are */
	struct attach_list list[ATTACH_LISTS];
	uint64_t door[2]; /* attach_door_name(); zeros: none */
};
static_assert(sizeof(struct attach_reply) == 64 + 8 * ATTACH_LISTS, "ABI");

/* What older ones send and take. */
enum { ATTACH_REPLY_OLDER = offsetof(struct attach_reply, door) };

/*
 * The name of the abstract socket that lbd listens at besides its path, into
 * `path` of a sockaddr_un; returns how many bytes it has.
 */
static inline unsigned attach_door_name(const uint64_t door[2], char *path)
{
	const char first[] = "\0lbd-";
	unsigned n = 0;

	while (n < sizeof(first) - 1) {
		path[n] = first[n];
		n++;
	}
	for (int i = 0; i < 32; i++)
		path[n++] = "0123456789abcdef"[door[i / 16] >> i % 16 * 4 & 15];
	return n;
}

#endif
