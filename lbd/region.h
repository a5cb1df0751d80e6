/*
 * A region as lbd holds it: a sealed memfd, mapped for writing. Whatever is done
 * to it here is done to the one in the layout before, too.
 */
#ifndef LBD_REGION_H
#define LBD_REGION_H

#include "shim/table.h"

struct lbd;

struct region {
	struct region *next;   /* of those that the table has outgrown */
	struct region *before; /* the same in the layout before; NULL: none */
	enum table_kind kind;
	int fd;		/* ours, for writing */
	int readers_fd; /* what callers are sent: opened read-only */
	char *base;
	size_t size;
	struct table_map map;
	struct table_slot *filled; /* not shown to anybody yet; or NULL */
	uint64_t generation;	   /* of that */
};

static inline struct table_control *region_control(const struct region *region)
{
	return (void *)(region->base + TABLE_CONTROL);
}

/* Of so many bytes, what is allocated or wiped between two interludes. */
static inline uint64_t region_piece(uint64_t bytes)
{
	const uint64_t most = 4 << 20;

	return bytes < most ? bytes : most;
}

/* Bytes of memory that a region takes whose slots hold so many. */
uint64_t region_size(uint64_t slot_need);

/*
 * A region whose slots hold `slot_need` bytes; NULL and errno. It takes long
 * where they are large: with interludes, as all that takes `lbd` here; NULL: at
 * once.
 */
struct region *region_create(
	struct lbd *lbd, enum table_kind kind, uint64_t slot_need);

/* One that holds as many bytes, of entries with these strides, in the layout of
 * `major`; it is not `map`ped as such, but its slots are. NULL and errno. */
struct region *region_create_as(struct lbd *lbd, uint32_t major,
	enum table_kind kind, uint64_t slot_need,
	const uint64_t stride[TABLE_PARTS]);

/*
 * The region behind a memfd that another lbd has written, at whatever point it
 * died: NULL if its header is not whole, or another region has taken over from
 * it. Takes the fd over on success. Nothing in lbd calls it today, for a
 * restarted one makes regions of its own: it is what a successor would begin
 * with that takes them over, and tests do.
 */
struct region *region_adopt(int fd, enum table_kind kind);

/* The next slot, to be filled; nobody is sent there before region_show(). */
struct table_slot *region_fill(struct region *region);

/* Sends readers to the slot that was filled. */
void region_show(struct region *region);

bool region_fits(const struct region *region, uint64_t slot_need);

/* Tells callers that another region took over; no more are sent here.
 * NULL is fine. */
void region_supersede(struct region *region);

/* Closes it to everybody who has it mapped: nothing stays that was published. */
void region_revoke(struct lbd *lbd, struct region *region);

/*
 * Takes back what was published before, now that nobody is sent there: all but
 * the first `used` bytes of the slot that readers are in.
 */
void region_forget(struct lbd *lbd, struct region *region, uint64_t used);

/* Lets go without a word: whoever has it mapped reads on. NULL is fine. */
void region_close(struct region *region);

/* All of a chain. NULL is fine. */
void region_revoke_all(struct lbd *lbd, struct region *first);
void region_close_all(struct region *first);

/* Says whether the list has rules. */
void region_guard(struct region *region, bool guarded);

/* Moves the heartbeat that tells callers that lbd lives. */
void region_beat(struct region *region);

#endif
