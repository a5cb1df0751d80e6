/*
 * Who asks, and what of it -> what lbd gives: every list is judged, and the
 * regions of those that permit the caller go along as descriptors. All lists,
 * ATTACH_LISTS a message; the first brings keys and counters.
 */
#include "answer.h"
#include "audit.h"
#include "before.h"
#include "doubts.h"
#include "intake.h"
#include "origin.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

struct parcel {
	struct attach_reply reply;
	size_t size; /* of that, as the caller takes it */
	int fd[ATTACH_FDS];
	size_t fds;
	uint32_t major, minor; /* of the layout that the caller reads */
	int error;	       /* why there is no more to give */
};

static bool send_parcel(int fd, const struct parcel *p)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int) * ATTACH_FDS)];
	} control;
	struct iovec iov = {(void *)&p->reply, p->size};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	if (p->fds) {
		struct cmsghdr *c = &control.align;

		memset(&control, 0, sizeof(control));
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(p->fds * sizeof(int));
		memcpy(CMSG_DATA(c), p->fd, p->fds * sizeof(int));
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(p->fds * sizeof(int));
	}
	return sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) ==
		(ssize_t)p->size;
}

/* In the layout that the caller reads. */
static void put_region(struct parcel *p, size_t at, struct region *region)
{
	if (p->major != TABLE_MAJOR)
		region = before_of(region);
	p->fd[at] = region ? region->readers_fd : -1;
	if (!region)
		p->error = errno;
}

static void put_list(struct parcel *p, struct list *list,
	const struct identity *who, struct audit *audit)
{
	struct attach_list *entry = &p->reply.list[p->reply.count++];
	const struct rule *rule;

	*entry = (struct attach_list){0};
	if (!list)
		return;
	entry->id = list->id;
	doubts_say(list, who);
	if (acl_judge(list->rules, who, &rule) != ACL_PERMIT) {
		if (p->minor)
			entry->id = list->refusal;
		audit_refused(audit, list, who, rule);
		return;
	}
	entry->permitted = 1;
	put_region(p, p->fds++, list->region);
}

size_t answer_attach(struct lbd *lbd, const struct answer_all *all, int fd,
	const struct identity *who, const struct attach_request *request,
	bool foreign, int *error)
{
	size_t sent = 0;
	const struct world *world = &lbd->world;
	struct parcel p = {
		.reply = {.magic = ATTACH_MAGIC,
			.major = request->major,
			.minor = TABLE_MINOR,
			.status = ATTACH_OK,
			.lists = (uint32_t)world->lists,
			.host_hash = all->host_hash,
			.user_hash = origin_of_user(who->user),
			.door = {all->door[0], all->door[1]}},
		.size = request->minor & ATTACH_MORE ? sizeof(p.reply)
						     : ATTACH_REPLY_OLDER,
		.fds = 2,
		.major = request->major,
		.minor = request->minor & ~ATTACH_MORE,
	};

	put_region(&p, 0, lbd->keys);
	p.fd[1] = intake_counters(lbd->intake, who->user, foreign);
	if (p.fd[1] < 0)
		p.fd[1] = p.fd[0]; /* not counters: done without */
	*error = 0;
	holders_remember(&lbd->holders, who);
	do {
		p.reply.count = 0;
		while (p.reply.count < ATTACH_LISTS &&
			p.reply.first + p.reply.count < world->lists)
			put_list(&p, world->list[p.reply.first + p.reply.count],
				who, lbd->audit);
		if (!p.error && !send_parcel(fd, &p))
			p.error = errno;
		*error = p.error;
		if (p.error)
			break;
		sent += p.fds;
		p.reply.first += p.reply.count;
		p.fds = 0;
	} while (p.reply.first < world->lists);
	return sent;
}

void answer_refuse(int fd, enum attach_status status)
{
	struct parcel p = {.reply = {.magic = ATTACH_MAGIC,
				   .major = TABLE_MAJOR,
				   .minor = TABLE_MINOR,
				   .status = status},
		.size = ATTACH_REPLY_OLDER};

	send_parcel(fd, &p);
}
