/*
 * The conversation with lbd:
 *
 *	reach -> request -> replies -> map, close -> validate
 *
 * Whatever comes in is judged before it is believed: what kind of file each
 * descriptor is, every size and offset.
 */
#include "handshake.h"
#include "mapping.h"
#include "pending.h"
#include "raw.h"
#include "reach.h"
#include "real.h"
#include "wire.h"

#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

enum { LISTS_MAX = 65536 };

struct talk {
	int fd;
	uint32_t server;
	uint64_t deadline;
	const char **reason;
	struct attachment *got;
	struct attach_reply reply;
	int fds[ATTACH_FDS]; /* that came with it; -1 once used */
	int fd_count;
};

static bool fail(struct talk *t, const char *reason)
{
	*t->reason = reason;
	return false;
}

/* Connections of another network namespace are not in lbd's counts. */
static uint64_t own_netns(const struct talk *t)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);

	if (raw5(SYS_getsockopt, t->fd, SOL_SOCKET, SO_NETNS_COOKIE,
		    (long)&cookie, (long)&len))
		return 0;
	return cookie;
}

static bool ask(struct talk *t)
{
	struct attach_request request = {
		.magic = ATTACH_MAGIC,
		.major = TABLE_MAJOR,
		.minor = TABLE_MINOR | ATTACH_MORE,
		.netns = own_netns(t),
	};

	if (raw6(SYS_sendto, t->fd, (long)&request, sizeof(request),
		    MSG_NOSIGNAL, 0, 0) != sizeof(request))
		return fail(t, "cannot ask");
	return true;
}

static void close_rest(struct talk *t)
{
	for (int i = 0; i < t->fd_count; i++)
		if (t->fds[i] >= 0)
			raw3(SYS_close, t->fds[i], 0, 0);
	t->fd_count = 0;
}

static void keep_fds(struct talk *t, struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c;) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		const unsigned char *from = CMSG_DATA(c);
		size_t next = CMSG_ALIGN(c->cmsg_len);

		if (c->cmsg_len < CMSG_LEN(0))
			break;
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
			for (size_t i = 0; i < n && t->fd_count < ATTACH_FDS;
				i++, t->fd_count++)
				__builtin_memcpy(&t->fds[t->fd_count],
					from + i * sizeof(int), sizeof(int));
		if ((char *)c - (char *)msg->msg_control + next + sizeof(*c) >
			msg->msg_controllen)
			break;
		c = (struct cmsghdr *)((char *)c + next);
	}
}

/* One reply and its descriptors; a host that is out of fds gets none. */
static bool hear(struct talk *t)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int) * ATTACH_FDS)];
	} control;
	struct iovec iov = {&t->reply, sizeof(t->reply)};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	long n;

	close_rest(t);
	t->reply.door[0] = t->reply.door[1] = 0;
	while ((n = raw3(SYS_recvmsg, t->fd, (long)&msg, MSG_CMSG_CLOEXEC)) ==
		-EAGAIN) {
		int ms = reach_ms_left(t->deadline);

		if (!ms)
			return fail(t, "lbd did not answer in time");
		reach_wait(t->fd, POLLIN, ms);
	}
	if (n >= 0) /* descriptors may come with no bytes */
		keep_fds(t, &msg);
	if (n == 0)
		return fail(t, "lbd closed the connection");
	if ((n != sizeof(t->reply) && n != ATTACH_REPLY_OLDER) ||
		msg.msg_flags & MSG_TRUNC || t->reply.magic != ATTACH_MAGIC)
		return fail(t, "the answer is not lbd's");
	if (t->reply.status == ATTACH_OTHER_MAJOR)
		return fail(t, "lbd and this library are of different layouts");
	if (t->reply.status != ATTACH_OK || t->reply.count > ATTACH_LISTS)
		return fail(t, "the answer is not lbd's");
	if (msg.msg_flags & MSG_CTRUNC)
		return fail(t, "no file descriptors left");
	return true;
}

static int next_fd(struct talk *t, int *used)
{
	return *used < t->fd_count ? t->fds[(*used)++] : -1;
}

static bool map_region(
	struct talk *t, int fd, enum table_kind kind, struct table_map *map)
{
	switch (mapping_region(fd, kind, map)) {
	case MAPPING_OK:
		return true;
	case MAPPING_UNREADABLE:
		return fail(t, "the table is not one this library can read");
	default:
		return fail(t, "cannot map the table");
	}
}

static bool make_room(struct talk *t)
{
	size_t size = sizeof(*t->got) +
		(size_t)t->reply.lists * sizeof(t->got->list[0]);

	if (t->reply.lists > LISTS_MAX)
		return fail(t, "the answer is not lbd's");
	t->got = raw_map(
		size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	if (!t->got)
		return fail(t, "no memory");
	t->got->lists = t->reply.lists;
	t->got->host_hash = t->reply.host_hash;
	t->got->user_hash = t->reply.user_hash;
	t->got->server = t->server;
	t->got->door[0] = t->reply.door[0];
	t->got->door[1] = t->reply.door[1];
	return true;
}

static bool take_lists(struct talk *t, uint64_t *done, int *used)
{
	const struct attach_reply *r = &t->reply;

	if (r->first != *done || r->count > t->got->lists - *done)
		return fail(t, "the answer is not lbd's");
	for (uint32_t i = 0; i < r->count; i++, (*done)++) {
		struct attached_list *list = &t->got->list[*done];

		list->id = r->list[i].id;
		if (r->list[i].permitted &&
			!map_region(
				t, next_fd(t, used), TABLE_LIST, &list->map))
			return false;
	}
	return true;
}

static bool take_replies(struct talk *t)
{
	uint64_t done = 0;
	int used = 0;

	if (!hear(t) || !make_room(t) ||
		!map_region(t, next_fd(t, &used), TABLE_KEYS, &t->got->keys))
		return false;
	t->got->counters =
		mapping_counters(next_fd(t, &used), &t->got->services);
	while (take_lists(t, &done, &used)) {
		if (done == t->got->lists)
			return true;
		used = 0;
		if (!t->reply.count)
			return fail(t, "the answer is not lbd's");
		if (!hear(t))
			return false;
	}
	return false;
}

void handshake_discard(struct attachment *got)
{
	if (!got)
		return;
	for (uint64_t i = 0; i < got->lists; i++)
		mapping_drop(got->list[i].map.base, got->list[i].map.capacity);
	mapping_drop(got->keys.base, got->keys.capacity);
	mapping_drop(got->counters, counters_size(got->services));
	mapping_drop(got, sizeof(*got) + got->lists * sizeof(got->list[0]));
}

struct attachment *handshake(const char *path, const struct attachment *known,
	unsigned wait_ms, const char **reason)
{
	struct talk t = {
		.deadline = real_precise_ms() + wait_ms,
		.reason = reason,
	};
	bool ok;

	t.fd = reach_lbd(path, known, t.deadline, &t.server, reason);
	ok = t.fd >= 0 && ask(&t);
	if (ok)
		pending_prepare(); /* while lbd is waking up */
	ok = ok && take_replies(&t);
	close_rest(&t);
	if (t.fd >= 0)
		raw3(SYS_close, t.fd, 0, 0);
	if (ok)
		return t.got;
	handshake_discard(t.got);
	return NULL;
}

uint64_t handshake_services(const struct attachment *a)
{
	uint64_t g;
	const struct table_slot *slot = table_open(&a->keys, &g);

	return table_load(&slot->part[PART_TOTALS]) & UINT32_MAX;
}
