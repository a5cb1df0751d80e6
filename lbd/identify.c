/*
 * Identities: user and groups as of the caller's connect(), from the socket;
 * program and control group from /proc. Ids that have no number in our user
 * namespace all look alike: they are not known.
 */
#include "identify.h"
#include "idmap.h"
#include "process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { GROUPS_MAX = 65536 + 1 /* NGROUPS_MAX and the primary */ };

static const char nameless[] =
	"it has no number of its own in this user namespace";

struct identify {
	struct idmap user, group;
	gid_t id[GROUPS_MAX];
	struct process_room process;
};

struct identify *identify_new(void)
{
	struct identify *room = malloc(sizeof(*room));

	if (!room)
		return NULL;
	idmap_of_users(&room->user);
	idmap_of_groups(&room->group);
	return room;
}

void identify_free(struct identify *room)
{
	free(room);
}

bool identify_sees_all_users(void)
{
	struct idmap users;

	idmap_of_users(&users);
	return users.all;
}

bool identify_knows_user(const struct identify *room, uid_t user)
{
	return idmap_knows(&room->user, user);
}

/* Of `count` that are in `id`, those that have a number here. */
static void keep_groups(const struct identify *room, gid_t *id, size_t count,
	struct identity *who)
{
	const char **why = &who->why[subject_index(SUBJECT_GROUP)];
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (!idmap_knows(&room->group, id[i]))
			*why = nameless;
		else
			id[kept++] = id[i];
	who->group = id;
	who->groups = kept;
	who->groups_known = !*why;
}

static void read_groups(
	struct identify *room, int fd, gid_t primary, struct identity *who)
{
	socklen_t len = sizeof(room->id) - sizeof(gid_t);
	size_t count = 1;

	room->id[0] = primary;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, room->id + 1, &len))
		who->why[subject_index(SUBJECT_GROUP)] = strerror(errno);
	else
		count += len / sizeof(gid_t);
	keep_groups(room, room->id, count, who);
}

static void keep_user(const struct identify *room, struct identity *who)
{
	who->user_known = idmap_knows(&room->user, who->user);
	if (!who->user_known)
		who->why[subject_index(SUBJECT_USER)] = nameless;
}

/* The one at the other end of the socket; without one, whoever has the pid. */
static void keep_process(
	struct identify *room, int fd, unsigned needs, struct identity *who)
{
	struct process p;

	process_read(&p, &room->process, fd, who->pid, needs & SUBJECT_EXE,
		needs & SUBJECT_CGROUP);
	who->exe = p.exe;
	who->cgroup = p.cgroup;
	who->why[subject_index(SUBJECT_EXE)] = p.why_exe;
	who->why[subject_index(SUBJECT_CGROUP)] = p.why_cgroup;
}

bool identify_peer(
	struct identify *room, int fd, unsigned needs, struct identity *who)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	*who = (struct identity){0};
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return false;
	who->user = cred.uid;
	who->pid = cred.pid;
	keep_user(room, who);
	read_groups(room, fd, cred.gid, who);
	keep_process(room, fd, needs, who);
	return true;
}

/* ---- the same of a process that does not attach, for explanations ---- */

/* The second number is the effective id, the one that counts at a socket. */
static bool read_effective(const char *line, const char *key, unsigned *id)
{
	size_t length = strlen(key);

	return !strncmp(line, key, length) &&
		sscanf(line + length, "%*u %u", id) == 1;
}

static size_t read_more_groups(gid_t *to, const char *line)
{
	size_t count = 1; /* the primary is there */
	char *end;

	for (const char *at = line; count < GROUPS_MAX; at = end) {
		gid_t group = (gid_t)strtoul(at, &end, 10);

		if (end == at)
			break;
		to[count++] = group;
	}
	return count;
}

/* How many groups were read; 0: it could not be. */
static size_t read_status(
	struct identify *room, FILE *status, struct identity *who)
{
	char *line = NULL;
	size_t size = 0, groups = 0;
	bool user = false;

	while (getline(&line, &size, status) > 0) {
		user |= read_effective(line, "Uid:", &who->user);
		read_effective(line, "Gid:", &room->id[0]);
		if (!strncmp(line, "Groups:", 7))
			groups = read_more_groups(room->id, line + 7);
	}
	free(line);
	return user ? groups : 0;
}

bool identify_process(struct identify *room, pid_t pid, struct identity *who)
{
	char path[40];
	FILE *status;
	size_t groups;

	*who = (struct identity){.pid = pid};
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	status = fopen(path, "re");
	if (!status)
		return false;
	groups = read_status(room, status, who);
	fclose(status);
	keep_user(room, who);
	keep_groups(room, room->id, groups, who);
	keep_process(room, -1, SUBJECT_EXE | SUBJECT_CGROUP, who);
	return groups;
}

void identify_described(
	const struct identify *room, gid_t *group, struct identity *who)
{
	if (who->user_known)
		keep_user(room, who);
	if (who->groups_known)
		keep_groups(room, group, who->groups, who);
}
