# Rights follow identity: whoever the program is by now, not whoever it was.

# Of five services root may use 1 and 2, user 1234 the second, group 5000 the
# third; the fourth has no rules, the fifth is nobody's.
services() {
	backend b1
	conf <<-END
	[defaults]
	probe = none
	[service root]
	address = 127.96.1.1:80
	permit = user 0
	backend = $lan.1:8000
	[service both]
	address = 127.96.1.2:80
	permit = user 0
	permit = user 1234
	backend = $lan.1:8000
	[service staff]
	address = 127.96.1.3:80
	permit = group 5000
	backend = $lan.1:8000
	[service open]
	address = 127.96.1.4:80
	backend = $lan.1:8000
	[service nobody]
	address = 127.96.1.5:80
	permit = user 65534
	backend = $lan.1:8000
	[service secret]
	address = 127.96.1.6:80
	permit = user 0
	backend = 10.87.65.43:4321
	[service known]
	address = 127.96.1.7:80
	backend = 10.11.12.13:14151
	END
	lbd_start
}

every="ask=1 ask=2 ask=3 ask=4 ask=5"
root="b1 b1 EACCES b1 EACCES"
user="EACCES b1 EACCES b1 EACCES"
staff="EACCES b1 b1 b1 EACCES"
nobody="EACCES EACCES EACCES b1 b1"
other="EACCES EACCES EACCES b1 EACCES"

# becomes EXPECTED VERB...: what it says, on one line.
becomes() {
	local expected=$1
	shift
	: >"$dir/attaches"
	LBSHIM_LOG=debug shimmed "$BUILD/becomes" "$@" >"$dir/said" \
		2>"$dir/attaches" || fail "$(cat "$dir/said" "$dir/attaches")"
	is "$(xargs <"$dir/said")" "$expected"
}

attaches() {
	grep -c ' attached ' "$dir/attaches" || true
}

test_a_drop_of_root_takes_its_rights() {
	root_only
	services
	becomes "$root $user" $every uid=1234 $every
	becomes "$root $user" $every groups= gid=1234 uid=1234 $every
	becomes "$root $staff" $every gid=1234 groups=7,5000 uid=1234 $every
	becomes "$root $nobody" $every init=65534 gid=65534 uid=65534 $every
	becomes "$root $user" $every resuid=1234,1234,1234 $every
	becomes "$root $user" $every reuid=1234,1234 $every
	becomes "$root $other" $every regid=9,9 reuid=9,9 $every
	becomes "$root b1" $every resgid=5000,5000,5000 uid=1234 ask=3
	becomes "$user" uid=1234 $every # attached as that only
}

# HAProxy's order. There is no path to lbd any more.
test_a_drop_in_a_chroot_takes_its_rights() {
	root_only
	services
	mkdir "$dir/empty"
	becomes "$root $user $user" $every chroot="$dir/empty" gid=1234 \
		groups= uid=1234 nnp $every $every
	is "$(attaches)" 2
	becomes "$staff" chroot="$dir/empty" gid=1234 groups=5000 uid=1234 $every
}

test_a_program_without_a_path_follows_a_restarted_lbd() {
	root_only
	services
	backend b2
	mkdir "$dir/empty"
	LD_PRELOAD=$preload spawn python3 -u -c '
import encodings.idna, os, socket, sys, time
os.chroot(sys.argv[1]); os.chdir("/"); os.setgid(1234); os.setuid(1234)
while True:
    s = socket.socket(); s.connect(("127.96.1.2", 80)); s.sendall(b"x\n")
    print(s.recv(9).decode().strip()); s.close(); time.sleep(0.1)' \
		"$dir/empty" >"$dir/asked"
	asker=$pid
	eventually grep -q b1 "$dir/asked"
	for signal in KILL TERM; do
		stop "$lbd" "$signal"
		sed -i "s/$lan.1:8000/$lan.9:8000/; s/$lan.2:8000/$lan.1:8000/
			s/$lan.9:8000/$lan.2:8000/" "$dir/lbd.ini"
		: >"$dir/asked"
		lbd_start
		[ "$signal" = KILL ] && answer=b2 || answer=b1
		eventually grep -q $answer "$dir/asked"
	done
	kill -0 "$asker" # none of its connects has failed
}

# A log line takes system calls, too.
test_a_filter_after_a_drop_finds_the_new_rights() {
	root_only
	[ "$SAN" = "" ] || skip "a sanitizer makes calls of its own"
	services
	is "$(shimmed "$BUILD/becomes" chroot="$dir" ask=1 gid=1234 \
		groups=5000 uid=1234 nnp seccomp $every | xargs)" "b1 $staff"
	is "$(shimmed "$BUILD/becomes" ask=3 groups=5000 seccomp ask=3 |
		xargs)" "EACCES b1"
	# nothing may be asked any more: what has rules is closed
	is "$(shimmed "$BUILD/becomes" $every seccomp $every \
		resuid=1234,1234,1234 $every | xargs)" "$root $root $other"
}

test_flips_cost_no_attach() {
	root_only
	services
	flip="euid=1234 $every euid=0 $every"
	becomes "$root $user $root $user $root $user $root" \
		$every $flip $flip $flip
	is "$(attaches)" 2
	becomes "$root $staff $user $staff $root" $every \
		egid=5000 euid=1234 $every euid=0 egid=0 euid=1234 $every \
		euid=0 egid=5000 euid=1234 $every euid=0 egid=0 $every
	is "$(attaches)" 3
	# to be the same one again is no change
	becomes "$root $root" $every uid=0 gid=0 euid=0 $every
	is "$(attaches)" 1
	# more of them than are kept
	many=
	for id in 1 2 3 4 5 6 7; do many="$many euid=$id ask=1 ask=4 euid=0"; done
	becomes "$root $(for _ in 1 2 3 4 5 6 7; do printf 'EACCES b1 '; done)$root" \
		$every $many $every
}

# What was kept may be of an lbd that is gone, and so may its rules.
test_flips_follow_a_restarted_lbd() {
	root_only
	services
	LD_PRELOAD=$preload spawn "$BUILD/becomes" euid=1234 ask=2 euid=0 \
		ask=2 stop ask=2 euid=1234 ask=2 ask=4 euid=0 ask=2 \
		>"$dir/said"
	flipper=$pid
	eventually grep -q "State:.T" "/proc/$flipper/status"
	stop "$lbd" KILL
	sed -i "/permit = user 1234/d" "$dir/lbd.ini"
	lbd_start
	sleep 4 # until a heartbeat counts as still
	kill -CONT "$flipper"
	wait "$flipper"
	is "$(xargs <"$dir/said")" "b1 b1 b1 EACCES b1 b1"
}

test_a_saved_id_leads_back() {
	root_only
	services
	becomes "$user $nobody $user" resuid=1234,1234,65534 $every \
		euid=65534 $every euid=1234 $every
	is "$(attaches)" 2
	becomes "$user $nobody $nobody" resuid=1234,1234,65534 $every \
		resuid=65534,65534,65534 $every $every
}

# What the old identity alone could see is out of the memory as soon as no id
# leads back to it, whether or not the program connects again.
test_a_drop_for_good_leaves_no_address_behind() {
	root_only
	[ "$SAN" = "" ] || skip "a sanitizer's shadow is too large to search"
	services
	secret="find=10.87.65.43" known="find=10.11.12.13"
	becomes "b1 seen seen gone seen b1 gone seen" ask=4 $secret $known \
		uid=1234 $secret $known ask=4 $secret $known
	becomes "b1 seen b1 seen gone seen" ask=4 euid=1234 $secret ask=4 \
		$secret euid=0 uid=1234 $secret $known
	# in a child too, which had its parent's
	becomes "b1 seen gone seen b1" ask=4 fork $secret uid=1234 $secret \
		$known ask=4
	is "$(attaches)" 2
}

# Where it was connected to itself is known of connections it still has alone.
# The last ask runs over what the first has left on the stack.
test_a_drop_for_good_leaves_no_old_peer_behind() {
	root_only
	[ "$SAN" = "" ] || skip "a sanitizer's shadow is too large to search"
	backend b2
	services
	sed -i "/address = 127.96.1.1:80/,/backend/s/$lan.1:8000/$lan.2:8000/" \
		"$dir/lbd.ini"
	"$BUILD/lbctl" reload
	becomes "b2 b1 seen b1 gone" ask=1 hold ask=4 find="$lan.2" \
		uid=1234 ask=4 find="$lan.2"
	becomes "b2 b1 b1 seen" keep=1 ask=4 uid=1234 ask=4 find="$lan.2"
}

test_a_drop_without_lbd_closes_what_has_rules() {
	root_only
	services
	LD_PRELOAD=$preload LBSHIM_LOG=error spawn "$BUILD/becomes" $every stop \
		uid=1234 $every $every >"$dir/said" 2>"$dir/why"
	dropper=$pid
	eventually grep -q "State:.T" "/proc/$dropper/status"
	stop "$lbd" KILL
	kill -CONT "$dropper"
	wait "$dropper"
	is "$(xargs <"$dir/said")" "$root $other $other"
	matches "$(cat "$dir/why")" \
		"127.96.1.2:80: who asks is new, and lbd does not answer"
}

# Its memory is its parent's, who goes on with what it had.
test_a_vfork_child_marks_nothing() {
	root_only
	services
	for before in "" "fork"; do
		LD_PRELOAD=$preload spawn "$BUILD/becomes" ask=1 $before stop \
			vfork=1234 $every >"$dir/said"
		parent=$pid
		[ "$before" = "" ] || eventually pgrep -P "$parent"
		[ "$before" = "" ] || pid=$(pgrep -P "$parent")
		eventually grep -q "State:.T" "/proc/$pid/status"
		stop "$lbd" KILL
		kill -CONT "$pid"
		wait "$parent"
		is "$(xargs <"$dir/said")" "b1 $root"
		lbd_start
	done
	# not even asked for
	strace -e trace=getgroups -o "$dir/trace" -E LD_PRELOAD="$preload" \
		"$BUILD/becomes" ask=1 vfork=1234 ask=1 >"$dir/said"
	is "$(grep -c getgroups "$dir/trace")" 2
	is "$(xargs <"$dir/said")" "b1 b1"
}

test_a_program_of_another_libc() {
	root_only
	[ "$SAN" = "" ] || skip "a sanitizer is of one libc alone"
	services
	# the kernel's headers are not musl's
	musl-gcc -std=gnu11 -I. -D_GNU_SOURCE -idirafter /usr/include \
		-idirafter "/usr/include/$(uname -m)-linux-gnu" \
		-o "$dir/becomes" tests/e2e/becomes.c
	is "$(LD_PRELOAD=$shim "$dir/becomes" $every vfork=9 euid=1234 $every \
		euid=0 groups=5000 gid=1234 uid=1234 $every | xargs)" \
		"$root $user $staff"
}

# What the manual says of it, lest it be wrong.
test_system_calls_of_its_own_go_unnoticed() {
	root_only
	services
	becomes "$root $root" $every raw=1234 $every
}

test_threads_are_who_the_process_is() {
	root_only
	services
	for _ in 1 2 3; do
		becomes "late 0 $user" threads=1234 $every
	done
}

test_programs_that_start_others_as_somebody() {
	root_only
	services
	is "$(shimmed setpriv --reuid=1234 --regid=1234 --groups=5000 \
		"$BUILD/becomes" $every | xargs)" "$staff"
	is "$(shimmed runuser -u nobody -- "$BUILD/becomes" $every | xargs)" \
		"$nobody"
	is "$(shimmed su nobody -s /bin/bash -c "'$BUILD/becomes' $every" |
		xargs)" "$nobody"
}
