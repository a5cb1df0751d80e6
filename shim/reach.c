/*
 * path -> connect -> is it lbd's? -> else the door -> is it who it was?
 *
 * The door is an abstract socket, of which lbd told when it was reached before.
 * In a chroot(2) it is all that is left; nobody owns its name, so whoever
 * answers there must be the user that lbd was.
 */
#include "reach.h"
#include "raw.h"
#include "real.h"
#include "sandbox.h"
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* One attempt at either. */
struct way {
	struct sockaddr_un un;
	socklen_t len;
	uint64_t deadline;
	int fd;
	uint32_t server;
	const char *reason;
};

static bool fail(struct way *w, const char *reason)
{
	w->reason = reason;
	return false;
}

int reach_ms_left(uint64_t deadline)
{
	uint64_t now = real_precise_ms();

	return now < deadline ? (int)(deadline - now) : 0;
}

void reach_wait(int fd, int events, int ms)
{
	struct pollfd p = {.fd = fd, .events = (short)events};
	struct timespec at = {ms / 1000, ms % 1000 * 1000000L};

	raw6(SYS_ppoll, (long)&p, fd >= 0, (long)&at, 0, 8, 0);
}

static bool why_not(struct way *w, long rc)
{
	switch (rc) {
	case -ENOENT:
		return fail(w, "No such file or directory");
	case -EACCES:
		return fail(w, "Permission denied");
	case -ECONNREFUSED:
		return fail(w, "Connection refused (lbd is not running)");
	case -EPROTOTYPE:
		return fail(w, "this socket is not for programs (lbctl's?)");
	default:
		return fail(w, "cannot connect");
	}
}

/* A full backlog answers EAGAIN at once, and nothing can be waited for. */
static bool dial(struct way *w)
{
	long rc;

	w->fd = (int)raw3(SYS_socket, AF_UNIX,
		SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (w->fd < 0)
		return fail(w, "no socket");
	while ((rc = raw3(SYS_connect, w->fd, (long)&w->un, w->len)) ==
		-EAGAIN) {
		if (!reach_ms_left(w->deadline))
			return fail(w, "lbd is too busy");
		reach_wait(-1, 0, 1);
	}
	return rc == 0 || why_not(w, rc);
}

static bool ask_who(struct way *w)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (raw5(SYS_getsockopt, w->fd, SOL_SOCKET, SO_PEERCRED, (long)&peer,
		    (long)&len))
		return fail(w, "who is it?");
	w->server = peer.uid;
	return true;
}

/* The owner of the socket's directory, if nobody else can write there. */
static bool owns_directory(const char *path, uid_t uid)
{
	struct sockaddr_un un;
	struct stat st;
	unsigned n = 0, slash = 0;

	for (; path[n]; n++) {
		un.sun_path[n] = path[n];
		if (path[n] == '/')
			slash = n;
	}
	un.sun_path[slash ? slash : 1] = '\0';
	return raw6(SYS_newfstatat, AT_FDCWD, (long)un.sun_path, (long)&st, 0,
		       0, 0) == 0 &&
		st.st_uid == uid && !(st.st_mode & (S_IWGRP | S_IWOTH));
}

/* After chroot(2) the path is another one, and says nothing of its owner. */
static bool is_trusted(
	struct way *w, const char *path, const struct attachment *known)
{
	if (!ask_who(w))
		return false;
	if (w->server == 0 ||
		w->server == (uint32_t)raw3(SYS_geteuid, 0, 0, 0) ||
		(sandbox_is_rooted() ? known && w->server == known->server
				     : owns_directory(path, w->server)))
		return true;
	return fail(w, "the server is neither root nor the directory's owner");
}

static bool by_path(
	struct way *w, const char *path, const struct attachment *known)
{
	unsigned n = 0;

	while (path[n]) {
		w->un.sun_path[n] = path[n];
		n++;
	}
	if (!n)
		return fail(w, "LBD_SOCKET is longer than 107 bytes");
	w->len = sizeof(w->un);
	return dial(w) && is_trusted(w, path, known);
}

static bool by_door(struct way *w, const struct attachment *known)
{
	if (!known || !known->door[0])
		return false;
	w->len = offsetof(struct sockaddr_un, sun_path) +
		attach_door_name(known->door, w->un.sun_path);
	return dial(w) && ask_who(w) && w->server == known->server;
}

static void hang_up(struct way *w)
{
	if (w->fd >= 0)
		raw3(SYS_close, w->fd, 0, 0);
}

int reach_lbd(const char *path, const struct attachment *known,
	uint64_t deadline, uint32_t *server, const char **reason)
{
	struct way way = {
		.un.sun_family = AF_UNIX, .deadline = deadline, .fd = -1};
	struct way door = way;

	if (by_path(&way, path, known)) {
		*server = way.server;
		return way.fd;
	}
	hang_up(&way);
	if (by_door(&door, known)) {
		*server = door.server;
		return door.fd;
	}
	hang_up(&door);
	*reason = way.reason;
	return -1;
}
