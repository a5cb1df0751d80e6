/*
 * What rules are about: ranges, control groups, programs; each against an
 * oracle that takes the long way, and what of a caller is not known.
 */
#include "lbd/conf_text.h"
#include "lbd/identify.h"
#include "lbd/net.h"
#include "lbd/process.h"
#include "suites.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static struct addr address(const char *text)
{
	unsigned char six[16] = {[10] = 0xff, [11] = 0xff};
	struct addr a = {0};

	if (inet_pton(AF_INET, text, six + 12) != 1)
		ck_assert_int_eq(inet_pton(AF_INET6, text, six), 1);
	a.hi = addr_load64(six);
	a.lo = addr_load64(six + 8);
	return a;
}

static struct range range(const char *text)
{
	struct range r, meant;

	ck_assert_msg(!value_range(text, &r, &meant), "%s", text);
	return r;
}

START_TEST(ranges_are_strict)
{
	static const char *const shape = "must be IP/PREFIX "
					 "(10.0.0.0/8, fd00::/8)";
	static const char *const four = "must have a prefix 0..32";
	static const char *const six = "must have a prefix 0..128";
	static const char *const bits =
		"must have no bit set behind the prefix";
	const struct {
		const char *text, *said, *meant;
	} bad[] = {
		{"10.0.0.0/33", four, NULL},
		{"10.0.0.0/-1", four, NULL},
		{"10.0.0.0/+8", four, NULL},
		{"10.0.0.0/08", four, NULL},
		{"10.0.0.0/", four, NULL},
		{"10.0.0.0/8/8", four, NULL},
		{"10.0.0.0/8x", four, NULL},
		{"10.0.0.0/255.0.0.0", four, NULL},
		{"10.0.0.0/99999999999", four, NULL},
		{"::/129", six, NULL},
		{"::/-0", six, NULL},
		{"10.0.0.0", shape, NULL},
		{"10/8", shape, NULL},
		{"10.0.0/8", shape, NULL},
		{"010.0.0.1/32", shape, NULL},
		{"10.0.0.01/32", shape, NULL},
		{"0xa.0.0.1/32", shape, NULL},
		{"10.0.0.256/32", shape, NULL},
		{"10.0.0.0.0/8", shape, NULL},
		{"[fd00::]/8", shape, NULL},
		{"fd00:::/8", shape, NULL},
		{"/8", shape, NULL},
		{"/", shape, NULL},
		{"*", shape, NULL},
		{"localhost/8", shape, NULL},
		{"1111:2222:3333:4444:5555:6666:7777:8888:9999/8", shape, NULL},
		{"fe80::%eth0/64", "must be written without a zone", NULL},
		{"::ffff:10.0.0.0/104", "must be written as IPv4", NULL},
		{"::ffff:0:0/96", "must be written as IPv4", NULL},
		{"10.0.0.1/8", bits, "10.0.0.0/8"},
		{"10.1.2.3/31", bits, "10.1.2.2/31"},
		{"0.0.0.1/0", bits, "0.0.0.0/0"},
		{"fd00::1/64", bits, "fd00::/64"},
		{"fd00:0:0:1::/63", bits, "fd00::/63"},
		{"fd00::8000:0:0:0/64", bits, "fd00::/64"},
		{"::1/0", bits, NULL},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct range r, meant;
		const char *said = value_range(bad[i].text, &r, &meant);

		ck_assert_msg(said, "%s passed", bad[i].text);
		ck_assert_str_eq(said, bad[i].said);
		ck_assert_int_eq(meant.bits != 0, bad[i].meant != NULL);
		if (bad[i].meant)
			ck_assert_str_eq(show_range(&meant).text, bad[i].meant);
	}
}
END_TEST

START_TEST(ranges_are_shown_as_they_are_written)
{
	static const char *const text[] = {"0.0.0.0/0", "10.0.0.0/8",
		"10.1.2.3/32", "192.168.128.0/17", "::/0", "fd00::/8",
		"fd00::1/128", "fd00:0:0:2::/63", "2001:db8:0:0:8000::/65",
		"::/64"};

	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++) {
		struct range r = range(text[i]);

		ck_assert_str_eq(show_range(&r).text, text[i]);
	}
}
END_TEST

/* Bit by bit. */
static bool begins_alike(const struct addr *a, const struct addr *b, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint64_t p = i < 64 ? a->hi : a->lo, q = i < 64 ? b->hi : b->lo;

		if ((p >> (63 - i % 64) & 1) != (q >> (63 - i % 64) & 1))
			return false;
	}
	return true;
}

static struct addr random_address(bool v4)
{
	struct addr a = {.hi = (uint64_t)mrand48() << 32 ^ (uint64_t)mrand48(),
		.lo = (uint64_t)mrand48() << 32 ^ (uint64_t)mrand48()};

	if (v4)
		a = (struct addr){.lo = ADDR_V4_PREFIX | (a.lo & UINT32_MAX)};
	return a;
}

static void flip(struct addr *a, unsigned bit)
{
	if (bit < 64)
		a->hi ^= (uint64_t)1 << (63 - bit);
	else
		a->lo ^= (uint64_t)1 << (127 - bit);
}

START_TEST(a_range_holds_what_begins_alike)
{
	srand48(7);
	for (int n = 0; n < 100000; n++) {
		bool v4 = n % 2;
		struct addr a = random_address(v4);
		struct range r = {.first = a,
			.bits = v4 ? 96 + (unsigned)(lrand48() % 33)
				   : (unsigned)(lrand48() % 129)};

		for (unsigned i = r.bits; i < 128; i++)
			if (r.first.hi != 0 || r.first.lo != 0) {
				struct addr one = r.first;

				flip(&one, i);
				if (i < 64 ? one.hi < r.first.hi
					   : one.lo < r.first.lo)
					r.first = one;
			}
		if (lrand48() % 2)
			flip(&a,
				(v4 ? 96 : 0) +
					(unsigned)(lrand48() %
						(v4 ? 32 : 128)));
		ck_assert_int_eq(range_holds(&r, &a),
			begins_alike(&r.first, &a, r.bits));
	}
}
END_TEST

START_TEST(a_range_has_one_family)
{
	struct range all4 = range("0.0.0.0/0"), all6 = range("::/0"),
		     wide = range("::/80");
	struct addr four = address("10.0.0.1"), six = address("fd00::1"),
		    low = address("::1:2");

	ck_assert(range_holds(&all4, &four) && !range_holds(&all4, &six));
	ck_assert(range_holds(&all6, &six) && !range_holds(&all6, &four));
	ck_assert(range_holds(&wide, &low) && !range_holds(&wide, &four));
}
END_TEST

START_TEST(addresses_of_this_host_that_count)
{
	static const char *const yes[] = {"10.0.0.1", "128.0.0.1", "126.1.1.1",
		"169.253.1.1", "169.255.0.1", "fd00::1", "::2", "fec0::1",
		"2001:db8::1", "fe7f::1"};
	static const char *const no[] = {"127.0.0.1", "127.255.255.254",
		"169.254.0.1", "169.254.255.255", "::1", "fe80::1", "febf::1"};

	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++) {
		struct addr a = address(yes[i]);

		ck_assert_msg(net_counts(&a), "%s", yes[i]);
	}
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++) {
		struct addr a = address(no[i]);

		ck_assert_msg(!net_counts(&a), "%s", no[i]);
	}
}
END_TEST

/* Component by component. */
static bool lies_under(const char *group, const char *path)
{
	char a[64], b[64], *p = a, *q = b, *x, *y;

	strcpy(a, group + 1);
	strcpy(b, path + 1);
	while ((x = strsep(&p, "/")) && *x) {
		y = strsep(&q, "/");
		if (!y || strcmp(x, y))
			return false;
	}
	return true;
}

static void random_path(char *to)
{
	static const char *const part[] = {
		"a", "b", "ab", "a.slice", "..a", "a (deleted)"};

	for (int n = (int)(lrand48() % 4); n; n--)
		to += sprintf(to, "/%s", part[lrand48() % 6]);
	if (lrand48() % 8 == 0)
		strcpy(to, "/");
	else
		*to = '\0';
}

START_TEST(a_control_group_holds_those_below_it)
{
	int yes = 0;

	srand48(8);
	for (int n = 0; n < 100000; n++) {
		char group[64] = "", path[64] = "";
		bool holds;

		random_path(group);
		random_path(path);
		if (!*group || (group[1] && group[strlen(group) - 1] == '/') ||
			!*path || (path[1] && path[strlen(path) - 1] == '/'))
			continue;
		holds = cgroup_holds(group, path);
		yes += holds;
		ck_assert_msg(holds == lies_under(group, path), "%s in %s: %d",
			path, group, holds);
	}
	ck_assert_int_gt(yes, 1000);
}
END_TEST

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

START_TEST(a_rule_covers_another)
{
	struct rule all = {.user = 7},
		    user = {.subjects = SUBJECT_USER, .user = 7};
	struct rule group = {
		.subjects = SUBJECT_CGROUP, .cgroup = (char *)"/a"};
	struct rule below = {
		.subjects = SUBJECT_CGROUP, .cgroup = (char *)"/a/b"};
	struct rule wide = {
		.subjects = SUBJECT_NET, .net = range("10.0.0.0/8")};
	struct rule narrow = {.subjects = SUBJECT_NET | SUBJECT_USER,
		.user = 7,
		.net = range("10.1.0.0/16")};

	ck_assert(rule_covers(&all, &user) && !rule_covers(&user, &all));
	ck_assert(rule_covers(&group, &below) && !rule_covers(&below, &group));
	ck_assert(rule_covers(&wide, &narrow) && !rule_covers(&narrow, &wide));
	ck_assert(rule_covers(&user, &narrow));
	narrow.net = range("11.0.0.0/16");
	ck_assert(!rule_covers(&wide, &narrow));
	narrow.user = 8;
	ck_assert(!rule_covers(&user, &narrow));
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
	struct sock_fprog program = {sizeof(filter) / sizeof(*filter), filter};

	ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	ck_assert_int_eq(
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
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

Suite *subjects_suite(void)
{
	Suite *s = suite_create("subjects");
	TCase *t = tcase_create("subjects");

	tcase_add_test(t, ranges_are_strict);
	tcase_add_test(t, ranges_are_shown_as_they_are_written);
	tcase_add_test(t, a_range_holds_what_begins_alike);
	tcase_add_test(t, a_range_has_one_family);
	tcase_add_test(t, addresses_of_this_host_that_count);
	tcase_add_test(t, a_control_group_holds_those_below_it);
	tcase_add_test(t, the_control_group_is_read_from_proc);
	tcase_add_test(t, a_rule_covers_another);
	tcase_add_test(t, a_caller_is_known_by_what_rules_ask_for);
	tcase_add_test(t, who_has_ended_is_not_known);
	tcase_add_test(
		t, without_pidfds_the_time_a_process_began_tells_it_apart);
	tcase_add_test(t, who_has_ended_is_nobody_with_the_same_pid);
	tcase_add_test(t, the_addresses_of_this_host_are_known);
	suite_add_tcase(s, t);
	return s;
}
