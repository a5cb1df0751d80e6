/*
 * Preloaded into lbd: memory, and files that are memory, refused when a test
 * says so. The file in SCARCE has three numbers: how often was asked so far,
 * which time is refused, and from which time on all are; 0 means never.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *at, size_t size);

static struct {
	_Atomic long asked, once, always;
} * orders;

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("SCARCE");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *at;

	if (fd < 0)
		return;
	at = mmap(NULL, sizeof(*orders), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		0);
	close(fd);
	if (at != MAP_FAILED)
		orders = at;
}

static int is_refused(int error)
{
	long n;

	if (!orders)
		return 0;
	n = atomic_fetch_add(&orders->asked, 1) + 1;
	if (n != orders->once && (!orders->always || n < orders->always))
		return 0;
	errno = error;
	return 1;
}

void *malloc(size_t size)
{
	return is_refused(ENOMEM) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return is_refused(ENOMEM) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *at, size_t size)
{
	return is_refused(ENOMEM) ? NULL : __libc_realloc(at, size);
}

int memfd_create(const char *name, unsigned flags)
{
	if (is_refused(EMFILE))
		return -1;
	return (int)syscall(SYS_memfd_create, name, flags);
}

int fallocate(int fd, int mode, off_t from, off_t size)
{
	if (is_refused(ENOSPC))
		return -1;
	return (int)syscall(SYS_fallocate, fd, mode, from, size);
}

void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t from)
{
	if (is_refused(ENOMEM))
		return MAP_FAILED;
	return (void *)syscall(SYS_mmap, at, size, protection, flags, fd, from);
}
