/*
 * Doors: a lock that no dead process can hold, and the sockets behind it.
 * Whoever has the lock may clear away a socket file that nobody listens at:
 * its owner is gone. What else stands there is left alone.
 */
#include "door.h"
#include "origin.h"
#include "shim/table.h"
#include "shim/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/*
 * Whoever floods the queue makes everybody in it wait as long as it takes to
 * look at all of it. A program that finds it full tries again every millisecond.
 */
enum { BACKLOG = 1024 };

/* How often who may be about to end is looked at, in all for 500 ms. */
enum { TRIES = 50, PAUSE_MS = 10 };

static const char hint[] =
	"(set socket in [lbd] and LBD_SOCKET to a path of yours)";

static bool make_directory(const char *path, char why[DOOR_WHY])
{
	char directory[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char *slash;

	snprintf(directory, sizeof(directory), "%s", path);
	slash = strrchr(directory, '/');
	if (!slash || slash == directory)
		return true;
	*slash = '\0';
	if (!mkdir(directory, 0755) || errno == EEXIST)
		return true;
	snprintf(why, DOOR_WHY, "cannot create %s: %s %s", directory,
		strerror(errno), hint);
	return false;
}

static void wait_a_little(void)
{
	const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};

	nanosleep(&pause, NULL);
}

/*
 * A lock ends with the last process that has the file open, and that may be a
 * child which a killed lbd has forked and which is not another program yet: it
 * is about to end as well, but a restart can be quicker.
 */
static bool take_lock(int fd)
{
	for (int i = 1; flock(fd, LOCK_EX | LOCK_NB); i++) {
		if (errno != EWOULDBLOCK || i == TRIES)
			return false;
		wait_a_little();
	}
	return true;
}

enum door door_lock(const char *path, char why[DOOR_WHY])
{
	char lock[128];
	bool taken;
	int fd;

	if (!make_directory(path, why))
		return DOOR_FAILED;
	snprintf(lock, sizeof(lock), "%s.lock", path);
	fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		snprintf(why, DOOR_WHY, "cannot create %s: %s %s", lock,
			strerror(errno), hint);
		return DOOR_FAILED;
	}
	if (take_lock(fd))
		return DOOR_OPEN; /* held until the process ends */
	taken = errno == EWOULDBLOCK;
	if (taken)
		snprintf(why, DOOR_WHY, "another lbd is listening at %s", path);
	else
		snprintf(why, DOOR_WHY, "cannot lock %s: %s", lock,
			strerror(errno));
	close(fd);
	return taken ? DOOR_TAKEN : DOOR_FAILED;
}

/* 0: it refuses whoever knocks, as the dead do. Else why that is not known. */
static int knock(const struct sockaddr_un *un)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int err = fd >= 0 &&
			!connect(fd, (const struct sockaddr *)un, sizeof(*un))
		? EADDRINUSE
		: errno;

	if (fd >= 0)
		close(fd);
	switch (err) {
	case ECONNREFUSED:
	case ENOENT:
		return 0;
	case EAGAIN:	 /* its queue is full */
	case EPROTOTYPE: /* it is of another kind */
		return EADDRINUSE;
	default:
		return err;
	}
}

/* Who was killed has let go of its lock, and may not have of its sockets. */
static int who_stays(const struct sockaddr_un *un)
{
	int err;

	for (int i = 1; (err = knock(un)) && i < TRIES; i++)
		wait_a_little();
	return err;
}

/* Takes a socket away that nobody has any more; NULL, or what stands there. */
static const char *clear_place(const struct sockaddr_un *un)
{
	struct stat st;
	int err;

	if (lstat(un->sun_path, &st))
		return NULL; /* bind() says what else is wrong */
	if (!S_ISSOCK(st.st_mode))
		return "what is there is no socket";
	err = who_stays(un);
	if (!err)
		unlink(un->sun_path);
	return err == EADDRINUSE ? "another program does"
		: err		 ? strerror(err)
				 : NULL;
}

/* NULL: done. */
static const char *listen_there(
	int fd, const struct sockaddr_un *un, mode_t mode)
{
	const char *there = clear_place(un);

	if (there)
		return there;
	if (bind(fd, (const struct sockaddr *)un, sizeof(*un)) ||
		listen(fd, BACKLOG) || chmod(un->sun_path, mode))
		return strerror(errno);
	return NULL;
}

int door_listen(const char *path, int type, mode_t mode, char why[DOOR_WHY])
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask = umask(0177); /* nobody gets in before the mode is set */
	const char *wrong;

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	wrong = fd < 0 ? strerror(errno) : listen_there(fd, &un, mode);
	umask(mask);
	if (!wrong)
		return fd;
	snprintf(why, DOOR_WHY, "cannot listen at %s: %s", path, wrong);
	if (fd >= 0)
		close(fd);
	return -1;
}

bool door_is_open_to_all(const char *path)
{
	char at[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct stat st;
	char *slash;

	if (stat(path, &st) || !(st.st_mode & S_IWOTH))
		return false;
	snprintf(at, sizeof(at), "%s", path);
	while ((slash = strrchr(at, '/')) && slash != at) {
		*slash = '\0';
		if (stat(at, &st) || !(st.st_mode & S_IXOTH))
			return false;
	}
	return true;
}

/*
 * The same after a restart, so that programs without a path find the next lbd;
 * another for each path, user and root. That it can be guessed does no harm:
 * whoever takes it is not lbd's user, and lbd then has one by chance.
 */
static void name_by_place(const char *path, uint64_t door[2])
{
	char text[256];
	struct stat root = {0};

	stat("/", &root);
	snprintf(text, sizeof(text), "%u:%lx:%lx:%s", geteuid(),
		(unsigned long)root.st_dev, (unsigned long)root.st_ino, path);
	door[0] = table_mix(origin_of_text(text) ^ origin_of_host());
	door[1] = table_mix(door[0] + origin_of_text(text));
}

static bool listen_by_name(int fd, const uint64_t door[2])
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	socklen_t len = offsetof(struct sockaddr_un, sun_path) +
		attach_door_name(door, un.sun_path);

	return !bind(fd, (struct sockaddr *)&un, len) && !listen(fd, BACKLOG);
}

int door_listen_unnamed(const char *path, uint64_t door[2])
{
	const ssize_t size = 2 * sizeof(door[0]);
	int fd = socket(
		AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	name_by_place(path, door);
	if (fd >= 0 && listen_by_name(fd, door))
		return fd;
	if (fd >= 0 && getrandom(door, (size_t)size, 0) == size &&
		listen_by_name(fd, door))
		return fd;
	if (fd >= 0)
		close(fd);
	door[0] = door[1] = 0;
	return -1;
}
