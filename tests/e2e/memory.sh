# What a program must not know is nowhere in its memory, and what it may know is
# found there by the same search.
. tests/e2e/identity.sh
. tests/e2e/identity_proxies.sh

# secret N RULE...: a service at 127.96.1.N, with an own backend that answers
# and two that memory.py looks for and nobody ever connects to.
secret() {
	printf '[service s%d]\naddress = 127.96.1.%d:80\n' "$1" "$1"
	printf 'address = [fd96::%d]:80\nprobe = none\nbalance = first\n' "$1"
	printf '%s\n' "${@:2}"
	printf 'backend = %s.1:8000\n' "$lan"
	printf 'backend = 10.187.165.%d:4321 name=hidden-%d-backend\n' \
		$((240 + $1)) "$1"
	printf 'backend = [fd5a:c3e1:97bb:f%d:a6d2:8e4b:b3c7:f%d]:4321\n' \
		"$1" "$1"
}

# Those of identity.sh, and the sixth is another user's.
secrets() {
	root_only
	[ "$SAN" = "" ] || skip "a sanitizer's shadow is too large to search"
	backend b1
	{ secret 1 "permit = user 0"
	  secret 2 "permit = user 0" "permit = user 1234"
	  secret 3 "permit = group 5000"
	  secret 4
	  secret 5 "permit = user 65534"
	  secret 6 "permit = user 1235"; } | conf
	lbd_start
}

# knows PID N...: the services whose backends it has in its memory are these.
knows() {
	is "$(python3 tests/e2e/memory.py "$1" 1 2 3 4 5 6 | xargs)" "${*:2}"
}

# asker VERB...: a program that does this; $pid, once it has stopped itself.
asker() {
	: >"$dir/said"
	# shellcheck disable=SC2086
	LD_PRELOAD=$preload spawn ${by:-} "$BUILD/becomes" "$@" >>"$dir/said"
	eventually is_stopped "$pid"
}

is_stopped() { # PID
	grep -q "State:.T" "/proc/$1/status"
}

# goes_on EXPECTED: to its next stop; what it says until then.
goes_on() {
	: >"$dir/said"
	kill -CONT "$pid"
	eventually said_all "$1"
	eventually is_stopped "$pid"
}

said_all() {
	[ "$(xargs <"$dir/said")" = "$1" ]
}

# The program has it as nothing but its complement before it writes it down.
test_the_search_finds_every_form_in_every_place() {
	root_only
	[ "$SAN" = "" ] || skip "a sanitizer's shadow is too large to search"
	inverted() {
		python3 -c 'import sys
print(bytes(255 ^ b for b in bytes.fromhex(sys.argv[1])).hex())' "$1"
	}
	holder() { # PLACE BYTES: $pid, once it is ready to write them there
		spawn python3 -c '
import mmap, os, signal, sys
size, at = 3 * mmap.PAGESIZE, mmap.PAGESIZE - 3
if sys.argv[1] == "own":
    m = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE)
elif sys.argv[1] == "shared":
    m = mmap.mmap(-1, size, flags=mmap.MAP_SHARED)
else:
    fd = os.memfd_create("x"); os.ftruncate(fd, size)
    m = mmap.mmap(fd, size); os.close(fd)
os.kill(os.getpid(), signal.SIGSTOP)
for i, b in enumerate(bytes.fromhex(sys.argv[2])):
    m[at + i] = 255 ^ b
os.kill(os.getpid(), signal.SIGSTOP)' "$1" "$(inverted "$2")"
		eventually is_stopped "$pid"
	}
	while read -r form place bytes; do
		holder "$place" "$bytes"
		knows "$pid"
		kill -CONT "$pid"
		eventually knows "$pid" "3:$form"
		stop "$pid" KILL
	done <<-END
	word4,host4 region f3a5bb0affff0000
	high6 region f300bb97e1c35afd
	low6 region f300c7b34b8ed2a6
	name region 68696464656e2d332d6261636b656e64
	host4 own f3a5bb0a
	net4 own 0abba5f3
	net6 shared fd5ac3e197bb00f3a6d28e4bb3c700f3
	text4 own 31302e3138372e3136352e323433
	text6 own 666435613a633365313a393762623a66333a613664323a386534623a623363373a6633
	END
}

test_two_users_know_their_own_backends_alone() {
	secrets
	by="setpriv --reuid=1234 --regid=1234 --clear-groups"
	asker $every ask=6 stop
	is "$(xargs <"$dir/said")" "$user EACCES"
	knows "$pid" 2 4
	by="setpriv --reuid=1235 --regid=1235 --clear-groups"
	asker $every ask=6 stop
	is "$(xargs <"$dir/said")" "$other b1"
	knows "$pid" 4 6
	by="setpriv --reuid=1234 --regid=1234 --groups=5000"
	asker $every ask=6 stop
	is "$(xargs <"$dir/said")" "$staff EACCES"
	knows "$pid" 2 3 4
}

# In HAProxy's order.
test_a_drop_of_root_in_a_chroot_leaves_its_own_backends_alone() {
	secrets
	mkdir "$dir/empty"
	asker $every stop chroot="$dir/empty" gid=1234 groups=5000 uid=1234 \
		say=dropped stop nnp say=locked stop $every stop
	is "$(xargs <"$dir/said")" "$root"
	knows "$pid" 1 2 4
	goes_on dropped
	knows "$pid" 4
	goes_on locked # which asks lbd: it may be the last moment to
	knows "$pid" 2 3 4
	goes_on "$staff"
	knows "$pid" 2 3 4
}

# The list was open when the program got it, and is the same in the same place.
test_a_list_that_got_rules_since_is_left_behind_in_a_drop() {
	root_only
	[ "$SAN" = "" ] || skip "a sanitizer's shadow is too large to search"
	backend b1
	for lbd_is in there gone; do
		secret 1 | conf
		lbd_start
		LBSHIM_LOG=debug asker ask=1 stop ask=1 say=same stop \
			uid=1234 say=dropped stop ask=1 stop 2>"$dir/attaches"
		knows "$pid" 1
		secret 1 "permit = user 0" "permit = group 5000" | conf
		"$BUILD/lbctl" reload
		goes_on "b1 same"
		is "$(attaches)" 1
		knows "$pid" 1
		[ $lbd_is = there ] || stop "$lbd" KILL
		goes_on dropped
		knows "$pid"
		goes_on EACCES
		knows "$pid"
		[ $lbd_is = gone ] || stop "$lbd"
	done
}

test_a_list_that_has_lost_its_rules_again_stays_in_a_drop() {
	root_only
	[ "$SAN" = "" ] || skip "a sanitizer's shadow is too large to search"
	backend b1
	secret 1 | conf
	lbd_start
	LBSHIM_LOG=debug asker ask=1 stop uid=1234 say=dropped stop ask=1 \
		stop 2>"$dir/attaches"
	secret 1 "permit = user 0" | conf
	"$BUILD/lbctl" reload
	secret 1 | conf
	"$BUILD/lbctl" reload
	goes_on dropped
	is "$(attaches)" 1
	knows "$pid" 1
	goes_on b1
}

# Neither the shell nor what it starts.
test_programs_started_as_somebody_know_what_that_one_may() {
	secrets
	for by in "su nobody -s /bin/bash -c" "runuser -u nobody -- bash -c"; do
		# shellcheck disable=SC2086
		LD_PRELOAD=$preload spawn $by "echo \$\$ >&2
			exec 3<>/dev/tcp/127.96.1.5/80
			'$BUILD/becomes' $every stop; true" \
			>"$dir/said" 2>"$dir/shell"
		eventually said_all "$nobody"
		shell=$(cat "$dir/shell")
		asked=$(pgrep -P "$shell")
		started+=("$asked")
		is "$(ps -o user=,comm= -p "$shell" | xargs)" "nobody bash"
		knows "$shell" 4 5
		knows "$asked" 4 5
		eventually is_stopped "$asked"
		kill -CONT "$asked"
		wait "$pid"
	done
	by="setpriv --reuid=1234 --regid=1234 --groups=5000" \
		asker $every stop
	is "$(xargs <"$dir/said")" "$staff"
	knows "$pid" 2 3 4
}

test_a_service_of_nobody_knows_its_own_backends_alone() {
	secrets
	by="start-stop-daemon --start --chuid nobody --pidfile $dir/none --startas" \
		asker -- $every stop
	is "$(ps -o user= -p "$pid")" nobody
	is "$(xargs <"$dir/said")" "$nobody"
	knows "$pid" 4 5
}

test_a_caller_in_a_user_namespace_knows_what_it_knows_outside() {
	unshare -U -r true 2>/dev/null || skip "no user namespaces here"
	secrets
	# root in there, user 1234 out here
	by="setpriv --reuid=1234 --regid=1234 --clear-groups unshare -U -r" \
		asker $every stop
	matches "$(cat "/proc/$pid/uid_map")" "^ *0 +1234 +1$"
	is "$(xargs <"$dir/said")" "$user"
	knows "$pid" 2 4
	# nobody in there
	by="setpriv --reuid=1234 --regid=1234 --clear-groups unshare -U" \
		asker $every stop
	is "$(xargs <"$dir/said")" "$user"
	knows "$pid" 2 4
}

# lbd cannot know its program nor its control group, and its user it does.
test_a_sidecar_knows_what_its_user_may() {
	unshare --pid --fork --mount-proc true 2>/dev/null || skip "no pid namespaces here"
	secrets
	stop "$lbd"
	{ secret 1 "permit = exe $BUILD/becomes"
	  secret 2 "permit = user 1234"
	  secret 3 "permit = cgroup /"
	  secret 4
	  secret 5 "deny = exe /bin/nothing"; } | conf
	: >"$dir/lbd.log"
	spawn unshare --pid --fork --kill-child --mount-proc \
		"$BUILD/lbd" -c "$dir/lbd.ini" 2>>"$dir/lbd.log"
	eventually is_ready
	by="setpriv --reuid=1234 --regid=1234 --clear-groups" \
		asker $every stop
	is "$(xargs <"$dir/said")" "EACCES b1 EACCES b1 EACCES"
	knows "$pid" 2 4
}

# Those of www-data and haproxy, and one that is nobody's.
proxies() {
	root_only
	[ "$SAN" = "" ] || skip "a sanitizer's shadow is too large to search"
	backend b1
	{ secret 1 "permit = user 0"
	  secret 2 "permit = user www-data"
	  secret 3 "permit = user haproxy group haproxy"
	  secret 4
	  secret 5 "permit = user 65534"; } | conf
	lbd_start
}

test_workers_of_nginx_know_their_own_backends_alone() {
	proxies
	start_nginx 1 2 3 4 5
	is "$(through_nginx 1 2 3 4 5)" "502 200b1 502 200b1 502"
	workers=$(pgrep -P "$nginx")
	is "$(wc -w <<<"$workers")" 2
	for worker in $workers; do
		is "$(ps -o user= -p "$worker")" www-data
		eventually knows_after_asking "$worker" 2 4
	done
}

# Which worker it was that was asked is not known.
knows_after_asking() {
	through_nginx 2 4 >"$dir/asked"
	knows "$@"
}

test_haproxy_as_debian_has_it_knows_its_own_backends_alone() {
	proxies
	start_haproxy 1 2 3 4 5
	is "$(through_haproxy 1 2 3 4 5)" "503 503 200b1 200b1 503"
	knows "$haproxy" 3 4
}

# The program is idle all the while: what it holds is taken from it.
test_what_left_an_open_list_is_left_nowhere() {
	root_only
	[ "$SAN" = "" ] || skip "a sanitizer's shadow is too large to search"
	backend b1
	{ secret 1; secret 4; } | conf
	lbd_start
	by="setpriv --reuid=1234 --regid=1234 --clear-groups" \
		asker ask=1 ask=4 stop ask=1 ask=4 stop
	knows "$pid" 1 4
	{ secret 1 "permit = user 0"; secret 4; } | conf
	"$BUILD/lbctl" reload
	eventually knows "$pid" 4
	goes_on "EACCES b1"
	knows "$pid" 4
}

# It still has the table as it was before that outgrew its memory.
test_what_was_outgrown_is_left_nowhere_either() {
	root_only
	[ "$SAN" = "" ] || skip "a sanitizer's shadow is too large to search"
	backend b1
	many() {
		for i in $(seq 3000); do
			printf '[service m%d]\naddress = 127.97.%d.%d:80\n' \
				"$i" $((i / 250)) $((i % 250))
			printf 'probe = none\npermit = user 1234\n'
			printf 'backend = %s:8000\n' "$lan.1"
		done
	}
	secret 1 "permit = user 1234" | conf
	lbd_start
	by="setpriv --reuid=1234 --regid=1234 --clear-groups" \
		asker ask=1 stop ask=1 stop
	{ secret 1 "permit = user 1234"; many; } | conf
	"$BUILD/lbctl" reload
	knows "$pid" 1
	{ secret 1 "permit = user 0"; many; } | conf
	"$BUILD/lbctl" reload
	eventually knows "$pid"
	goes_on EACCES
	knows "$pid"
}

# No call but the drop itself comes by where the connection left its traces.
test_a_drop_for_good_leaves_no_old_peer_on_the_stack() {
	root_only
	[ "$SAN" = "" ] || skip "a sanitizer's shadow is too large to search"
	backend b1
	backend b187
	{ secret 1 "permit = user 0" | sed "s/$lan.1:8000/$lan.187:8000/"
	  secret 4; } | conf
	lbd_start
	peer() {
		python3 tests/e2e/memory.py "$pid" "$lan.187" | sed 's/:.*//'
	}
	for how in ask deep; do
		asker ask=4 $how=1 stop uid=1234 say=dropped stop
		is "$(xargs <"$dir/said")" "b1 b187"
		knows "$pid" 1 4
		goes_on dropped
		is "$(peer)" ""
		knows "$pid" 4
	done
	# it is found where the connection stays
	asker keep=1 stop uid=1234 say=dropped stop
	goes_on dropped
	is "$(peer)" "$lan.187"
}

# Where a connection was sent on, from one to the next, by whatever call. The
# dynamic linker writes registers to the stack when a function is called for the
# first time, and over what was there: without that, too.
test_a_drop_for_good_leaves_nothing_of_a_move_on_the_stack() {
	local how bind found bad=0
	root_only
	[ "$SAN" = "" ] || skip "a sanitizer's shadow is too large to search"
	backend b189
	conf <<-END
	[service moved]
	address = 127.96.1.1:80
	permit = user 0
	probe = none
	balance = first
	eject-after = 1000
	backend = $lan.187:8000
	backend = $lan.188:8000
	backend = $lan.189:8000
	END
	lbd_start
	peers() {
		python3 tests/e2e/memory.py "$pid" "$@" | xargs
	}
	for how in poll select epoll error again fastopen fastopen-again; do
		for bind in "" 1; do
			: >"$dir/said"
			LD_BIND_NOW=$bind LD_PRELOAD=$preload spawn \
				"$BUILD/leaver" $how 127.96.1.1 80 >>"$dir/said"
			eventually is_stopped "$pid"
			is "$(cat "$dir/said")" stood
			matches "$(peers "$lan.188")" .
			goes_on left
			found=$(peers "$lan.187" "$lan.188" "$lan.189")
			[ -z "$found" ] || { echo "$how $bind: $found"; bad=1; }
		done
	done
	[ $bad = 0 ]
}
