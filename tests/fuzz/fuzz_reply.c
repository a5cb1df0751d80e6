/*
 * Any answer to a program that attaches, with any descriptors: it has all of
 * what was promised, or nothing. No descriptor and no memory is left behind in
 * either case.
 *
 *	options | descriptors that there are left | answers, each: struct packet,
 *	then a byte for each descriptor that comes with it
 */
#include "fuzz.h"
#include "odd_files.h"
#include "shim/handshake.h"
#include "shim/reach.h"
#include "shim/real.h"
#include "shim/wire.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { WITH_CREDENTIALS = 1, WITH_TIME = 2, ENDS = 4, FEW = 8 };
enum { PACKETS = 4, FDS_MOST = 80, FDS_SURE = 50, NUMBERS = 256 };

/* Sizes of an answer, besides so many words. */
enum { ALL_OF_IT, AS_OLDER, LONGER };

struct packet {
	uint8_t size, fds, lists, count;
	uint8_t first;	   /* added to what it should be */
	uint8_t split;	   /* descriptors in a control message of their own */
	uint8_t where, is; /* one word of it is another */
	uint64_t permitted, word;
} __attribute__((packed));

static int talk[2];

struct real real = {.clock_gettime = clock_gettime};

/* The other end of it is this process's too. */
int reach_lbd(const char *path, const struct attachment *known,
	uint64_t deadline, uint32_t *server, const char **reason)
{
	(void)path;
	(void)known;
	(void)deadline;
	(void)reason;
	*server = 0;
	return talk[0];
}

int reach_ms_left(uint64_t deadline)
{
	(void)deadline;
	return 0; /* what has not come by now does not come */
}

void reach_wait(int fd, int events, int ms)
{
	(void)fd;
	(void)events;
	(void)ms;
}

static void want(bool is_so, const char *broken)
{
	if (is_so)
		return;
	fprintf(stderr, "%s\n", broken);
	abort();
}

/* What was said so far, and whether it is to be believed. */
struct story {
	const uint8_t *kind[PACKETS];
	struct attach_reply reply[PACKETS];
	size_t size[PACKETS];
	unsigned fds[PACKETS], packets, most_fds;
	uint32_t done, lists; /* as it should be */
};

static void *put_fds(struct cmsghdr *c, const uint8_t *kind, unsigned fds)
{
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(fds * sizeof(int));
	for (unsigned i = 0; i < fds; i++)
		memcpy(CMSG_DATA(c) + i * sizeof(int),
			&odd_file[kind[i] % KINDS], sizeof(int));
	return (char *)c + CMSG_SPACE(fds * sizeof(int));
}

static bool send_packet(const struct packet *p, const uint8_t *kind,
	unsigned fds, const struct attach_reply *reply, size_t size)
{
	union {
		struct cmsghdr align;
		char room[2 * CMSG_SPACE(sizeof(int) * FDS_MOST)];
	} control;
	char bytes[2 * sizeof(*reply)] = {0};
	struct iovec iov = {bytes, size};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	unsigned split = fds ? p->split % fds : 0;
	char *end = control.room;

	memcpy(bytes, reply, sizeof(*reply));
	memset(&control, 0, sizeof(control));
	if (split)
		end = put_fds(&control.align, kind, split);
	if (fds)
		end = put_fds((void *)end, kind + split, fds - split);
	msg.msg_controllen = (size_t)(end - control.room);
	msg.msg_control = msg.msg_controllen ? &control : NULL;
	return sendmsg(talk[1], &msg, MSG_NOSIGNAL | MSG_DONTWAIT) ==
		(ssize_t)size;
}

static size_t size_of(const struct packet *p)
{
	switch (p->size) {
	case ALL_OF_IT:
		return sizeof(struct attach_reply);
	case AS_OLDER:
		return ATTACH_REPLY_OLDER;
	case LONGER:
		return sizeof(struct attach_reply) + 8;
	default:
		return p->size * 4U - 12;
	}
}

static struct attach_reply reply_of(const struct packet *p, struct story *s)
{
	struct attach_reply r = {
		.magic = ATTACH_MAGIC,
		.major = TABLE_MAJOR,
		.minor = TABLE_MINOR,
		.status = ATTACH_OK,
		.lists = p->lists,
		.first = s->done + p->first,
		.count = p->count,
		.door = {1, 2},
	};

	for (uint32_t i = 0; i < ATTACH_LISTS; i++) {
		r.list[i].id = i + 1;
		r.list[i].permitted = p->permitted >> i & 1;
	}
	if (p->is)
		memcpy((char *)&r + p->where % (sizeof(r) / 8) * 8, &p->word,
			8);
	s->done += p->count;
	return r;
}

static void tell(const uint8_t *data, size_t size, struct story *s)
{
	struct packet p;

	while (size >= sizeof(p) && s->packets < PACKETS) {
		unsigned i = s->packets, fds;

		memcpy(&p, data, sizeof(p));
		data += sizeof(p);
		size -= sizeof(p);
		fds = p.fds % FDS_MOST < size ? p.fds % FDS_MOST
					      : (unsigned)size;
		s->reply[i] = reply_of(&p, s);
		s->size[i] = size_of(&p);
		s->kind[i] = data;
		s->fds[i] = fds;
		s->most_fds = fds > s->most_fds ? fds : s->most_fds;
		if (!send_packet(&p, data, fds, &s->reply[i], s->size[i]))
			return;
		s->packets++;
		data += fds;
		size -= fds;
	}
}

static bool has(
	const struct story *s, unsigned packet, unsigned at, enum kind kind)
{
	return at < s->fds[packet] && s->kind[packet][at] % KINDS == kind;
}

static bool is_heard(const struct story *s, unsigned i)
{
	const struct attach_reply *r = &s->reply[i];

	return i < s->packets &&
		(s->size[i] == sizeof(*r) ||
			s->size[i] == ATTACH_REPLY_OLDER) &&
		r->magic == ATTACH_MAGIC && r->status == ATTACH_OK &&
		r->count <= ATTACH_LISTS;
}

/* Is it all of what the first answer promised, each piece what it has to be? */
static bool is_good(const struct story *s)
{
	uint32_t done = 0, lists = s->reply[0].lists;

	for (unsigned i = 0; i <= s->packets; i++) {
		const struct attach_reply *r = &s->reply[i];
		unsigned used = i ? 0 : 2;

		if (!is_heard(s, i) || (!i && !has(s, 0, 0, KEYS)) ||
			lists > 65536 || r->first != done ||
			r->count > lists - done)
			return false;
		for (uint32_t j = 0; j < r->count; j++)
			if (r->list[j].permitted && !has(s, i, used++, LIST))
				return false;
		done += r->count;
		if (done == lists)
			return true;
		if (!r->count)
			return false;
	}
	return false;
}

static void check_got(const struct story *s, const struct attachment *got)
{
	uint64_t at = 0;

	want(got->keys.base && got->lists == s->reply[0].lists &&
			!got->counters == !has(s, 0, 1, COUNTERS),
		"a half of it");
	want(s->size[0] == sizeof(s->reply[0])
			? !memcmp(got->door, s->reply[0].door,
				  sizeof(got->door))
			: !got->door[0] && !got->door[1],
		"another door");
	for (unsigned i = 0; at < got->lists; i++)
		for (uint32_t j = 0; j < s->reply[i].count; j++, at++) {
			const struct attach_list *l = &s->reply[i].list[j];

			want(got->list[at].id == l->id &&
					!got->list[at].map.base ==
						!l->permitted,
				"a list that is not what was said");
		}
	want(handshake_services(got) == 1, "another table");
}

/* What a program that leaks has more of. */
struct held {
	long pages;
	unsigned fds;
};

static struct held count_held(void)
{
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	struct held held = {0};
	char text[80] = "";

	want(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0, "no /proc");
	close(fd);
	held.pages = atol(text);
	for (int i = 0; i < NUMBERS; i++)
		held.fds += fcntl(i, F_GETFD) >= 0;
	return held;
}

static void allow(rlim_t fds)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = fds < limit.rlim_max ? fds : limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static struct attachment *attach(unsigned options, unsigned left)
{
	const char *reason = NULL;
	struct attachment *got;

	if (options & FEW)
		allow((rlim_t)talk[1] + 1 + left % FDS_MOST);
	got = handshake("", NULL, 0, &reason);
	allow(NUMBERS);
	want(!got == !!reason, "a failure and no reason, or the other way");
	return got;
}

static bool leaks(const uint8_t *data, size_t size)
{
	const int on = 1;
	unsigned options = data[0], left = data[1];
	struct story s = {0};
	struct held before = count_held(), after;
	struct attachment *got;

	want(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
		     0, talk),
		"no sockets");
	if (options & WITH_CREDENTIALS)
		setsockopt(talk[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	if (options & WITH_TIME)
		setsockopt(talk[0], SOL_SOCKET, SO_TIMESTAMP, &on, sizeof(on));
	tell(data + 2, size - 2, &s);
	if (options & ENDS)
		shutdown(talk[1], SHUT_WR);
	got = attach(options, left);
	want(!got || is_good(&s), "not what it should be, and believed");
	want(got || !is_good(&s) || options & FEW || s.most_fds > FDS_SURE,
		"what it should be, and not believed");
	if (got)
		check_got(&s, got);
	handshake_discard(got);
	close(talk[1]);
	after = count_held();
	want(after.fds == before.fds, "a descriptor is left behind");
	return after.pages != before.pages;
}

/* A stack may have grown once. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!odd_file[LIST])
		odd_files_make();
	if (size >= 2)
		want(!leaks(data, size) || !leaks(data, size),
			"memory is left behind");
	return 0;
}
