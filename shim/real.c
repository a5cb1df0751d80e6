/*
 * What stands below the shim. The constructor looks symbols up and reads the
 * environment, once; it opens nothing and calls nobody.
 */
#include "real.h"
#include "raw.h"
#include "say.h"
#include "shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/auxv.h>

#pragma weak dlsym
#pragma weak environ
extern char **environ;

static int raw_result(long rc)
{
	if (rc < 0) {
		errno = (int)-rc;
		return -1;
	}
	return (int)rc;
}

static int raw_connect(int fd, const struct sockaddr *to, socklen_t len)
{
	return raw_result(raw3(SYS_connect, fd, (long)to, len));
}

static int raw_socket(int family, int type, int protocol)
{
	return raw_result(raw3(SYS_socket, family, type, protocol));
}

static int raw_clock_gettime(clockid_t clock, struct timespec *at)
{
	return raw_result(raw3(SYS_clock_gettime, clock, (long)at, 0));
}

static int raw_chroot(const char *path)
{
	return raw_result(raw3(SYS_chroot, (long)path, 0, 0));
}

static int raw_prctl(int option, ...)
{
	long arg[4];
	va_list args;

	va_start(args, option);
	for (int i = 0; i < 4; i++)
		arg[i] = va_arg(args, long);
	va_end(args);
	return raw_result(
		raw5(SYS_prctl, option, arg[0], arg[1], arg[2], arg[3]));
}

static long raw_syscall(long number, ...)
{
	long arg[6], rc;
	va_list args;

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		arg[i] = va_arg(args, long);
	va_end(args);
	rc = raw6(number, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
	if (rc < 0 && rc > -4096) {
		errno = (int)-rc;
		return -1;
	}
	return rc;
}

struct real real = {
	.connect = raw_connect,
	.socket = raw_socket,
	.clock_gettime = raw_clock_gettime,
	.chroot = raw_chroot,
	.prctl = raw_prctl,
};

long (*real_syscall)(long, ...) = raw_syscall;

/* Inert until loaded: an earlier library's constructor gets plain calls. */
struct real_settings real_settings = {
	.inert = true,
	.socket = "/run/lbd/lbd.sock",
};

void *real_symbol(const char *name)
{
	return dlsym ? dlsym(RTLD_NEXT, name) : NULL;
}

static bool same_text(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/* The value of `NAME=`; NULL where it is not set. */
static const char *setting(const char *name)
{
	for (char **e = &environ ? environ : NULL; e && *e; e++) {
		const char *n = name, *at = *e;

		while (*n && *n == *at) {
			n++;
			at++;
		}
		if (!*n)
			return at;
	}
	return NULL;
}

/* A path that is too long for a socket becomes none: attaching says so. */
static void set_socket(const char *path)
{
	size_t n = 0;

	while (n < sizeof(real_settings.socket) && path[n])
		n++;
	real_settings.socket[0] = '\0';
	if (n < sizeof(real_settings.socket))
		__builtin_memcpy(real_settings.socket, path, n + 1);
}

static void read_settings(void)
{
	const char *value;

	if ((value = setting("LBD_SOCKET=")) && *value)
		set_socket(value);
	if ((value = setting("LBSHIM=")) && same_text(value, "off"))
		real_settings.inert = true;
	if ((value = setting("LBSHIM_LOG="))) {
		real_settings.log_all = same_text(value, "debug");
		real_settings.log_failures =
			real_settings.log_all || same_text(value, "error");
	}
	if (real_settings.log_failures)
		say_remember_stderr();
}

static void take(void *slot, const char *name)
{
	void *found = dlsym(RTLD_NEXT, name);

	if (found)
		__builtin_memcpy(slot, &found, sizeof(found));
}

void real_find_names(void)
{
	if (!dlsym)
		return;
	take(&real.getaddrinfo, "getaddrinfo");
	take(&real.freeaddrinfo, "freeaddrinfo");
	take(&real.gethostbyname, "gethostbyname");
	take(&real.gethostbyname2, "gethostbyname2");
	take(&real.gethostbyname_r, "gethostbyname_r");
	take(&real.gethostbyname2_r, "gethostbyname2_r");
	take(&real.h_errno_location, "__h_errno_location");
	take(&real.gnu_get_libc_version, "gnu_get_libc_version");
}

/* A privileged program's environment is its caller's: not to be believed. */
static bool is_privileged(void)
{
	unsigned long (*auxv)(unsigned long) = NULL;

	take(&auxv, "getauxval");
	return auxv && auxv(AT_SECURE);
}

__attribute__((constructor)) static void on_load(void)
{
	if (!dlsym)
		return;
	take(&real.connect, "connect");
	take(&real.socket, "socket");
	take(&real.clock_gettime, "clock_gettime");
	take(&real.chroot, "chroot");
	take(&real.prctl, "prctl");
	take(&real_syscall, "syscall");
	real_find_names();
	real_settings.inert =
		dlsym(RTLD_DEFAULT, "lbd_is_here"); /* lbd itself */
	if (!is_privileged())
		read_settings();
}
