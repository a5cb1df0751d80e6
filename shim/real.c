/*
 * What stands below the shim. The constructor looks symbols up and reads the
 * environment, once; it opens nothing and calls nobody.
 */
#include "real.h"
#include "raw.h"
#include "say.h"
#include "shim.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/auxv.h>

#pragma weak dlsym
#pragma weak environ
#pragma weak lbd_is_here
extern char **environ;
extern const char lbd_is_here[]; /* lbd itself has it, and nobody else */

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

static const struct symbol {
	void *slot;
	const char *name;
} calls[] = {
	{&real.connect, "connect"},
	{&real.shutdown, "shutdown"},
	{&real.getpeername, "getpeername"},
	{&real.getsockopt, "getsockopt"},
	{&real.sendto, "sendto"},
	{&real.sendmsg, "sendmsg"},
	{&real.sendmmsg, "sendmmsg"},
	{&real.poll, "poll"},
	{&real.ppoll, "ppoll"},
	{&real.poll_chk, "__poll_chk"},
	{&real.ppoll_chk, "__ppoll_chk"},
	{&real.select, "select"},
	{&real.pselect, "pselect"},
	{&real.epoll_ctl, "epoll_ctl"},
	{&real.epoll_wait, "epoll_wait"},
	{&real.epoll_pwait, "epoll_pwait"},
	{&real.epoll_pwait2, "epoll_pwait2"},
	{&real.socket, "socket"},
	{&real.dup, "dup"},
	{&real.dup2, "dup2"},
	{&real.dup3, "dup3"},
	{&real.fcntl, "fcntl"},
	{&real.fcntl64, "fcntl64"},
	{&real.recvmsg, "recvmsg"},
	{&real.recvmmsg, "recvmmsg"},
	{&real.clock_gettime, "clock_gettime"},
	{&real.chroot, "chroot"},
	{&real.prctl, "prctl"},
	{&real_syscall, "syscall"},
	{NULL, NULL},
};

__attribute__((constructor)) static void on_load(void)
{
	if (!dlsym)
		return;
	for (const struct symbol *s = calls; s->name; s++)
		take(s->slot, s->name);
	real_find_names();
	real_settings.inert = lbd_is_here;
	if (!is_privileged())
		read_settings();
}
