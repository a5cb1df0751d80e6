/*
 * One counter, and every call that lbd makes for memory or at a file goes by
 * it. As long as no test has picked one it costs a load and a branch.
 */
#include "refusal.h"
#include "lbd/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_bool picky;
static struct refusal picked;
static atomic_ulong asked; /* a thread of libcurl's may ask, too */
static pid_t here;

void refusal_begin(struct refusal what)
{
	picked = what;
	asked = 0;
	here = getpid();
	atomic_store(&picky, true);
}

bool refusal_end(void)
{
	atomic_store(&picky, false);
	return asked >= picked.nth;
}

static bool is_refused(const char *call, int err)
{
	unsigned long now;

	/* Who counts branches asks for memory in a child before its exec. */
	if (!atomic_load(&picky) || getpid() != here)
		return false;
	if (picked.call && strcmp(picked.call, call))
		return false;
	now = atomic_fetch_add(&asked, 1) + 1;
	if (now < picked.nth || (now > picked.nth && !picked.lasting))
		return false;
	if (picked.meanwhile) {
		picked.meanwhile();
		return false;
	}
	errno = picked.err ? picked.err : err;
	return true;
}

/* Names that the linker gives: __wrap_X is called for X, __real_X is X. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *at, size_t size);
void *__real_reallocarray(void *at, size_t count, size_t size);
char *__real_strdup(const char *text);
int __real_vasprintf(char **to, const char *format, va_list args);
FILE *__real_fdopen(int fd, const char *mode);
int __real_open(const char *path, int flags, ...);
ssize_t __real_read(int fd, void *to, size_t size);
int __real_fstat(int fd, struct stat *to);
int __real_fcntl(int fd, int request, ...);
ssize_t __real_getrandom(void *to, size_t size, unsigned flags);
int __real_memfd_create(const char *name, unsigned flags);
int __real_ftruncate(int fd, off_t size);
int __real_fallocate(int fd, int mode, off_t from, off_t size);
int __real_fchmod(int fd, mode_t mode);
void *__real_mmap(
	void *at, size_t size, int protection, int flags, int fd, off_t from);
int __real_socket(int family, int type, int protocol);
int __real_connect(int fd, const struct sockaddr *to, socklen_t len);
int __real_getsockopt(
	int fd, int level, int option, void *value, socklen_t *len);
int __real_setsockopt(
	int fd, int level, int option, const void *value, socklen_t len);
ssize_t __real_send(int fd, const void *from, size_t size, int flags);
ssize_t __real_recv(int fd, void *to, size_t size, int flags);
int __real_pipe2(int fd[2], int flags);
pid_t __real_fork(void);

bool __real_publish_keys_fill(struct region *region, const struct world *world);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *at, size_t size);
void *__wrap_reallocarray(void *at, size_t count, size_t size);
char *__wrap_strdup(const char *text);
int __wrap_vasprintf(char **to, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));
int __wrap_asprintf(char **to, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
FILE *__wrap_fdopen(int fd, const char *mode);
int __wrap_open(const char *path, int flags, ...);
ssize_t __wrap_read(int fd, void *to, size_t size);
int __wrap_fstat(int fd, struct stat *to);
int __wrap_fcntl(int fd, int request, ...);
ssize_t __wrap_getrandom(void *to, size_t size, unsigned flags);
int __wrap_memfd_create(const char *name, unsigned flags);
int __wrap_ftruncate(int fd, off_t size);
int __wrap_fallocate(int fd, int mode, off_t from, off_t size);
int __wrap_fchmod(int fd, mode_t mode);
void *__wrap_mmap(
	void *at, size_t size, int protection, int flags, int fd, off_t from);
int __wrap_socket(int family, int type, int protocol);
int __wrap_connect(int fd, const struct sockaddr *to, socklen_t len);
int __wrap_getsockopt(
	int fd, int level, int option, void *value, socklen_t *len);
int __wrap_setsockopt(
	int fd, int level, int option, const void *value, socklen_t len);
ssize_t __wrap_send(int fd, const void *from, size_t size, int flags);
ssize_t __wrap_recv(int fd, void *to, size_t size, int flags);
int __wrap_pipe2(int fd[2], int flags);
pid_t __wrap_fork(void);

bool __wrap_publish_keys_fill(struct region *region, const struct world *world);

void *__wrap_malloc(size_t size)
{
	return is_refused("malloc", ENOMEM) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return is_refused("calloc", ENOMEM) ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *at, size_t size)
{
	return is_refused("realloc", ENOMEM) ? NULL : __real_realloc(at, size);
}

void *__wrap_reallocarray(void *at, size_t count, size_t size)
{
	return is_refused("reallocarray", ENOMEM)
		? NULL
		: __real_reallocarray(at, count, size);
}

char *__wrap_strdup(const char *text)
{
	return is_refused("strdup", ENOMEM) ? NULL : __real_strdup(text);
}

int __wrap_vasprintf(char **to, const char *format, va_list args)
{
	return is_refused("vasprintf", ENOMEM)
		? -1
		: __real_vasprintf(to, format, args);
}

int __wrap_asprintf(char **to, const char *format, ...)
{
	va_list args;
	int size;

	if (is_refused("asprintf", ENOMEM))
		return -1;
	va_start(args, format);
	size = __real_vasprintf(to, format, args);
	va_end(args);
	return size;
}

FILE *__wrap_fdopen(int fd, const char *mode)
{
	return is_refused("fdopen", ENOMEM) ? NULL : __real_fdopen(fd, mode);
}

int __wrap_open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	if (is_refused("open", EMFILE))
		return -1;
	va_start(args, flags);
	mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	return __real_open(path, flags, mode);
}

ssize_t __wrap_read(int fd, void *to, size_t size)
{
	return is_refused("read", EIO) ? -1 : __real_read(fd, to, size);
}

int __wrap_fstat(int fd, struct stat *to)
{
	return is_refused("fstat", EIO) ? -1 : __real_fstat(fd, to);
}

int __wrap_fcntl(int fd, int request, ...)
{
	va_list args;
	void *rest;

	if (is_refused("fcntl", EPERM))
		return -1;
	va_start(args, request);
	rest = va_arg(args, void *);
	va_end(args);
	return __real_fcntl(fd, request, rest);
}

ssize_t __wrap_getrandom(void *to, size_t size, unsigned flags)
{
	return is_refused("getrandom", EAGAIN)
		? -1
		: __real_getrandom(to, size, flags);
}

int __wrap_memfd_create(const char *name, unsigned flags)
{
	return is_refused("memfd_create", EMFILE)
		? -1
		: __real_memfd_create(name, flags);
}

int __wrap_ftruncate(int fd, off_t size)
{
	return is_refused("ftruncate", ENOMEM) ? -1
					       : __real_ftruncate(fd, size);
}

int __wrap_fallocate(int fd, int mode, off_t from, off_t size)
{
	return is_refused("fallocate", ENOSPC)
		? -1
		: __real_fallocate(fd, mode, from, size);
}

int __wrap_fchmod(int fd, mode_t mode)
{
	return is_refused("fchmod", EPERM) ? -1 : __real_fchmod(fd, mode);
}

void *__wrap_mmap(
	void *at, size_t size, int protection, int flags, int fd, off_t from)
{
	return is_refused("mmap", ENOMEM)
		? MAP_FAILED
		: __real_mmap(at, size, protection, flags, fd, from);
}

int __wrap_socket(int family, int type, int protocol)
{
	return is_refused("socket", EMFILE)
		? -1
		: __real_socket(family, type, protocol);
}

int __wrap_connect(int fd, const struct sockaddr *to, socklen_t len)
{
	return is_refused("connect", ENOBUFS) ? -1
					      : __real_connect(fd, to, len);
}

int __wrap_getsockopt(
	int fd, int level, int option, void *value, socklen_t *len)
{
	return is_refused("getsockopt", ENOBUFS)
		? -1
		: __real_getsockopt(fd, level, option, value, len);
}

int __wrap_setsockopt(
	int fd, int level, int option, const void *value, socklen_t len)
{
	return is_refused("setsockopt", ENOBUFS)
		? -1
		: __real_setsockopt(fd, level, option, value, len);
}

ssize_t __wrap_send(int fd, const void *from, size_t size, int flags)
{
	return is_refused("send", ENOBUFS) ? -1
					   : __real_send(fd, from, size, flags);
}

ssize_t __wrap_recv(int fd, void *to, size_t size, int flags)
{
	return is_refused("recv", ENOMEM) ? -1
					  : __real_recv(fd, to, size, flags);
}

int __wrap_pipe2(int fd[2], int flags)
{
	return is_refused("pipe2", EMFILE) ? -1 : __real_pipe2(fd, flags);
}

pid_t __wrap_fork(void)
{
	return is_refused("fork", EAGAIN) ? -1 : __real_fork();
}

/* No addresses are known for which all of its seeds fail. */
bool __wrap_publish_keys_fill(struct region *region, const struct world *world)
{
	bool filled = __real_publish_keys_fill(region, world);

	if (!is_refused("publish_keys_fill", 0))
		return filled;
	region->filled = NULL;
	return false;
}
