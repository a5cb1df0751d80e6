# A connect() that is under way and fails goes on to another backend, and the
# program hears of nothing, however it waits.

# Two dead backends before one that lives; and a service of dead ones alone.
two_dead_first() {
	backend b3
	conf <<-END
	[defaults]
	probe = none
	balance = first
	eject-after = 1000
	[service web]
	address = 127.96.1.1:80
	backend = $lan.1:8000
	backend = $lan.2:8000
	backend = $lan.3:8000
	$*
	[service dead]
	address = 127.96.1.9:80
	backend = $lan.1:8000
	backend = $lan.2:8000
	END
	lbd_start
}

under_way() { # WAY ADDRESS [FROM]
	shimmed "$BUILD/under_way" "$1" "$2" 80 "${@:3}"
}

ways="poll ppoll poll_chk ppoll_chk select pselect epoll epoll+pointer
epoll+oneshot epoll+oneshot+pointer epoll+edge epoll+pwait epoll+pwait2
epoll+unseen epoll+dup epoll+dup+pointer poll+dup again asking"

test_however_a_program_waits_it_hears_of_no_failure() {
	local way
	two_dead_first
	for way in $ways; do
		echo "$way"
		if [[ $way = *dup* ]]; then # it is not known under that number
			is "$(under_way "$way" 127.96.1.1)" \
				$'told: 0\nerror: 0\npeer: '"$lan"$'.3 8000\nsaid: b3'
		else
			is "$(under_way "$way" 127.96.1.1)" \
				$'told: 0\nerror: 0\npeer: 127.96.1.1 80\nsaid: b3'
		fi
	done
}

test_where_all_are_dead_it_hears_what_a_plain_socket_does() {
	local way
	two_dead_first
	for way in $ways; do
		echo "$way"
		"$BUILD/under_way" "$way" "$lan.1" 80 >"$dir/plain" || true
		under_way "$way" 127.96.1.9 >"$dir/shim" || true
		diff "$dir/plain" "$dir/shim"
	done
}

# As gevent and Twisted do: connect() once more, to be told EISCONN.
test_a_connect_that_is_asked_again_when_it_stands_knows_its_peer() {
	two_dead_first
	is "$(shimmed python3 - <<-END
	import errno, select, socket
	s = socket.socket()
	s.setblocking(False)
	s.connect_ex(("127.96.1.1", 80))
	p = select.poll()
	p.register(s, select.POLLOUT)
	p.poll(5000)
	print(s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
	print(s.connect_ex(("127.96.1.1", 80)) in (0, errno.EISCONN))
	print(s.getpeername())
	END
	)" $'0\nTrue\n(\'127.96.1.1\', 80)'
	counted() {
		"$BUILD/lbctl" status web --json | python3 -c '
import json, sys
s = json.load(sys.stdin)
assert s["attempts"] == 1 and sum(b["picks"] for b in s["backends"]) == 3, s'
	}
	eventually counted
}

# Whoever reads without asking is told by the first backend: that is the end.
test_what_a_read_has_told_is_over() {
	local next
	two_dead_first
	cat >"$dir/read" <<-END
	import errno, select, socket, sys, time
	where = sys.argv[1], int(sys.argv[2])
	s = socket.socket()
	s.setblocking(False)
	s.connect_ex(where)
	told = errno.EAGAIN
	while told == errno.EAGAIN:
	    time.sleep(0.001)
	    try:
	        s.recv(1)
	    except OSError as e:
	        told = e.errno
	print(errno.errorcode[told])
	if sys.argv[3] == "poll":
	    p = select.poll()
	    p.register(s, select.POLLOUT)
	    print(p.poll(100)[0][1], s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
	print(errno.errorcode[s.connect_ex(where)])
	END
	for next in poll connect; do
		python3 "$dir/read" "$lan.1" 8000 $next >"$dir/plain"
		shimmed python3 "$dir/read" 127.96.1.1 80 $next >"$dir/shim"
		diff "$dir/plain" "$dir/shim"
	done
}

# The kernel gives as many bytes of the answer as there is room for.
test_who_has_room_for_a_byte_of_the_error_hears_of_none() {
	two_dead_first
	cat >"$dir/ask" <<-'END'
	import ctypes, socket, sys, time
	libc = ctypes.CDLL(None)
	for room in 1, 2, 3:
	    s = socket.socket()
	    s.setblocking(False)
	    s.connect_ex((sys.argv[1], 80))
	    said, n = ctypes.create_string_buffer(b"????", 4), ctypes.c_uint(room)
	    time.sleep(0.1)
	    libc.getsockopt(s.fileno(), socket.SOL_SOCKET, socket.SO_ERROR,
	        said, ctypes.byref(n))
	    print(n.value, said.raw.hex())
	END
	is "$(shimmed python3 "$dir/ask" 127.96.1.1)" \
		$'1 003f3f3f\n2 00003f3f\n3 0000003f'
	is "$(shimmed python3 "$dir/ask" 127.96.1.9)" \
		$'1 6f3f3f3f\n2 6f003f3f\n3 6f00003f'
}

# It is TCP to everybody who does not speak it.
test_multipath_tcp_is_moved_alike() {
	local way
	python3 -c 'import socket as s; s.socket(s.AF_INET, s.SOCK_STREAM, 262)' \
		2>"$dir/said" || skip "no multipath TCP in this kernel"
	two_dead_first
	for way in poll select epoll+pointer again asking; do
		echo "$way"
		is "$(under_way $way+mptcp 127.96.1.1)" \
			$'told: 0\nerror: 0\npeer: 127.96.1.1 80\nsaid: b3'
		"$BUILD/under_way" $way+mptcp "$lan.1" 80 >"$dir/plain" || true
		under_way $way+mptcp 127.96.1.9 >"$dir/shim" || true
		diff "$dir/plain" "$dir/shim"
	done
}

test_retries_bound_moves() {
	two_dead_first retries = 1
	is "$(under_way poll 127.96.1.1)" \
		$'told: 1\nerror: ECONNREFUSED\npeer: ENOTCONN\nsaid: EPIPE'
}

test_what_the_program_had_set_survives_a_move() {
	two_dead_first
	matches "$(under_way poll+maxseg+clamp+bound 127.96.1.1 127.0.0.77)" \
		'^maxseg: (1000|988)$'
	matches "$(under_way poll+maxseg+clamp+bound 127.96.1.1 127.0.0.77)" \
		'^clamp: 30000$'
	matches "$(under_way poll+maxseg+clamp+bound 127.96.1.1 127.0.0.77)" \
		'^bound: 127.0.0.77, the same port$'
}

test_moves_are_counted_and_said() {
	two_dead_first
	LBSHIM_LOG=error under_way epoll 127.96.1.1 2>"$dir/said"
	is "$(sed -E 's/.*fd [0-9]+ //' "$dir/said")" \
		"127.96.1.1:80 -> $lan.1:8000 (web) try 1: Connection refused
127.96.1.1:80 -> $lan.2:8000 (web) try 2: Connection refused"
	is "$(LBSHIM_LOG=error under_way epoll 127.96.1.9 2>&1 >/dev/null |
		grep -c refused)" 2
	counted() {
		"$BUILD/lbctl" status web --json | python3 -c '
import json, sys
s = json.load(sys.stdin)
assert s["attempts"] == 1 and s["failovers"] == 2, s'
	}
	eventually counted
}

test_peername_real_shows_the_backend() {
	two_dead_first peername = real
	is "$(under_way epoll 127.96.1.1)" \
		$'told: 0\nerror: 0\npeer: '"$lan"$'.3 8000\nsaid: b3'
}

oddly() { # WAY ADDRESS
	shimmed "$BUILD/oddly" "$1" "$2" 80
}

# What has an epoll in it is called once for every move, and finds nothing.
test_an_epoll_within_another_tells_of_no_failure() {
	local way
	two_dead_first
	for way in nested-epoll nested-poll nested-select; do
		echo "$way"
		is "$(oddly $way 127.96.1.1)" $'1 told 4\nerror 0, connected 1'
	done
}

# What is noted of a descriptor is what the kernel has, not what it refused.
test_a_registration_that_is_refused_changes_nothing() {
	two_dead_first
	is "$(oddly refused-ctl 127.96.1.1)" $'1 told 4\nerror 0, connected 1'
}

test_a_select_that_does_not_wait_says_what_is() {
	two_dead_first
	sed -i "0,/^backend/{/^backend/d};0,/^backend/{/^backend/d}" "$dir/lbd.ini"
	"$BUILD/lbctl" reload
	is "$(oddly at-once 127.96.1.1)" $'1 told 1\nerror 0, connected 1'
}

test_a_set_given_twice_is_never_ready_and_empty() {
	two_dead_first
	is "$(oddly one-set 127.96.1.1)" $'1 told 1\nerror 0, connected 1'
}

test_what_else_has_hung_up_is_told_at_once() {
	two_dead_first
	is "$(oddly hung-up 127.96.1.1)" \
		$'1 told 0 0 10\n1 told 10\nerror 0, connected 1'
}

# A limit: one note is kept of a descriptor.
test_in_two_epolls_it_is_known_by_what_the_last_was_given() {
	two_dead_first
	is "$(oddly last-epoll 127.96.1.1)" $'1 told 4\nerror 0, connected 1'
	is "$(oddly first-epoll 127.96.1.1)" $'1 told 1c\nerror 0, connected 1'
}

# A limit: what is under way is known to the process that began it.
test_who_is_given_a_connection_under_way_hears_of_its_failure() {
	local how
	two_dead_first
	cat >"$dir/give" <<-'END'
	import os, select, socket, sys
	def hear(fd):
	    p = select.poll()
	    p.register(fd, select.POLLOUT)
	    heard = p.poll(5000)[0][1] & select.POLLERR
	    print(heard, socket.socket(fileno=fd).getsockopt(1, socket.SO_ERROR))
	if sys.argv[1] == "given":
	    sys.exit(hear(int(sys.argv[2])))
	s = socket.socket()
	s.setblocking(False)
	s.connect_ex(("127.96.1.1", 80))
	if sys.argv[1] == "exec":
	    s.set_inheritable(True)
	    os.execv(sys.executable, [sys.executable, sys.argv[0], "given",
	        str(s.fileno())])
	here, there = socket.socketpair()
	if os.fork():
	    socket.send_fds(here, [b"x"], [s.fileno()])
	    sys.exit(os.wait()[1] != 0)
	if sys.argv[1] == "fork":
	    hear(s.fileno())
	else:
	    s.close()
	    hear(socket.recv_fds(there, 1, 1)[1][0])
	END
	for how in exec fork scm_rights; do
		echo $how
		is "$(shimmed python3 "$dir/give" $how)" "8 111"
	done
}

# Another: the number that it began under is looked at when its time is over.
test_a_duplicate_alone_is_not_late_for_connect_timeout() {
	two_dead_first
	cat >>"$dir/lbd.ini" <<-END
	[service full]
	address = 127.96.1.2:80
	connect-timeout = 100ms
	backend = $lan.4:8000
	backend = $lan.3:8000
	END
	"$BUILD/lbctl" reload
	cat >"$dir/duplicate" <<-'END'
	import select, socket, sys
	full = socket.socket()
	full.bind((sys.argv[1], 8000))
	full.listen(0)
	held = [socket.create_connection((sys.argv[1], 8000))]
	for how, ms in ("as it is", 5000), ("a duplicate", 500):
	    s = socket.socket()
	    s.setblocking(False)
	    s.connect_ex(("127.96.1.2", 80))
	    if how != "as it is":
	        s, old = s.dup(), s
	        old.close()
	    p = select.poll()
	    p.register(s, select.POLLOUT)
	    print(how, p.poll(ms) != [])
	END
	is "$(shimmed python3 "$dir/duplicate" "$lan.4")" \
		$'as it is True\na duplicate False'
}

test_an_edge_is_not_taken_for_another_s() {
	two_dead_first
	is "$(oddly same-data 127.96.1.1)" $'1 told 4\nerror 0, connected 1'
}

# What stood in the queue of a server that ends is moved until it is asked about:
# told that it stands, a program may wait once more before that, as curl does.
test_what_is_reset_in_a_queue_before_it_is_asked_about_is_moved() {
	local way n plain told bad=0 ready
	two_dead_first
	for way in poll ppoll poll_chk ppoll_chk select pselect epoll \
		epoll_pwait epoll_pwait2; do
		ready=
		for n in 0 1 2; do
			plain=$("$BUILD/queued" $way $n "$lan.1" 8000 "$lan.1" 8000)
			matches "$plain" 'error ECONNRESET, send: EPIPE$'
			told=$(shimmed "$BUILD/queued" $way $n 127.96.1.1 80 "$lan.1" 8000)
			[ "$told" = "${ready}error 0, answered b3" ] || {
				echo "$way $n: $told, and plainly $plain"
				bad=1
			}
			ready+="ready, "
		done
	done
	[ $bad = 0 ]
}

test_what_is_reset_in_a_queue_before_connect_is_repeated_is_moved() {
	two_dead_first
	is "$("$BUILD/queued" again 1 "$lan.1" 8000 "$lan.1" 8000)" \
		"ready, again ECONNRESET, error 0, send: EPIPE"
	is "$(shimmed "$BUILD/queued" again 1 127.96.1.1 80 "$lan.1" 8000)" \
		"ready, again EALREADY, error 0, answered b3"
}

# As it would have ended the one call that the program has made.
test_a_signal_during_a_move_ends_the_wait_if_it_has_a_handler() {
	local how masked bad=0
	two_dead_first
	for how in poll ppoll select pselect epoll epoll_pwait epoll_pwait2; do
		masked=
		[[ $how != p[ps]* && $how != *pwait* ]] ||
			masked=$'0 -, told, not blocked\n'
		shimmed "$BUILD/interrupted" "$how" 127.96.1.1 80 >"$dir/out"
		[ "$(cat "$dir/out")" != "0 -, not told, not blocked
$masked-1 EINTR, told, not blocked" ] || continue
		bad=1
		sed "s/^/$how: /" "$dir/out"
	done
	[ $bad = 0 ]
}
