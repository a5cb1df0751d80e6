/*
 * set*id(2), setgroups(2), initgroups(3): the rights are those of whoever the
 * process is.
 *
 *	begun -> the real call -> marked -> what no id leads back to is forgotten
 *
 * Nothing else happens here: the next call that needs the table attaches as
 * whoever the process is by then. setfsuid(2) and setfsgid(2) do not matter:
 * what the kernel tells lbd are the effective ids.
 */
#include "identity.h"
#include "attach.h"
#include "kept.h"
#include "pending.h"
#include "raw.h"
#include "real.h"
#include "sandbox.h"
#include "shim.h"

#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FEW_GROUPS = 64 };

_Atomic uint64_t identity_epoch;

/* Calls that have begun, whatever became of them, anybody's. */
static _Atomic uint64_t begun;

enum call {
	SETUID,
	SETEUID,
	SETREUID,
	SETRESUID,
	SETGID,
	SETEGID,
	SETREGID,
	SETRESGID,
	SETGROUPS,
	INITGROUPS,
	PTHREAD_SELF,
	PTHREAD_GETCPUCLOCKID,
	CALLS,
};

static const char name[CALLS][24] = {
	[SETUID] = "setuid",
	[SETEUID] = "seteuid",
	[SETREUID] = "setreuid",
	[SETRESUID] = "setresuid",
	[SETGID] = "setgid",
	[SETEGID] = "setegid",
	[SETREGID] = "setregid",
	[SETRESGID] = "setresgid",
	[SETGROUPS] = "setgroups",
	[INITGROUPS] = "initgroups",
	[PTHREAD_SELF] = "pthread_self",
	[PTHREAD_GETCPUCLOCKID] = "pthread_getcpuclockid",
};

/* libc's. Looked up at need: few programs have any, and all start. */
static _Atomic(void *) known[CALLS];

static void *find(enum call call)
{
	void *found = atomic_load(&known[call]);

	if (!found) {
		found = real_symbol(name[call]);
		atomic_store(&known[call], found);
	}
	return found;
}

static uint64_t mix_groups(const gid_t *group, long count)
{
	uint64_t h = 1;

	for (long i = 0; i < count; i++)
		h = table_mix((h ^ group[i]) * 0x100000001b3ULL);
	h ^= (uint64_t)count << 32;
	return h ? h : 1;
}

static uint64_t groups_of_many(void)
{
	long count = raw3(SYS_getgroups, 0, 0, 0);
	size_t size = (size_t)count * sizeof(gid_t);
	uint64_t mixed = 0;
	gid_t *group;

	if (count <= 0)
		return 0;
	group = raw_map(
		size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	if (!group)
		return 0;
	if (raw3(SYS_getgroups, count, (long)group, 0) == count)
		mixed = mix_groups(group, count);
	raw3(SYS_munmap, (long)group, (long)size, 0);
	return mixed;
}

/* The kernel keeps them sorted. */
static uint64_t groups(void)
{
	gid_t few[FEW_GROUPS];
	long count = raw3(SYS_getgroups, FEW_GROUPS, (long)few, 0);

	return count < 0 ? groups_of_many() : mix_groups(few, count);
}

static struct ids current(void)
{
	return (struct ids){
		.user = (uint32_t)raw3(SYS_geteuid, 0, 0, 0),
		.group = (uint32_t)raw3(SYS_getegid, 0, 0, 0),
		.groups = groups(),
	};
}

void identity_note(struct identity_moment *now)
{
	now->begun = atomic_load(&begun);
	now->epoch = atomic_load(&identity_epoch);
	now->who = current();
}

/*
 * One change that was under way all the time shows in who the process is, two
 * that cancel each other out in that the second one has begun.
 */
bool identity_lasted(const struct identity_moment *since)
{
	struct ids now = current();

	return now.user == since->who.user && now.group == since->who.group &&
		now.groups == since->who.groups &&
		atomic_load(&begun) == since->begun;
}

void identity_find_ways(struct identity_ways *ways)
{
	/* where the kernel does not say, none leads anywhere */
	*ways = (struct identity_ways){
		.user = {UINT32_MAX, UINT32_MAX, UINT32_MAX},
		.group = {UINT32_MAX, UINT32_MAX, UINT32_MAX},
	};
	raw3(SYS_getresuid, (long)&ways->user[0], (long)&ways->user[1],
		(long)&ways->user[2]);
	raw3(SYS_getresgid, (long)&ways->group[0], (long)&ways->group[1],
		(long)&ways->group[2]);
	ways->groups = groups();
}

static bool is_among(const uint32_t id[3], uint32_t wanted)
{
	return id[0] == wanted || id[1] == wanted || id[2] == wanted;
}

/* Root can be anybody; others what they were, with the groups they have. */
bool identity_leads_to(const struct identity_ways *ways, const struct ids *who)
{
	return is_among(ways->user, 0) ||
		(is_among(ways->user, who->user) &&
			is_among(ways->group, who->group) && ways->groups &&
			ways->groups == who->groups);
}

/* A forked child finds no owner noted, one of vfork() its parent. */
bool identity_is_borrowed(void)
{
	_Atomic uint64_t *owner = pending_owner();
	uint64_t pid = owner ? atomic_load(owner) : 0;

	return pid && pid != (uint64_t)raw3(SYS_getpid, 0, 0, 0);
}

/*
 * libc notes the number of each thread in its memory, and corrects it in a
 * forked child. vfork() corrects nothing: the kernel has another number.
 */
bool identity_is_own(void)
{
	pthread_t (*self)(void) = find(PTHREAD_SELF);
	int (*clock_of)(pthread_t, clockid_t *) = find(PTHREAD_GETCPUCLOCKID);
	clockid_t clock;

	return self && clock_of && !clock_of(self(), &clock) &&
		~(clock >> 3) == raw3(SYS_gettid, 0, 0, 0);
}

static void mark(void)
{
	bool own;

	if (!attach_latest() || sandbox_is_closed()) {
		atomic_fetch_add(&identity_epoch, 1);
		return;
	}
	own = identity_is_own();
	if (!own && identity_is_borrowed())
		return;
	atomic_fetch_add(&identity_epoch, 1);
	if (own)
		kept_forget();
}

static void *begin(enum call call)
{
	void *found = find(call);

	atomic_fetch_add(&begun, 1);
	if (!found)
		errno = ENOSYS;
	return found;
}

static int end(int rc)
{
	if (!rc)
		mark();
	return rc;
}

EXPORT int setuid(uid_t user)
{
	int (*call)(uid_t) = begin(SETUID);

	return call ? end(call(user)) : -1;
}

EXPORT int seteuid(uid_t user)
{
	int (*call)(uid_t) = begin(SETEUID);

	return call ? end(call(user)) : -1;
}

EXPORT int setreuid(uid_t real_user, uid_t user)
{
	int (*call)(uid_t, uid_t) = begin(SETREUID);

	return call ? end(call(real_user, user)) : -1;
}

EXPORT int setresuid(uid_t real_user, uid_t user, uid_t saved)
{
	int (*call)(uid_t, uid_t, uid_t) = begin(SETRESUID);

	return call ? end(call(real_user, user, saved)) : -1;
}

EXPORT int setgid(gid_t group)
{
	int (*call)(gid_t) = begin(SETGID);

	return call ? end(call(group)) : -1;
}

EXPORT int setegid(gid_t group)
{
	int (*call)(gid_t) = begin(SETEGID);

	return call ? end(call(group)) : -1;
}

EXPORT int setregid(gid_t real_group, gid_t group)
{
	int (*call)(gid_t, gid_t) = begin(SETREGID);

	return call ? end(call(real_group, group)) : -1;
}

EXPORT int setresgid(gid_t real_group, gid_t group, gid_t saved)
{
	int (*call)(gid_t, gid_t, gid_t) = begin(SETRESGID);

	return call ? end(call(real_group, group, saved)) : -1;
}

EXPORT int setgroups(size_t count, const gid_t *group)
{
	int (*call)(size_t, const gid_t *) = begin(SETGROUPS);

	return call ? end(call(count, group)) : -1;
}

EXPORT int initgroups(const char *user, gid_t group)
{
	int (*call)(const char *, gid_t) = begin(INITGROUPS);

	return call ? end(call(user, group)) : -1;
}
