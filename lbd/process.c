/*
 * Processes, as /proc shows them. A pid that ended may be another's by the time
 * it is looked at, so what was read counts only if the process that connected
 * was alive after it was: a pidfd tells, or where the kernel has none, the time
 * at which the pid began.
 */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
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

static const char foreign[] = "pid 0: another pid namespace";
static const char ended[] = "it has ended";
static const char forbidden[] = "/proc/PID/exe may not be read here: no "
				"CAP_SYS_PTRACE";
static const char deleted[] = " (deleted)";

static int open_entry(pid_t pid, const char *name)
{
	char path[48];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

/* All of a small file, with a NUL; false with errno, EFBIG if it has no room. */
static bool read_entry(pid_t pid, const char *name, char *to, size_t room)
{
	int fd = open_entry(pid, name);
	size_t size = 0;
	ssize_t n = -1;
	int err;

	if (fd < 0)
		return false;
	while (size < room && (n = read(fd, to + size, room - size)) > 0)
		size += (size_t)n;
	err = size < room ? errno : EFBIG;
	close(fd);
	errno = err;
	if (n < 0 || size >= room)
		return false;
	to[size] = '\0';
	return true;
}

/* proc(5): the 22nd word of stat; a name in brackets, the second, may hold
 * anything. */
static bool read_start(pid_t pid, char to[24])
{
	char stat[1024];
	const char *at;

	*to = '\0';
	if (!read_entry(pid, "stat", stat, sizeof(stat)) ||
		!(at = strrchr(stat, ')')))
		return false;
	for (int i = 2; i < 22 && at; i++)
		at = strchr(at + 1, ' ');
	return at && sscanf(at, " %23s", to) == 1;
}

/* False: whoever connected has ended. */
static bool hold(struct process *p, int fd)
{
	socklen_t len = sizeof(p->pidfd);

	if (fd >= 0 &&
		!getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &p->pidfd, &len))
		return true;
	if (fd >= 0 && errno != ENOPROTOOPT)
		return false;
	p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	if (p->pidfd >= 0)
		return true;
	return errno != ESRCH && read_start(p->pid, p->started);
}

/* A pidfd becomes readable when its process ends. */
static bool has_ended(const struct process *p)
{
	struct pollfd alive = {.fd = p->pidfd, .events = POLLIN};
	char started[24];

	if (p->pidfd >= 0)
		return poll(&alive, 1, 0) != 0;
	return !read_start(p->pid, started) || strcmp(started, p->started);
}

/* A file that was replaced since is known by the path it was started at. */
static void read_exe(struct process *p, struct process_room *room)
{
	const size_t tail = sizeof(deleted) - 1;
	char path[48], *end;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)p->pid);
	n = readlink(path, room->exe, sizeof(room->exe) - 1);
	if (n <= 0) {
		p->why_exe = errno == EACCES || errno == EPERM
			? forbidden
			: strerror(errno);
		return;
	}
	end = room->exe + n;
	*end = '\0';
	if ((size_t)n > tail && !strcmp(end - tail, deleted))
		end[-(ssize_t)tail] = '\0';
	p->exe = room->exe;
}

static bool leaves_root(const char *path)
{
	const char *at = path;

	while ((at = strstr(at, "/.."))) {
		at += 3;
		if (!*at || *at == '/')
			return true;
	}
	return false;
}

static const char *judge_cgroup(char *path, const char **why)
{
	size_t size = strlen(path), tail = sizeof(deleted) - 1;

	*why = NULL;
	if (*path != '/')
		*why = "/proc/PID/cgroup has no path";
	else if (leaves_root(path))
		*why = "it is outside of this cgroup namespace";
	else if (size > tail && !strcmp(path + size - tail, deleted))
		*why = "its group is gone";
	return *why ? NULL : path;
}

/* Lines are NUMBER:CONTROLLERS:PATH; the unified hierarchy has number 0. */
const char *process_cgroup_path(char *text, const char **why)
{
	char *unified = NULL, *systemd = NULL, *line, *path;

	while ((line = strsep(&text, "\n"))) {
		char *name = strchr(line, ':');

		if (!name || !(path = strchr(name + 1, ':')))
			continue;
		*path++ = '\0';
		if (!strcmp(line, "0:"))
			unified = path;
		else if (!strcmp(name, ":name=systemd"))
			systemd = path;
	}
	*why = "no unified hierarchy, and none of systemd";
	if (!unified && !systemd)
		return NULL;
	return judge_cgroup(unified ? unified : systemd, why);
}

static void read_cgroup(struct process *p, struct process_room *room)
{
	if (read_entry(p->pid, "cgroup", room->cgroup, sizeof(room->cgroup)))
		p->cgroup = process_cgroup_path(room->cgroup, &p->why_cgroup);
	else
		p->why_cgroup = strerror(errno);
}

static void forget(struct process *p, const char *why)
{
	p->exe = p->cgroup = NULL;
	p->why_exe = p->why_cgroup = why;
}

void process_read(struct process *p, struct process_room *room, int fd,
	pid_t pid, bool exe, bool cgroup)
{
	*p = (struct process){.pid = pid, .pidfd = -1};
	if (!exe && !cgroup)
		return;
	if (pid <= 0 || !hold(p, fd)) {
		forget(p, pid <= 0 ? foreign : ended);
		return;
	}
	if (exe)
		read_exe(p, room);
	if (cgroup)
		read_cgroup(p, room);
	if (has_ended(p))
		forget(p, ended);
	if (p->pidfd >= 0)
		close(p->pidfd);
}
