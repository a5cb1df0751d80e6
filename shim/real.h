/*
 * The libc underneath: the calls we stole, and the few we use.
 *
 * Usable at any time. Before the constructor ran, and where there is no
 * dlsym(), the system calls go to the kernel directly; what is not a system
 * call is looked up on the spot.
 */
#ifndef SHIM_REAL_H
#define SHIM_REAL_H

#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>

struct real {
	int (*connect)(int, const struct sockaddr *, socklen_t);
	int (*shutdown)(int, int);
	int (*getpeername)(int, struct sockaddr *, socklen_t *);
	int (*getsockopt)(int, int, int, void *, socklen_t *);
	ssize_t (*sendto)(int, const void *, size_t, int,
		const struct sockaddr *, socklen_t);
	ssize_t (*sendmsg)(int, const struct msghdr *, int);
	int (*sendmmsg)(int, struct mmsghdr *, unsigned, int);

	/* Waiting. */
	int (*poll)(struct pollfd *, nfds_t, int);
	int (*ppoll)(struct pollfd *, nfds_t, const struct timespec *,
		const sigset_t *);
	int (*poll_chk)(struct pollfd *, nfds_t, int, size_t);
	int (*ppoll_chk)(struct pollfd *, nfds_t, const struct timespec *,
		const sigset_t *, size_t);
	int (*select)(int, fd_set *, fd_set *, fd_set *, struct timeval *);
	int (*pselect)(int, fd_set *, fd_set *, fd_set *,
		const struct timespec *, const sigset_t *);
	int (*epoll_ctl)(int, int, int, struct epoll_event *);
	int (*epoll_wait)(int, struct epoll_event *, int, int);
	int (*epoll_pwait)(
		int, struct epoll_event *, int, int, const sigset_t *);
	int (*epoll_pwait2)(int, struct epoll_event *, int,
		const struct timespec *, const sigset_t *);

	/* Numbers of descriptors. */
	int (*socket)(int, int, int);
	int (*dup)(int);
	int (*dup2)(int, int);
	int (*dup3)(int, int, int);
	int (*fcntl)(int, int, ...);
	int (*fcntl64)(int, int, ...);
	ssize_t (*recvmsg)(int, struct msghdr *, int);
	int (*recvmmsg)(
		int, struct mmsghdr *, unsigned, int, struct timespec *);

	int (*clock_gettime)(clockid_t, struct timespec *);
	int (*chroot)(const char *);
	int (*prctl)(int, ...);

	/* Names are no system calls: NULL until real_find_names() ran. */
	int (*getaddrinfo)(const char *, const char *, const struct addrinfo *,
		struct addrinfo **);
	void (*freeaddrinfo)(struct addrinfo *);
	struct hostent *(*gethostbyname)(const char *);
	struct hostent *(*gethostbyname2)(const char *, int);
	int (*gethostbyname_r)(const char *, struct hostent *, char *, size_t,
		struct hostent **, int *);
	int (*gethostbyname2_r)(const char *, int, struct hostent *, char *,
		size_t, struct hostent **, int *);
	int *(*h_errno_location)(void);
	const char *(*gnu_get_libc_version)(void); /* NULL: not glibc */
};

/* System calls until the constructor has run, which writes it once. */
extern struct real real;

/* Of its own, for the assembly that jumps through it. */
extern long (*real_syscall)(long, ...);

/* Looks a symbol up below us; NULL where there is none, or no dlsym(). */
void *real_symbol(const char *name);

/* For a host that looks names up before the constructor did this. */
void real_find_names(void);

/* Read from the environment at load; fixed from then on. */
struct real_settings {
	bool inert; /* load, do nothing */
	bool log_failures, log_all;
	char socket[108]; /* where lbd listens */
};

extern struct real_settings real_settings;

static inline uint64_t real_ms(clockid_t clock)
{
	struct timespec at = {0, 0};

	real.clock_gettime(clock, &at);
	return (uint64_t)at.tv_sec * 1000 + (uint64_t)at.tv_nsec / 1000000;
}

/* Milliseconds that never jump, 4 ms fine: a few ns, no system call. */
static inline uint64_t real_coarse_ms(void)
{
	return real_ms(CLOCK_MONOTONIC_COARSE);
}

/* The same clock to the millisecond. */
static inline uint64_t real_precise_ms(void)
{
	return real_ms(CLOCK_MONOTONIC);
}

#endif
