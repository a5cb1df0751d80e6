/*
 * chroot(2), prctl(2), seccomp(2): the last moment to attach. A program that
 * locks itself in has its table from before; once it has a filter of its own,
 * the shim makes no system call that the program did not ask for.
 */
#include "sandbox.h"
#include "attach.h"
#include "real.h"
#include "shim.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <unistd.h>

atomic_bool sandbox_closed, sandbox_rooted;

static void note(int rc, bool closes)
{
	if (rc == 0 && closes)
		atomic_store(&sandbox_closed, true);
}

EXPORT int chroot(const char *path)
{
	int rc;

	attach_current();
	rc = real.chroot(path);
	if (rc == 0 && !sandbox_is_closed() && identity_is_own())
		atomic_store(&sandbox_rooted, true);
	return rc;
}

EXPORT int prctl(int option, ...)
{
	unsigned long arg[4];
	va_list args;
	int rc;

	va_start(args, option);
	for (int i = 0; i < 4; i++)
		arg[i] = va_arg(args, unsigned long);
	va_end(args);
	if (option == PR_SET_SECCOMP || option == PR_SET_NO_NEW_PRIVS)
		attach_current();
	rc = real.prctl(option, arg[0], arg[1], arg[2], arg[3]);
	note(rc, option == PR_SET_SECCOMP);
	return rc;
}

/* seccomp(2) has no function of its own: it comes as syscall(). */
long sandbox_seccomp(long number, unsigned op, unsigned flags, void *args);

long sandbox_seccomp(long number, unsigned op, unsigned flags, void *args)
{
	bool closes =
		op == SECCOMP_SET_MODE_STRICT || op == SECCOMP_SET_MODE_FILTER;
	long rc;

	if (closes)
		attach_current();
	rc = real_syscall(number, op, flags, args);
	if (closes && rc >= 0) /* a listener's descriptor, maybe */
		note(0, true);
	return rc;
}

/*
 * syscall(2): every other call goes on untouched, with whatever arguments it
 * has; there is no telling how many, so this is not C.
 */
#if defined(__x86_64__)
__asm__(".text\n"
	".globl syscall\n"
	".type syscall, @function\n"
	"syscall:\n"
	"	.cfi_startproc\n"
	"	cmp $317, %rdi\n" /* SYS_seccomp */
	"	je sandbox_seccomp\n"
	"	jmp *real_syscall(%rip)\n"
	"	.cfi_endproc\n"
	".size syscall, .-syscall\n");
#elif defined(__aarch64__)
__asm__(".text\n"
	".globl syscall\n"
	".type syscall, %function\n"
	"syscall:\n"
	"	.cfi_startproc\n"
	"	cmp x0, #277\n" /* SYS_seccomp */
	"	b.eq sandbox_seccomp\n"
	"	adrp x16, real_syscall\n"
	"	ldr x16, [x16, :lo12:real_syscall]\n"
	"	br x16\n"
	"	.cfi_endproc\n"
	".size syscall, .-syscall\n");
#endif
