/* System calls without libc: no errno, no cancellation, no other hook. */
#ifndef SHIM_RAW_H
#define SHIM_RAW_H

#include <stddef.h>
#include <sys/syscall.h>

#ifndef __LP64__
#error "64-bit only"
#endif

/* Returns what the kernel does: a result, or -errno. */
static inline long raw6(long nr, long a, long b, long c, long d, long e, long f)
{
#if defined(__x86_64__)
	long rc;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;

	__asm__ volatile(
		"syscall"
		: "=a"(rc)
		: "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
		: "rcx", "r11", "memory");
	return rc;
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
#else
#error "no system calls for this architecture yet"
#endif
}

static inline long raw3(long nr, long a, long b, long c)
{
	return raw6(nr, a, b, c, 0, 0, 0);
}

static inline long raw5(long nr, long a, long b, long c, long d, long e)
{
	return raw6(nr, a, b, c, d, e, 0);
}

/* A new mapping; NULL where the kernel has none to give. */
static inline void *raw_map(size_t size, int protection, int flags, int fd)
{
	long at = raw6(SYS_mmap, 0, (long)size, protection, flags, fd, 0);

	return at < 0 && at > -4096 ? NULL : (void *)at;
}

#endif
