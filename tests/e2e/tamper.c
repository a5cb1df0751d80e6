/*
 * tamper SOCKET: attaches to lbd by hand, as a program that may call but means
 * no good, and tries to change what it was given. A line for each thing that
 * should have failed and did not, and for each that failed in an odd way; ends
 * with 0 if there is none. The counters are its own to write: it leaves them
 * full of nonsense, and a hole in them.
 */
#include "shim/counters.h"
#include "shim/table.h"
#include "shim/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

static int complaints;

/* It must fail, with one of two errors. */
static void refused(const char *what, long rc, int one, int other)
{
	int err = errno;

	if (rc == -1 && (err == one || err == other))
		return;
	complaints++;
	printf("%s: %s\n", what, rc == -1 ? strerror(err) : "done");
}

static void stop(const char *what)
{
	perror(what);
	exit(2);
}

static int attach(const char *path, int fd[ATTACH_FDS])
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct attach_request request = {
		.magic = ATTACH_MAGIC,
		.major = TABLE_MAJOR,
		.minor = TABLE_MINOR | ATTACH_MORE,
	};
	struct attach_reply reply;
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int) * ATTACH_FDS)];
	} control;
	struct iovec iov = {&reply, sizeof(reply)};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	int s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int count;

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	if (s < 0 || connect(s, (struct sockaddr *)&un, sizeof(un)) ||
		send(s, &request, sizeof(request), 0) != sizeof(request) ||
		recvmsg(s, &msg, MSG_CMSG_CLOEXEC) != sizeof(reply) ||
		reply.status != ATTACH_OK || !msg.msg_controllen)
		stop("attach");
	count = (int)((control.align.cmsg_len - CMSG_LEN(0)) / sizeof(int));
	memcpy(fd, CMSG_DATA(&control.align), (size_t)count * sizeof(int));
	close(s);
	return count;
}

static size_t size_of(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		stop("fstat");
	return (size_t)st.st_size;
}

static void open_again(int fd)
{
	static const int flags[] = {O_RDWR, O_WRONLY, O_RDWR | O_TRUNC,
		O_WRONLY | O_APPEND, O_RDONLY | O_TRUNC};
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		refused("open for writing", open(path, flags[i]), EACCES,
			EPERM);
	refused("truncate", truncate(path, 0), EACCES, EPERM);
	refused("chmod", chmod(path, 0666), EPERM, EACCES);
	refused("chown", chown(path, geteuid(), (gid_t)-1), EPERM, EACCES);
	refused("setxattr", setxattr(path, "user.a", "b", 1, 0), EACCES,
		EOPNOTSUPP);
	refused("link",
		linkat(AT_FDCWD, path, AT_FDCWD, "/tmp/lbd-link",
			AT_SYMLINK_FOLLOW),
		EXDEV, EPERM);
}

static void change_file(int fd)
{
	int null = open("/dev/zero", O_RDONLY | O_CLOEXEC), into[2];
	off_t at = 0;

	refused("write", write(fd, "x", 1), EBADF, EBADF);
	refused("pwrite", pwrite(fd, "x", 1, 4096), EBADF, EBADF);
	refused("ftruncate", ftruncate(fd, 0), EINVAL, EPERM);
	refused("ftruncate up", ftruncate(fd, 1 << 30), EINVAL, EPERM);
	refused("fallocate", fallocate(fd, 0, 0, 1 << 30), EBADF, EPERM);
	refused("punch a hole",
		fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
			4096),
		EBADF, EPERM);
	refused("seal", fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EPERM, EPERM);
	refused("fchmod", fchmod(fd, 0666), EPERM, EPERM);
	refused("fchown", fchown(fd, geteuid(), (gid_t)-1), EPERM, EPERM);
	refused("lease", fcntl(fd, F_SETLEASE, F_RDLCK), EACCES, EAGAIN);
	refused("sendfile", sendfile(fd, null, NULL, 4096), EBADF, EBADF);
	refused("copy", copy_file_range(null, NULL, fd, &at, 4096, 0), EBADF,
		EINVAL);
	if (pipe(into) || write(into[1], "x", 1) != 1)
		stop("pipe");
	refused("splice", splice(into[0], NULL, fd, &at, 1, 0), EBADF, EBADF);
	refused("ioctl", ioctl(fd, FIONREAD + 1, 0), ENOTTY, EINVAL);
	refused("futimens", futimens(fd, NULL), EACCES, EPERM);
	close(into[0]);
	close(into[1]);
	close(null);
}

static void change_memory(int fd)
{
	size_t size = size_of(fd);
	void *at = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	char byte = 'x';
	struct iovec from = {&byte, 1}, to = {at, 1};
	int mem = open("/proc/self/mem", O_RDWR | O_CLOEXEC);

	if (at == MAP_FAILED || mem < 0)
		stop("map");
	refused("map to write",
		mmap(NULL, size, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED
			? -1
			: 0,
		EACCES, EPERM);
	refused("mprotect", mprotect(at, size, PROT_READ | PROT_WRITE), EACCES,
		EACCES);
	refused("/proc/self/mem", pwrite(mem, &byte, 1, (off_t)(uintptr_t)at),
		EIO, EFAULT);
	refused("process_vm_writev",
		process_vm_writev(getpid(), &from, 1, &to, 1, 0), EFAULT,
		EFAULT);
	refused("remove pages", madvise(at, size, MADV_REMOVE), EACCES, EPERM);
	refused("read into it", pread(fd, at, 1, 0), EFAULT, EFAULT);
	close(mem);
	munmap(at, size);
}

/* Theirs to write: only the size is not. */
static void spoil_counters(int fd)
{
	size_t size = size_of(fd);
	uint64_t *word =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	int pattern = 0;

	if (word == MAP_FAILED)
		stop("counters");
	refused("shrink counters", ftruncate(fd, 4096), EPERM, EPERM);
	refused("grow counters", ftruncate(fd, (off_t)size * 2), EPERM, EPERM);
	refused("write behind", pwrite(fd, "x", 1, (off_t)size), EPERM, EPERM);
	refused("seal counters", fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EPERM,
		EBUSY);
	for (uint64_t garbage[] = {UINT64_MAX, 0, 1, 1ULL << 63, 0x8000000};
		pattern < 5; pattern++) {
		for (size_t i = 0; i < size / 8; i++)
			word[i] = garbage[pattern];
		usleep(150 * 1000); /* for lbd to read it */
	}
	for (size_t i = 0; i < size / 8; i++)
		word[i] = i * 0x9e3779b97f4a7c15;
	usleep(150 * 1000);
	if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
		    (off_t)size))
		stop("punch a hole");
	word[COUNTERS_FIRST / 8 - 1] = 1;
	usleep(150 * 1000);
	munmap(word, size);
}

int main(int argc, char **argv)
{
	int fd[ATTACH_FDS], count;

	if (argc != 2)
		return 2;
	count = attach(argv[1], fd);
	for (int i = 0; i < count; i++) {
		if (i == 1)
			continue;
		open_again(fd[i]);
		change_file(fd[i]);
		change_memory(fd[i]);
	}
	spoil_counters(fd[1]);
	printf("%d descriptors, %d complaints\n", count, complaints);
	return complaints > 0;
}
