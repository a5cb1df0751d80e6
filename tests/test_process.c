/*
 * What the kernel tells of callers, and of this host; and of whom it does not
 * tell. Kernels that know less are made by a filter of system calls.
 */
#include "lbd/identify.h"
#include "lbd/idmap.h"
#include "lbd/net.h"
#include "lbd/process.h"
#include "suites.h"

#include <errno.h>
#include <ev.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

START_TEST(the_control_group_is_read_from_proc)
{
	static const char *const outside =
		"it is outside of this cgroup namespace";
	static const struct {
		const char *text, *path;
	} said[] = {
		{"0::/system.slice/nginx.service\n",
			"/system.slice/nginx.service"},
		{"0::/\n", "/"},
		{"12:cpu,cpuacct:/x\n1:name=systemd:/user.slice\n0::/unified\n",
			"/unified"},
		{"12:cpu:/x\n1:name=systemd:/user.slice\n", "/user.slice"},
		{"0::/a:b/c::d\n", "/a:b/c::d"},
		{"0::/..a/b../...\n", "/..a/b../..."},
		{"0::/a", "/a"},
		{"10:name=systemd:/ten\n", "/ten"},
	};
	static const struct {
		const char *text, *why;
	} none[] = {
		{"0::/..\n", outside},
		{"0::/../other\n", outside},
		{"0::/../../x\n", outside},
		{"0::/a/../b\n", outside},
		{"1:name=systemd:/..\n", outside},
		{"0::/a (deleted)\n", "its group is gone"},
		{"0::\n", "/proc/PID/cgroup has no path"},
		{"", "no unified hierarchy, and none of systemd"},
		{"4:memory:/m\n3:name=other:/o\n2:xname=systemd:/x\n",
			"no unified hierarchy, and none of systemd"},
		{"0:\n", "no unified hierarchy, and none of systemd"},
		{"10::/x\n", "no unified hierarchy, and none of systemd"},
	};
	const char *why;

	for (size_t i = 0; i < sizeof(said) / sizeof(*said); i++) {
		char *text = strdup(said[i].text);
		const char *path = process_cgroup_path(text, &why);

		ck_assert_msg(path, "%s: %s", said[i].text, why);
		ck_assert_str_eq(path, said[i].path);
		free(text);
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		char *text = strdup(none[i].text);

		ck_assert_ptr_null(process_cgroup_path(text, &why));
		ck_assert_str_eq(why, none[i].why);
		free(text);
	}
}
END_TEST

/* The other end of a socket pair is whoever made it: this process. */
static bool ask(unsigned needs, struct identity *who, struct identify **room)
{
	int fd[2];
	bool asked;

	*room = identify_new();
	ck_assert_ptr_nonnull(*room);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd), 0);
	asked = identify_peer(*room, fd[0], needs, who);
	close(fd[0]);
	close(fd[1]);
	return asked;
}

START_TEST(a_caller_is_known_by_what_rules_ask_for)
{
	char self[4096] = "";
	struct identity who;
	struct identify *room;

	ck_assert_int_gt(readlink("/proc/self/exe", self, sizeof(self) - 1), 0);
	ck_assert(ask(SUBJECT_EXE | SUBJECT_CGROUP, &who, &room));
	ck_assert(who.user_known && who.user == geteuid());
	ck_assert_int_eq(who.pid, getpid());
	ck_assert_str_eq(who.exe, self);
	ck_assert(who.cgroup || who.why[subject_index(SUBJECT_CGROUP)]);
	identify_free(room);
	ck_assert(ask(SUBJECT_USER, &who, &room));
	ck_assert_ptr_null(who.exe);
	ck_assert_ptr_null(who.cgroup);
	ck_assert_ptr_null(who.why[subject_index(SUBJECT_EXE)]);
	identify_free(room);
}
END_TEST

/* A connection of somebody who has ended since. */
static int accept_ended(pid_t *child)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	socklen_t len = sizeof(at.sun_family); /* the kernel finds a name */
	int door = socket(AF_UNIX, SOCK_SEQPACKET, 0), fd, status;

	ck_assert_int_eq(bind(door, (struct sockaddr *)&at, len), 0);
	ck_assert_int_eq(listen(door, 1), 0);
	len = sizeof(at);
	ck_assert_int_eq(getsockname(door, (struct sockaddr *)&at, &len), 0);
	*child = fork();
	if (!*child) {
		fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
		_exit(connect(fd, (struct sockaddr *)&at, len) != 0);
	}
	ck_assert_int_eq(waitpid(*child, &status, 0), *child);
	ck_assert_int_eq(status, 0);
	fd = accept(door, NULL, NULL);
	ck_assert_int_ge(fd, 0);
	close(door);
	return fd;
}

START_TEST(who_has_ended_is_not_known)
{
	struct process_room *room = malloc(sizeof(*room));
	struct process p;
	pid_t child;
	int fd = accept_ended(&child);

	ck_assert_ptr_nonnull(room);
	process_read(&p, room, fd, child, true, true);
	ck_assert_ptr_null(p.exe);
	ck_assert_ptr_null(p.cgroup);
	ck_assert_str_eq(p.why_exe, p.why_cgroup);
	ck_assert_str_eq(p.why_exe, "it has ended");
	/* whoever has its number now is somebody else */
	process_read(&p, room, fd, getpid(), true, true);
	ck_assert_ptr_null(p.exe);
	process_read(&p, room, -1, getpid(), true, false);
	ck_assert_ptr_nonnull(p.exe);
	process_read(&p, room, -1, child, true, true);
	ck_assert_str_eq(p.why_exe, "it has ended");
	process_read(&p, room, fd, 0, true, true);
	ck_assert_ptr_null(p.exe);
	ck_assert_str_eq(p.why_cgroup, "pid 0: another pid namespace");
	close(fd);
	free(room);
}
END_TEST

static void apply(struct sock_filter *filter, size_t size)
{
	struct sock_fprog program = {(unsigned short)size, filter};

	ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	ck_assert_int_eq(
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

/* Kernels before 6.5 do not know SO_PEERPIDFD, and those before 5.3 have no
 * pidfd_open(); 6.5 to 6.15 say ESRCH of whoever has ended. */
static void have_kernel(int peer_err, int open_err)
{
	const unsigned fail = SECCOMP_RET_ERRNO;
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ, SYS_pidfd_open, 0, 1),
		BPF_STMT(BPF_RET,
			open_err ? fail | (unsigned)open_err
				 : SECCOMP_RET_ALLOW),
		BPF_JUMP(BPF_JMP | BPF_JEQ, SYS_getsockopt, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JEQ, 77 /* SO_PEERPIDFD */, 0, 1),
		BPF_STMT(BPF_RET, fail | (unsigned)peer_err),
		BPF_STMT(BPF_RET, SECCOMP_RET_ALLOW),
	};

	apply(filter, sizeof(filter) / sizeof(*filter));
}

START_TEST(without_pidfds_the_time_a_process_began_tells_it_apart)
{
	struct process_room *room = malloc(sizeof(*room));
	char self[4096] = "";
	struct process p;
	pid_t child;
	int fd;

	ck_assert_ptr_nonnull(room);
	ck_assert_int_gt(readlink("/proc/self/exe", self, sizeof(self) - 1), 0);
	fd = accept_ended(&child);
	have_kernel(ENOPROTOOPT, ENOSYS);
	process_read(&p, room, fd, getpid(), true, true);
	ck_assert_int_eq(p.pidfd, -1);
	ck_assert_str_eq(p.exe, self);
	ck_assert_uint_gt(strlen(p.started), 0);
	ck_assert_uint_eq(strspn(p.started, "0123456789"), strlen(p.started));
	process_read(&p, room, fd, child, true, true);
	ck_assert_ptr_null(p.exe);
	ck_assert_str_eq(p.why_exe, "it has ended");
	close(fd);
	free(room);
}
END_TEST

START_TEST(who_has_ended_is_nobody_with_the_same_pid)
{
	struct process_room *room = malloc(sizeof(*room));
	struct process p;
	pid_t child;
	int fd = accept_ended(&child);

	ck_assert_ptr_nonnull(room);
	have_kernel(ESRCH, 0);
	process_read(&p, room, fd, getpid(), true, true);
	ck_assert_ptr_null(p.exe);
	ck_assert_str_eq(p.why_exe, "it has ended");
	close(fd);
	free(room);
}
END_TEST

static void nothing(void *data)
{
	(void)data;
}

START_TEST(the_addresses_of_this_host_are_known)
{
	struct ev_loop *loop = ev_loop_new(0);
	struct net *net = net_open(loop, nothing, NULL);
	struct identity who = {0};

	ck_assert_ptr_nonnull(net);
	net_tell(net, &who);
	ck_assert(who.addresses_known);
	for (size_t i = 0; i < who.addresses; i++)
		ck_assert(net_counts(&who.address[i]));
	net_close(net);
	ev_loop_destroy(loop);
}
END_TEST

/* As a container may have it. */
static void refuse_netlink(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ, SYS_socket, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ, AF_NETLINK, 0, 1),
		BPF_STMT(BPF_RET, SECCOMP_RET_ERRNO | EACCES),
		BPF_STMT(BPF_RET, SECCOMP_RET_ALLOW),
	};

	apply(filter, sizeof(filter) / sizeof(*filter));
}

START_TEST(addresses_that_the_kernel_does_not_tell_are_not_known)
{
	struct ev_loop *loop = ev_loop_new(0);
	struct net *net = net_open(loop, nothing, NULL);
	struct identity who = {0};

	ck_assert_ptr_nonnull(net);
	refuse_netlink();
	for (int i = 0; i < 2; i++) {
		net_tell(net, &who);
		ck_assert(!who.addresses_known);
		ck_assert_str_eq(who.why[subject_index(SUBJECT_NET)],
			"Permission denied");
	}
	net_close(net);
	ev_loop_destroy(loop);
}
END_TEST

/* Are these known, and none of the others? Both end with a 1. */
static void knows(const char *map, const unsigned *known, const unsigned *other)
{
	struct idmap m;

	idmap_parse(&m, map, 65534);
	for (; *known != 1; known++)
		ck_assert_msg(idmap_knows(&m, *known), "%u of %s", *known, map);
	for (; *other != 1; other++)
		ck_assert_msg(
			!idmap_knows(&m, *other), "%u of %s", *other, map);
}

START_TEST(a_number_means_somebody_or_nobody)
{
	static const unsigned some[] = {0, 1000, 65534, 4294967294u, 1};

	knows("         0          0 4294967295\n", some, &some[4]);
	knows("0 0 65536\n65536 65536 4294901759\n", some, &some[4]);
	knows("         0       1234          1\n", (unsigned[]){0, 1},
		(unsigned[]){1234, 65534, 4294967294u, 1});
	/* nobody's own number is that of all the others, too */
	knows("5 100000 65536\n70005 7 3\n",
		(unsigned[]){5, 65533, 65540, 70005, 70007, 1},
		(unsigned[]){0, 4, 65534, 65541, 70004, 70008, 1});
	/* without /proc */
	knows("", (unsigned[]){0, 1234, 1}, (unsigned[]){65534, 1});
}
END_TEST

Suite *process_suite(void)
{
	Suite *s = suite_create("process");
	TCase *t = tcase_create("process");

	tcase_add_test(t, the_control_group_is_read_from_proc);
	tcase_add_test(t, a_caller_is_known_by_what_rules_ask_for);
	tcase_add_test(t, who_has_ended_is_not_known);
	tcase_add_test(
		t, without_pidfds_the_time_a_process_began_tells_it_apart);
	tcase_add_test(t, who_has_ended_is_nobody_with_the_same_pid);
	tcase_add_test(t, a_number_means_somebody_or_nobody);
	tcase_add_test(t, the_addresses_of_this_host_are_known);
	tcase_add_test(
		t, addresses_that_the_kernel_does_not_tell_are_not_known);
	suite_add_tcase(s, t);
	return s;
}
