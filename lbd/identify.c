/*
 * Identities: user and groups as of the caller's connect(), from the socket;
 * the program from /proc, believed only if the process was alive after it was
 * read: a pid that ended may be another's by then.
 */
#include "identify.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

enum { GROUPS_MAX = 65536 + 1 /* NGROUPS_MAX and the primary */ };

/* What a uid that has no name in our user namespace is shown as. */
static const uid_t overflow_uid = 65534;

struct identify {
	bool all_users; /* every uid has a name here: 65534 is a user */
	gid_t group[GROUPS_MAX];
	char exe[PATH_MAX];
};

static bool maps_all_users(void)
{
	unsigned long inside, outside, count;
	FILE *map = fopen("/proc/self/uid_map", "re");
	bool all = map &&
		fscanf(map, "%lu %lu %lu", &inside, &outside, &count) == 3 &&
		inside == 0 && count >= UINT32_MAX - 1;

	if (map)
		fclose(map);
	return all;
}

struct identify *identify_new(void)
{
	struct identify *room = malloc(sizeof(*room));

	if (room)
		room->all_users = maps_all_users();
	return room;
}

void identify_free(struct identify *room)
{
	free(room);
}

static bool read_groups(
	struct identify *room, int fd, gid_t primary, struct identity *who)
{
	socklen_t len = sizeof(room->group) - sizeof(gid_t);

	room->group[0] = primary;
	who->group = room->group;
	who->groups = 1;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, room->group + 1, &len))
		return false;
	who->groups += len / sizeof(gid_t);
	return true;
}

/* A pidfd becomes readable when its process ends. */
static bool has_ended(int pidfd)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};

	return poll(&p, 1, 0) != 0;
}

static int open_peer(int fd, pid_t pid)
{
	int pidfd;
	socklen_t len = sizeof(pidfd);

	if (!getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &len))
		return pidfd;
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static const char *read_exe(struct identify *room, int fd, pid_t pid)
{
	char path[40];
	ssize_t n = -1;
	int pidfd;

	if (pid <= 0) /* of another pid namespace */
		return NULL;
	pidfd = open_peer(fd, pid);
	if (pidfd < 0)
		return NULL;
	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	n = readlink(path, room->exe, sizeof(room->exe) - 1);
	if (has_ended(pidfd))
		n = -1;
	close(pidfd);
	if (n <= 0)
		return NULL;
	room->exe[n] = '\0';
	return room->exe;
}

bool identify_peer(
	struct identify *room, int fd, bool exe, struct identity *who)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return false;
	who->user = cred.uid;
	who->user_known = room->all_users || cred.uid != overflow_uid;
	who->groups_known =
		read_groups(room, fd, cred.gid, who) && who->user_known;
	who->pid = cred.pid;
	who->exe = exe ? read_exe(room, fd, cred.pid) : NULL;
	return true;
}

/* The second number is the effective id, the one that counts at a socket. */
static bool read_effective(const char *line, const char *key, unsigned *id)
{
	size_t length = strlen(key);

	return !strncmp(line, key, length) &&
		sscanf(line + length, "%*u %u", id) == 1;
}

static void read_more_groups(
	struct identify *room, const char *line, struct identity *who)
{
	char *end;

	for (const char *at = line; who->groups < GROUPS_MAX; at = end) {
		gid_t group = (gid_t)strtoul(at, &end, 10);

		if (end == at)
			return;
		room->group[who->groups++] = group;
	}
}

static bool read_status(
	struct identify *room, FILE *status, struct identity *who)
{
	char *line = NULL;
	size_t size = 0;
	bool user = false, groups = false;

	who->group = room->group;
	who->groups = 1;
	while (getline(&line, &size, status) > 0) {
		user |= read_effective(line, "Uid:", &who->user);
		read_effective(line, "Gid:", &room->group[0]);
		if (strncmp(line, "Groups:", 7))
			continue;
		read_more_groups(room, line + 7, who);
		groups = true;
	}
	free(line);
	return user && groups;
}

bool identify_process(struct identify *room, pid_t pid, struct identity *who)
{
	char path[40];
	FILE *status;
	bool known;

	*who = (struct identity){.pid = pid};
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	status = fopen(path, "re");
	if (!status)
		return false;
	known = read_status(room, status, who);
	fclose(status);
	who->user_known =
		known && (room->all_users || who->user != overflow_uid);
	who->groups_known = who->user_known;
	who->exe = read_exe(room, -1, pid);
	return known;
}
