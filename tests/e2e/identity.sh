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

door_of() { # PID: the name, from the inodes of its sockets
	find "/proc/$1/fd" -lname 'socket:*' -printf '%l\n' | tr -dc '0-9\n' |
		grep -wf - /proc/net/unix | grep -o '@lbd-[0-9a-f]*' | sort -u
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
	musl-gcc -std=gnu11 -D_GNU_SOURCE -idirafter /usr/include \
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

# through AT N...: the status of what a proxy passes on from N, and its answer.
through() {
	local n
	for n in "${@:2}"; do
		curl -s -o "$dir/got" -w '%{http_code}' "http://$lan.9:$1$n/"
		echo "$(sed -n '/^b[0-9]/p' "$dir/got")"
	done | xargs
}

# start_nginx N...: a server at port 810N passes on to the service at 127.96.1.N.
# Its workers are www-data; the master, which opens the listeners, is root.
start_nginx() {
	{
		cat <<-END
		user www-data;
		worker_processes 2;
		pid $dir/nginx.pid;
		events {}
		http {
		access_log off;
		client_body_temp_path $dir/body;
		proxy_temp_path $dir/proxy;
		fastcgi_temp_path $dir/fastcgi;
		uwsgi_temp_path $dir/uwsgi;
		scgi_temp_path $dir/scgi;
		END
		for n; do
			printf 'server { listen %s:810%d; location / {' "$lan.9" "$n"
			printf 'proxy_pass http://127.96.1.%d; } }\n' "$n"
		done
		echo "}"
	} >"$dir/nginx.conf"
	shimmed nginx -p "$dir" -e "$dir/nginx.log" -c "$dir/nginx.conf"
	eventually test -s "$dir/nginx.pid"
	nginx=$(cat "$dir/nginx.pid")
	started+=("$nginx")
}

through_nginx() { # N...
	through 810 "$@"
}

test_workers_of_nginx_have_their_own_rights() {
	root_only
	backend b1
	conf <<-END
	[service roots]
	address = 127.96.1.1:80
	permit = user 0
	probe = none
	backend = $lan.1:8000
	[service workers]
	address = 127.96.1.2:80
	permit = user www-data
	backend = $lan.1:8000
	END
	lbd_start
	start_nginx 1 2
	for _ in 1 2 3 4; do
		is "$(through_nginx 2 1)" "200b1 502"
	done
	matches "$(cat "$dir/nginx.log")" "13: Permission denied.*127.96.1.1:80"
	fails grep -q "111: Connection refused" "$dir/nginx.log"
}

# start_haproxy N...: as Debian ships it: it changes its root, its groups, its
# user, and daemonizes. What comes to port 820N goes to the service at 127.96.1.N.
start_haproxy() {
	{
		sed "s|/run/haproxy/admin.sock|$dir/stats.sock|" \
			/etc/haproxy/haproxy.cfg
		for n; do
			printf 'listen l%d\n\tbind %s:820%d\n\tserver s 127.96.1.%d:80\n' \
				"$n" "$lan.9" "$n" "$n"
		done
	} >"$dir/haproxy.cfg"
	grep -q "chroot /var/lib/haproxy" "$dir/haproxy.cfg"
	grep -q "daemon" "$dir/haproxy.cfg"
	shimmed haproxy -f "$dir/haproxy.cfg" -p "$dir/haproxy.pid"
	eventually test -s "$dir/haproxy.pid"
	haproxy=$(cat "$dir/haproxy.pid")
	started+=("$haproxy")
	is "$(stat -c %U "/proc/$haproxy")" haproxy
}

through_haproxy() { # N...
	through 820 "$@"
}

test_haproxy_as_debian_has_it() {
	root_only
	backend b1
	conf <<-END
	[service roots]
	address = 127.96.1.1:80
	permit = user 0
	probe = none
	backend = $lan.1:8000
	[service haproxys]
	address = 127.96.1.2:80
	permit = user haproxy group haproxy
	backend = $lan.1:8000
	[service open]
	address = 127.96.1.3:80
	backend = $lan.1:8000
	END
	lbd_start
	start_haproxy 1 2 3
	for _ in 1 2; do
		is "$(through_haproxy 2 3 1)" "200b1 200b1 503"
	done
	was_denied() { # SERVICE COUNT
		"$BUILD/lbctl" status "$1" --json | tr -d ' \n' |
			grep -qE "\"denied\":$2"
	}
	eventually was_denied roots "[1-9]"
	was_denied haproxys 0
}

# In a root of somebody else's making the path is his, too.
test_a_stranger_in_the_new_root_serves_nobody() {
	root_only
	services
	mkdir -p "$dir/jail$dir"
	spawn python3 -u -c '
import os, socket, sys
os.chown(os.path.dirname(sys.argv[1]), 99, 99); os.setuid(99)
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind(sys.argv[1]); os.chmod(sys.argv[1], 0o666); s.listen(9); print("bound")
while True:
    c = s.accept()[0]
    print("asked", len(c.recv(99)))' "$dir/jail$LBD_SOCKET" >"$dir/stranger"
	eventually grep -q bound "$dir/stranger"
	becomes "b1 $user" ask=4 chroot="$dir/jail" uid=1234 $every
	fails grep -q "asked [1-9]" "$dir/stranger"
}

# The name is free once lbd has ended; who takes it is not whom lbd was.
test_a_stranger_at_the_door_serves_nobody() {
	root_only
	services
	mkdir "$dir/empty"
	LD_PRELOAD=$preload spawn "$BUILD/becomes" ask=4 chroot="$dir/empty" \
		stop uid=1234 $every >"$dir/said"
	dropper=$pid
	eventually grep -q "State:.T" "/proc/$dropper/status"
	door=$(door_of "$lbd")
	matches "$door" "^@lbd-[0-9a-f]{32}$"
	stop "$lbd" KILL
	spawn setpriv --reuid=99 --regid=99 --clear-groups python3 -u -c '
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind("\0" + sys.argv[1][1:]); s.listen(9); print("bound")
while True:
    c = s.accept()[0]
    print("asked", len(c.recv(99)))' "$door" >"$dir/stranger"
	eventually grep -q bound "$dir/stranger"
	kill -CONT "$dropper"
	wait "$dropper"
	is "$(xargs <"$dir/said")" "b1 $other"
	fails grep -q "asked [1-9]" "$dir/stranger"
}

test_the_name_of_the_door_may_be_taken() {
	root_only
	services
	door=$(door_of "$lbd")
	stop "$lbd"
	spawn setpriv --reuid=99 --regid=99 --clear-groups python3 -u -c '
import socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind("\0" + sys.argv[1][1:]); s.listen(9); print("bound")
time.sleep(60)' "$door" >"$dir/stranger"
	eventually grep -q bound "$dir/stranger"
	lbd_start
	matches "$(door_of "$lbd")" "^@lbd-[0-9a-f]{32}$"
	[ "$(door_of "$lbd")" != "$door" ]
	mkdir "$dir/empty"
	becomes "$root $user" $every chroot="$dir/empty" uid=1234 $every
}

test_a_socket_that_is_not_for_all_has_no_door() {
	closed() {
		{
			echo "socket-mode = $1"
			printf '[service web]\naddress = 127.96.1.1:80\n'
		} | conf
		lbd_start
		door_of "$lbd"
		stop "$lbd"
	}
	matches "$(closed 0666)" "^@lbd-"
	is "$(closed 0660)" ""
	mkdir "$dir/closed" "$dir/closed/open"
	chmod 750 "$dir/closed"
	export LBD_SOCKET=$dir/closed/open/s
	is "$(closed 0666)" ""
	chmod 751 "$dir/closed"
	matches "$(closed 0666)" "^@lbd-"
}
