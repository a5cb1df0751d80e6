/*
 * Preloaded into lbd: a machine on which all open files that there may be are
 * open. Who closes one can have one, and nobody else leaves any. The file in
 * MACHINE has two numbers: is it full, and how many there are to be had then.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct {
	_Atomic long full, left;
} * machine;

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("MACHINE");
	int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR) : -1;
	void *at;

	if (fd < 0)
		return;
	at = mmap(NULL, sizeof(*machine), PROT_READ | PROT_WRITE, MAP_SHARED,
		fd, 0);
	syscall(SYS_close, fd);
	if (at != MAP_FAILED)
		machine = at;
}

static int is_full(void)
{
	return machine && machine->full;
}

/* False, with errno: there is none left. */
static int take(void)
{
	if (!is_full() || atomic_fetch_sub(&machine->left, 1) > 0)
		return 1;
	machine->left++;
	errno = ENFILE;
	return 0;
}

static int took(long fd)
{
	if (fd < 0 && is_full())
		machine->left++;
	return (int)fd;
}

int accept4(int fd, struct sockaddr *from, socklen_t *size, int flags)
{
	return take() ? took(syscall(SYS_accept4, fd, from, size, flags)) : -1;
}

int socket(int family, int type, int protocol)
{
	return take() ? took(syscall(SYS_socket, family, type, protocol)) : -1;
}

int open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
	va_end(args);
	if (!take())
		return -1;
	return took(syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}

int fcntl(int fd, int what, ...)
{
	va_list args;
	long how;

	va_start(args, what);
	how = va_arg(args, long);
	va_end(args);
	if (what != F_DUPFD && what != F_DUPFD_CLOEXEC)
		return (int)syscall(SYS_fcntl, fd, what, how);
	return take() ? took(syscall(SYS_fcntl, fd, what, how)) : -1;
}

int fcntl64(int fd, int what, ...) __attribute__((alias("fcntl")));

int close(int fd)
{
	long rc = syscall(SYS_close, fd);

	if (!rc && is_full())
		machine->left++;
	return (int)rc;
}
