# Callers of whom lbd cannot know everything: they are served where no rule
# needs it.
. tests/e2e/subjects.sh
root_only

# lbd_by COMMAND...: as lbd_start, with COMMAND... before it.
lbd_by() {
	: >"$dir/lbd.log"
	spawn "$@" "$BUILD/lbd" -c "$dir/lbd.ini" 2>>"$dir/lbd.log"
	lbd=$pid
	eventually is_ready
}

ask_as() { # USER[:GROUPS] N...
	LD_PRELOAD=$preload as "$1" python3 -c "$answers" "${@:2}"
}

unknown() { # what was not known, in the order of the log
	sed -n 's/.*callers whose \(.*\) cannot be known.*service \([^,]*\), line \([0-9]*\) .*reason=\(.*\)/\1 \2 \3 \4/p' \
		"$dir/lbd.log"
}

test_a_caller_in_a_user_namespace_is_who_it_is_outside() {
	unshare -U -r true 2>/dev/null || skip "no user namespaces here"
	backend b1
	{ service alice 1 "permit = user 1234"
	  service root 2 "permit = user 0"
	  service group 3 "permit = group 5000"
	  service not-root 4 "deny = user 0"; } | conf
	lbd_start
	is "$(LD_PRELOAD=$preload as 1234:7,5000 unshare -U -r python3 -c \
		"import os; assert os.getuid() == 0
$answers" 1 2 3 4)" "b1 EACCES b1 b1 "
	fails has_event caller-unknown
}

test_nobody_is_a_user_where_all_are_known() {
	backend b1
	{ service nobody 1 "permit = user 65534"
	  service not-nobody 2 "deny = user 65534"
	  service other 3 "deny = user 5"; } | conf
	lbd_start
	is "$(ask_as 65534 1 2 3)" "b1 EACCES b1 "
	is "$(ask_as 1234 1 2 3)" "EACCES b1 b1 "
	fails has_event caller-unknown
}

test_lbd_in_a_user_namespace_knows_those_in_it() {
	unshare -U -r true 2>/dev/null || skip "no user namespaces here"
	backend b1
	{ service root 1 "permit = user 0"
	  service not-five 2 "deny = user 5"
	  service nobody 3 "permit = user 65534"
	  service open 4
	  service group 5 "permit = group 0"
	  service not-group 6 "deny = group 5"; } | conf
	lbd_by unshare -U -r
	is "$(ask_as 0 1 2 3 4 5 6)" "b1 b1 EACCES b1 b1 b1 "
	is "$(ask_as 0:0,7 1 2 3 4 5 6)" "b1 b1 EACCES b1 b1 EACCES "
	is "$(ask_as 1234 1 2 3 4 5 6)" "EACCES EACCES EACCES b1 EACCES EACCES "
	is "$(ask_as 65534 1 2 3 4 5 6)" "EACCES EACCES EACCES b1 EACCES EACCES "
	is "$(ask_as 1234:0 1 2 3 4 5 6)" "EACCES EACCES EACCES b1 b1 b1 "
	local why='"it has no number of its own in this user namespace"'
	is "$(unknown | sort)" "groups group 27 $why
groups not-group 32 $why
user nobody 17 $why
user not-five 12 $why
user root 7 $why"
}

# 65534 is a number that they all share, and 1234 one that nobody can have.
test_users_without_a_number_are_unknown_in_every_word() {
	unshare -U -r true 2>/dev/null || skip "no user namespaces here"
	backend b1
	{ service nobody 1 "permit = user 65534" "permit = user 1234"
	  service root 2 "permit = user 0"
	  service group 3 "permit = group 65534"; } | conf
	lbd_by unshare -U -r
	is "$(ask_as 65534 1)" "EACCES "
	is "$(ask_as 1234 1)" "EACCES "
	eventually has_event denied
	fails grep -qE "event=denied.* (uid=65534|user=)" "$dir/lbd.log"
	matches "$(grep event=denied "$dir/lbd.log" | head -1)" \
		" user unknown was denied service nobody: .* uid=unknown pid="
	explained() { # PATTERN ARGS...
		matches "$("$BUILD/lbctl" explain "${@:2}")" "$1"
	}
	local why='unknown \(it has no number of its own in this user namespace\)'
	explained "^user $why, groups $why, exe unknown\$" nobody --as 65534
	explained "^user $why, groups unknown, exe unknown\$" nobody --as 1234
	explained "^connect\(\) fails with EACCES\$" nobody --as 65534
	explained "^connect\(\) fails with EACCES\$" nobody --as 1234
	explained "^user 0 \(root\)" root --as 0
	explained "^permitted by line" root --as 0
	setpriv --reuid=1234 --regid=1234 --clear-groups \
		--inh-caps=+dac_override --ambient-caps=+dac_override \
		"$BUILD/lbctl" drain "nobody/$lan.1:8000"
	matches "$(grep event=backend-drain "$dir/lbd.log")" \
		'reason="asked by uid unknown, pid [0-9]+"'
}

test_a_sidecar_is_known_by_its_user_alone() {
	unshare --pid --fork --mount-proc true 2>/dev/null || skip "no pid namespaces here"
	backend b1
	local python
	python=$(readlink -f "$(command -v python3)")
	{ service program 1 "permit = exe $python"
	  service not-program 2 "deny = exe /bin/nothing"
	  service user 3 "permit = user 1234"
	  service either 4 "permit = exe $python" "permit = user 1234"
	  service cgroup 5 "permit = cgroup /"
	  service open 6; } | conf
	lbd_by unshare --pid --fork --kill-child --mount-proc
	is "$(ask_as 1234 1 2 3 4 5 6)" "EACCES EACCES b1 b1 EACCES b1 "
	is "$(ask_as 1235 1 2 3 4 5 6)" "EACCES EACCES EACCES EACCES EACCES b1 "
	is "$(unknown | sort)" 'control group cgroup 28 "pid 0: another pid namespace"
program either 22 "pid 0: another pid namespace"
program not-program 12 "pid 0: another pid namespace"
program program 7 "pid 0: another pid namespace"'
	sed -i 's/^\[service open/# more\n&/' "$dir/lbd.ini"
	"$BUILD/lbctl" reload 2>"$dir/said"
	is "$(ask_as 1234 1 2 3 4 5 6)" "EACCES EACCES b1 b1 EACCES b1 "
	is "$(unknown | wc -l)" 4
}

test_a_program_in_a_pid_namespace_of_its_own_is_known() {
	unshare --pid --fork --mount-proc true 2>/dev/null || skip "no pid namespaces here"
	backend b1
	service program 1 "permit = exe $(readlink -f "$(command -v python3)")" |
		conf
	lbd_start
	is "$(LD_PRELOAD=$preload unshare --pid --fork --mount-proc \
		python3 -c "import os; assert os.getpid() == 1
$answers" 1)" "b1 "
}

test_a_program_that_was_replaced_is_known_by_its_path() {
	backend b1
	cp "$(readlink -f "$(command -v python3)")" "$dir/program"
	{ service mine 1 "permit = exe $dir/program"
	  service not-mine 2 "deny = exe $dir/program"; } | conf
	lbd_start
	LD_PRELOAD=$preload spawn "$dir/program" -c "import os, time
while not os.path.exists('$dir/replaced'): time.sleep(0.05)
$answers" 1 2 >"$dir/asked"
	eventually test "/proc/$pid/exe" -ef "$dir/program"
	cp /bin/true "$dir/new"
	mv "$dir/new" "$dir/program"
	matches "$(readlink "/proc/$pid/exe")" "deleted"
	touch "$dir/replaced"
	wait "$pid"
	is "$(cat "$dir/asked")" "b1 EACCES "
}

# lbd as a user of its own, in a folder of its own.
own_folder() {
	mkdir "$dir/own"
	chown 4000:4000 "$dir/own"
	export LBD_SOCKET=$dir/own/lbd.sock LBD_ADMIN=$dir/own/admin.sock
}

exe_rules() {
	{ service open 1
	  service payroll 2 "deny = user 99" \
		"permit = exe $(readlink -f "$(command -v python3)")"
	  service more 3 "deny = exe /bin/sh"; } | conf
}

test_exe_without_the_right_to_see_it_is_warned_of() {
	backend b1
	own_folder
	exe_rules
	chmod 644 "$dir/lbd.ini"
	is "$(as 4000 "$BUILD/lbd" -t -c "$dir/lbd.ini" 2>&1 | grep -v link:)" \
		"lbd: warning: [service payroll] and 1 more, line 13: exe holds for \
programs of this user alone: no CAP_SYS_PTRACE"
	lbd_by setpriv --reuid=4000 --regid=4000 --clear-groups
	is "$(grep -c event=no-exe "$dir/lbd.log")" 1
	matches "$(grep event=no-exe "$dir/lbd.log")" \
		'service payroll and 1 more, line 13 .*reason="no CAP_SYS_PTRACE"'
	is "$(ask_as 4000 1 2 3)" "b1 b1 b1 "
	is "$(ask_as 1234 1 2 3)" "b1 EACCES EACCES "
	matches "$(unknown)" \
		'^program payroll 13 "/proc/PID/exe may not be read here: no CAP_SYS_PTRACE"'
}

test_exe_is_seen_with_the_capability() {
	backend b1
	own_folder
	exe_rules
	chmod 644 "$dir/lbd.ini"
	lbd_by setpriv --reuid=4000 --regid=4000 --clear-groups \
		--inh-caps=+sys_ptrace --ambient-caps=+sys_ptrace
	fails has_event no-exe
	is "$(ask_as 4000 1 2 3)" "b1 b1 b1 "
	is "$(ask_as 1234 1 2 3)" "b1 b1 b1 "
	fails has_event caller-unknown
}
