/*
 * Preloaded into lbd: memory, and files that are memory, refused when a test
 * says so; or the system calls by which it talks, watches and forks. The file in
 * SCARCE has four numbers: how often was asked so far, which time is refused,
 * and from which time on all are, 0 meaning never; and what is counted, 0 for
 * memory, 1 for calls. What cannot fail, as closing, is left alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum what { MEMORY, CALLS };

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *at, size_t size);
pid_t __fork(void);

static struct {
	_Atomic long asked, once, always, what;
} * orders;

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("SCARCE");
	int fd = path
		? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC)
		: -1;
	void *at;

	if (fd < 0)
		return;
	at = (void *)syscall(SYS_mmap, NULL, sizeof(*orders),
		PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (at != MAP_FAILED)
		orders = at;
}

static int is_refused(enum what what, int error)
{
	long n;

	if (!orders || orders->what != what)
		return 0;
	n = atomic_fetch_add(&orders->asked, 1) + 1;
	if (n != orders->once && (!orders->always || n < orders->always))
		return 0;
	errno = error;
	return 1;
}

void *malloc(size_t size)
{
	return is_refused(MEMORY, ENOMEM) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return is_refused(MEMORY, ENOMEM) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *at, size_t size)
{
	return is_refused(MEMORY, ENOMEM) ? NULL : __libc_realloc(at, size);
}

/* Of either kind. */
static int is_refused_memory(int error)
{
	return is_refused(MEMORY, error) || is_refused(CALLS, error);
}

int memfd_create(const char *name, unsigned flags)
{
	if (is_refused_memory(EMFILE))
		return -1;
	return (int)syscall(SYS_memfd_create, name, flags);
}

int ftruncate(int fd, off_t size)
{
	if (is_refused(CALLS, ENOMEM))
		return -1;
	return (int)syscall(SYS_ftruncate, fd, size);
}

int fallocate(int fd, int mode, off_t from, off_t size)
{
	if (is_refused_memory(ENOSPC))
		return -1;
	return (int)syscall(SYS_fallocate, fd, mode, from, size);
}

void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t from)
{
	if (is_refused_memory(ENOMEM))
		return MAP_FAILED;
	return (void *)syscall(SYS_mmap, at, size, protection, flags, fd, from);
}

int open(const char *path, int flags, ...)
{
	va_list rest;
	mode_t mode;

	if (is_refused(CALLS, EMFILE))
		return -1;
	va_start(rest, flags);
	mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
	va_end(rest);
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

ssize_t read(int fd, void *to, size_t size)
{
	if (is_refused(CALLS, EIO))
		return -1;
	return syscall(SYS_read, fd, to, size);
}

int fstat(int fd, struct stat *to)
{
	if (is_refused(CALLS, ENOMEM))
		return -1;
	return (int)syscall(SYS_newfstatat, fd, "", to, AT_EMPTY_PATH);
}

int pipe2(int fd[2], int flags)
{
	if (is_refused(CALLS, EMFILE))
		return -1;
	return (int)syscall(SYS_pipe2, fd, flags);
}

int pipe(int fd[2])
{
	return pipe2(fd, 0);
}

int eventfd(unsigned first, int flags)
{
	if (is_refused(CALLS, EMFILE))
		return -1;
	return (int)syscall(SYS_eventfd2, first, flags);
}

int signalfd(int fd, const sigset_t *set, int flags)
{
	if (fd < 0 && is_refused(CALLS, EMFILE))
		return -1;
	return (int)syscall(SYS_signalfd4, fd, set, sizeof(uint64_t), flags);
}

pid_t fork(void)
{
	return is_refused(CALLS, EAGAIN) ? -1 : __fork();
}

int epoll_create1(int flags)
{
	if (is_refused(CALLS, EMFILE))
		return -1;
	return (int)syscall(SYS_epoll_create1, flags);
}

int epoll_create(int size)
{
	(void)size;
	return epoll_create1(0);
}

/* As where its user has too many watches, or the kernel is short of memory: one
 * more takes room, to change one or to end it takes none. */
int epoll_ctl(int epoll, int what, int fd, struct epoll_event *e)
{
	if (what == EPOLL_CTL_ADD && is_refused(CALLS, ENOSPC))
		return -1;
	return (int)syscall(SYS_epoll_ctl, epoll, what, fd, e);
}

int socket(int family, int type, int protocol)
{
	if (is_refused(CALLS, EMFILE))
		return -1;
	return (int)syscall(SYS_socket, family, type, protocol);
}

int connect(int fd, const struct sockaddr *to, socklen_t size)
{
	if (is_refused(CALLS, ENOBUFS))
		return -1;
	return (int)syscall(SYS_connect, fd, to, size);
}

int accept4(int fd, struct sockaddr *from, socklen_t *size, int flags)
{
	if (is_refused(CALLS, EMFILE))
		return -1;
	return (int)syscall(SYS_accept4, fd, from, size, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	if (is_refused(CALLS, ENOBUFS))
		return -1;
	return syscall(SYS_sendmsg, fd, message, flags);
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	if (is_refused(CALLS, ENOMEM))
		return -1;
	return syscall(SYS_recvmsg, fd, message, flags);
}

ssize_t sendto(int fd, const void *from, size_t size, int flags,
	const struct sockaddr *to, socklen_t length)
{
	if (is_refused(CALLS, ENOBUFS))
		return -1;
	return syscall(SYS_sendto, fd, from, size, flags, to, length);
}

ssize_t recvfrom(int fd, void *to, size_t size, int flags,
	struct sockaddr *from, socklen_t *length)
{
	if (is_refused(CALLS, ENOMEM))
		return -1;
	return syscall(SYS_recvfrom, fd, to, size, flags, from, length);
}

ssize_t send(int fd, const void *from, size_t size, int flags)
{
	return sendto(fd, from, size, flags, NULL, 0);
}

ssize_t recv(int fd, void *to, size_t size, int flags)
{
	return recvfrom(fd, to, size, flags, NULL, NULL);
}
