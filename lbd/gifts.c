/*
 * Whoever sends a message may send descriptors along, and the last to let go
 * of one closes the file. A TCP socket that is to linger keeps that process
 * waiting, for as long as the sender wished. So no gift is dropped unseen: a
 * kernel that can (6.16) refuses them; from others they are taken, and closed
 * after they have been told not to linger.
 */
#include "gifts.h"

#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83
#endif

enum { GIFTS_MAX = 253 /* SCM_MAX_FD: of one message */ };

static bool refused; /* by the kernel, at every listener */

void gifts_refuse(int listener)
{
	int off = 0;

	refused = !setsockopt(
		listener, SOL_SOCKET, SO_PASSRIGHTS, &off, sizeof(off));
}

static void throw_away(int fd)
{
	struct linger off = {0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &off, sizeof(off));
	close(fd);
}

static void throw_all_away(struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c;
		c = CMSG_NXTHDR(msg, c)) {
		size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		int fd;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
			throw_away(fd);
		}
	}
}

/* Like recv(2); `*came` is whether anything did, be it without a byte. */
static ssize_t take(int fd, void *to, size_t size, bool *came)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int) * GIFTS_MAX) +
			CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct iovec iov = {to, size};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	*came = n > 0 || (n == 0 && msg.msg_controllen);
	if (n >= 0)
		throw_all_away(&msg);
	return n;
}

ssize_t gifts_recv(int fd, void *to, size_t size)
{
	bool came;

	return take(fd, to, size, &came);
}

/* Nothing more gets in after the shutdown, and with credentials an empty
 * message is told from the end. */
static void empty_queue(int fd)
{
	int on = 1;
	bool came;
	char byte = 0;

	shutdown(fd, SHUT_RD);
	setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	do
		take(fd, &byte, sizeof(byte), &came);
	while (came);
}

void gifts_close(int fd)
{
	if (!refused)
		empty_queue(fd);
	close(fd);
}
