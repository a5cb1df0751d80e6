# Rights follow identity: whoever the program is by now, not whoever it was.

root_only() {
	[ "$(id -u)" = 0 ] || skip "needs root, to be several users"
	setpriv --reuid=1234 true 2>/dev/null || skip "setpriv is not allowed here"
}

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

test_a_drop_without_lbd_closes_what_has_rules() {
	root_only
	services
	spawn env LD_PRELOAD="$preload" "$BUILD/becomes" $every stop \
		uid=1234 $every $every >"$dir/said"
	dropper=$pid
	eventually grep -q "State:.T" "/proc/$dropper/status"
	stop "$lbd" KILL
	kill -CONT "$dropper"
	wait "$dropper"
	is "$(xargs <"$dir/said")" "$root $other $other"
}
