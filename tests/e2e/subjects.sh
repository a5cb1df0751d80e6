# What rules go by: groups, programs, control groups, the host's addresses.
. tests/e2e/rules.sh

# service NAME N RULE...: at 127.96.1.N, in lbd.ini.
service() {
	printf '[service %s]\naddress = 127.96.1.%s:80\nprobe = none\n' "$1" "$2"
	printf '%s\n' "${@:3}"
	printf 'backend = %s.1:8000\n' "$lan"
}

# answers N...: what connect() at each of them says, to COMMAND... before it.
answers='import errno, socket, sys
for n in sys.argv[1:]:
    s = socket.socket()
    e = s.connect_ex(("127.96.1." + n, 80))
    if e: print(errno.errorcode[e], end=" ")
    else:
        s.sendall(b"x\n"); print(s.recv(9).decode().strip(), end=" ")'

has_event() { # EVENT
	grep -qE "event=$1( |\$)" "$dir/lbd.log"
}

test_the_last_of_65536_groups_counts() {
	root_only
	backend b1
	{ service last 1 "permit = group 70000"
	  service not-last 2 "deny = group 70000"
	  service other 3 "permit = group 70001"; } | conf
	lbd_start
	is "$(shimmed python3 -c 'import os, sys
os.setgroups(list(range(4465, 70001)))
assert len(os.getgroups()) == 65536
os.setuid(1234)
'"$answers" 1 2 3)" "b1 EACCES EACCES "
}

# The last field of /proc/PID/cgroup that lbd goes by.
own_cgroup() {
	python3 - <<-'END'
	lines = [l.rstrip("\n").split(":", 2) for l in open("/proc/self/cgroup")]
	found = [p for n, c, p in lines if n == "0"] or \
	        [p for n, c, p in lines if c == "name=systemd"]
	print(found[0] if found else "")
	END
}

test_a_control_group_is_its_path() {
	local own
	own=$(own_cgroup)
	[ -n "$own" ] || skip "no control groups here"
	backend b1
	{ service mine 1 "permit = cgroup $own"
	  service not-mine 2 "deny = cgroup $own"
	  service all 3 "permit = cgroup /"
	  service below 4 "permit = cgroup ${own%/}/lbd-e2e-below"
	  service user 5 "permit = cgroup $own user 77777"; } | conf
	lbd_start
	is "$(shimmed python3 -c "$answers" 1 2 3 4 5)" \
		"b1 EACCES b1 EACCES EACCES "
}

test_control_groups_hold_those_below_them() {
	local own mount group
	own=$(own_cgroup)
	mount=$(awk '$3 == "cgroup2" {print $2; exit}' /proc/self/mounts)
	group=$mount${own%/}/lbd-e2e-$$
	mkdir -p "$group/below" "$group-more" 2>/dev/null ||
		skip "no control group can be made here"
	backend b1
	{ service mine 1 "permit = cgroup ${own%/}/lbd-e2e-$$"
	  service not-mine 2 "deny = cgroup ${own%/}/lbd-e2e-$$"
	  service all 3 "permit = cgroup /"
	  service below 4 "permit = cgroup ${own%/}/lbd-e2e-$$/below"; } | conf
	lbd_start
	in_group() { # GROUP
		shimmed bash -c 'echo $$ >"$0/cgroup.procs" || exit
			exec python3 -c "$1" 1 2 3 4' "$1" "$answers"
	}
	is "$(in_group "$group")" "b1 EACCES b1 EACCES "
	is "$(in_group "$group/below")" "b1 EACCES b1 b1 "
	is "$(in_group "$group-more")" "EACCES b1 b1 EACCES "
	is "$(shimmed python3 -c "$answers" 1 2 3 4)" "EACCES b1 b1 EACCES "
	eventually rmdir "$group/below" "$group" "$group-more"
}
