/*
 * Identities: user and groups as of the caller's connect(), from the socket;
 * program and control group from /proc. Ids that have no number in our user
 * namespace all look alike: they are not known.
 */
#include "identify.h"
#include "process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { GROUPS_MAX = 65536 + 1 /* NGROUPS_MAX and the primary */ };

static const char nameless[] =
	"it has no number of its own in this user namespace";

/* What ids that have no number here are shown as, where there may be some. */
struct shadow {
	bool some;
	unsigned id;
};

struct identify {
	struct shadow user, group;
	gid_t id[GROUPS_MAX];
	struct process_room process;
};

/* user_namespaces(7): ranges that do not overlap. */
static bool maps_all(const char *path)
{
	unsigned long inside, outside, count, all = 0;
	FILE *map = fopen(path, "re");

	while (map &&
		fscanf(map, "%lu %lu %lu", &inside, &outside, &count) == 3)
		all += count;
	if (map)
		fclose(map);
	return all >= UINT32_MAX - 1;
}

bool identify_sees_all_users(void)
{
	return maps_all("/proc/self/uid_map");
}

static struct shadow find_shadow(const char *map, const char *overflow)
{
	struct shadow s = {.some = !maps_all(map), .id = 65534};
	FILE *file = fopen(overflow, "re");

	if (file && fscanf(file, "%u", &s.id) != 1)
		s.id = 65534;
	if (file)
		fclose(file);
	return s;
}

struct identify *identify_new(void)
{
	struct identify *room = malloc(sizeof(*room));

	if (!room)
		return NULL;
	room->user = find_shadow(
		"/proc/self/uid_map", "/proc/sys/kernel/overflowuid");
	room->group = find_shadow(
		"/proc/self/gid_map", "/proc/sys/kernel/overflowgid");
	return room;
}

void identify_free(struct identify *room)
{
	free(room);
}

static bool is_shadow(const struct shadow *s, unsigned id)
{
	return s->some && s->id == id;
}

static void read_groups(
	struct identify *room, int fd, gid_t primary, struct identity *who)
{
	socklen_t len = sizeof(room->id) - sizeof(gid_t);
	size_t count = 1, kept = 0;
	const char **why = &who->why[subject_index(SUBJECT_GROUP)];

	room->id[0] = primary;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, room->id + 1, &len))
		*why = strerror(errno);
	else
		count += len / sizeof(gid_t);
	for (size_t i = 0; i < count; i++)
		if (is_shadow(&room->group, room->id[i]))
			*why = nameless;
		else
			room->id[kept++] = room->id[i];
	who->group = room->id;
	who->groups = kept;
	who->groups_known = !*why;
}

bool identify_peer(
	struct identify *room, int fd, unsigned needs, struct identity *who)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);
	struct process p;

	*who = (struct identity){0};
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return false;
	who->user = cred.uid;
	who->user_known = !is_shadow(&room->user, cred.uid);
	if (!who->user_known)
		who->why[subject_index(SUBJECT_USER)] = nameless;
	read_groups(room, fd, cred.gid, who);
	who->pid = cred.pid;
	process_read(&p, &room->process, fd, cred.pid, needs & SUBJECT_EXE,
		needs & SUBJECT_CGROUP);
	who->exe = p.exe;
	who->cgroup = p.cgroup;
	who->why[subject_index(SUBJECT_EXE)] = p.why_exe;
	who->why[subject_index(SUBJECT_CGROUP)] = p.why_cgroup;
	return true;
}
