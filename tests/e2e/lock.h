/*
 * What a program locks itself in with: from then on any system call ends it,
 * but for those it is allowed, and socket() of AF_INET.
 */
#ifndef E2E_LOCK_H
#define E2E_LOCK_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>

enum { LOCK_CALLS_MOST = 16 };

struct lock {
	struct sock_filter code[2 * LOCK_CALLS_MOST + 6];
	unsigned short length;
};

static inline void lock_add(struct lock *lock, struct sock_filter step)
{
	lock->code[lock->length++] = step;
}

/* One step: the word at `offset` of what is known of a call. */
static inline void lock_load(struct lock *lock, unsigned offset)
{
	lock_add(lock,
		(struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset));
}

static inline void lock_unless(
	struct lock *lock, unsigned value, unsigned char skip)
{
	lock_add(lock,
		(struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip));
}

static inline void lock_end(struct lock *lock, unsigned what)
{
	lock_add(lock, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, what));
}

static inline struct lock lock_of(const int *allowed, int count)
{
	struct lock lock = {.length = 0};

	lock_load(&lock, offsetof(struct seccomp_data, nr));
	for (int i = 0; i < count; i++) {
		lock_unless(&lock, (unsigned)allowed[i], 1);
		lock_end(&lock, SECCOMP_RET_ALLOW);
	}
	lock_unless(&lock, SYS_socket, 3);
	lock_load(&lock, offsetof(struct seccomp_data, args));
	lock_unless(&lock, AF_INET, 1);
	lock_end(&lock, SECCOMP_RET_ALLOW);
	lock_end(&lock, SECCOMP_RET_KILL_PROCESS);
	return lock;
}

#endif
