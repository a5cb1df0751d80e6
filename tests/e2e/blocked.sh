# A thread that waits in one of the library's functions ends when it is cancelled,
# and its call when a signal comes, as without the library.

# Nothing comes back from one address: its server's queue is full.
silent_and_good() {
	cat >"$dir/full" <<-'END'
	import socket, sys, time
	server = socket.socket()
	server.bind((sys.argv[1], 8000))
	server.listen(0)
	held = []
	for i in range(3):
	    held.append(socket.socket())
	    held[-1].setblocking(False)
	    held[-1].connect_ex((sys.argv[1], 8000))
	print("full", flush=True)
	time.sleep(600)
	END
	spawn python3 "$dir/full" "$lan.1" >"$dir/said"
	eventually grep full "$dir/said"
	backend b2
	conf <<-END
	[defaults]
	probe = none
	balance = first
	eject-after = 1000
	connect-timeout = $1
	[service silent]
	address = 127.96.1.1:8000
	backend = $lan.1:8000
	backend = $lan.2:8000
	[service good]
	address = 127.96.1.2:8000
	backend = $lan.2:8000
	END
	lbd_start
}

calls="connect sendto sendmsg sendmmsg recvmsg recvmmsg fcntl poll ppoll select
pselect epoll_wait epoll_pwait epoll_pwait2"

ends_as_without_the_library() { # HOW EXPECTED
	local call plain told bad=0
	for call in $calls; do
		plain=$("$BUILD/blocked" "$1" $call "$lan.1" "$lan.2" 8000)
		told=$(shimmed "$BUILD/blocked" "$1" $call 127.96.1.1 127.96.1.2 \
			8000)
		[ "$plain" = "$2" ] && [ "$told" = "$2" ] && continue
		bad=1
		echo "$call: $told; plainly: $plain"
	done
	[ $bad = 0 ]
}

test_a_thread_that_waits_is_cancelled() {
	[ "$SAN" != address,undefined ] ||
		skip "a sanitizer loses track where a thread is unwound"
	silent_and_good 60s
	ends_as_without_the_library cancel \
		"cleaned up, cancelled, 0 handled, connect 0"
}

test_a_signal_ends_a_call_that_waits() {
	silent_and_good 60s
	ends_as_without_the_library interrupt "-1 EINTR, 1 handled, connect 0"
}

# The kernel would go on with the call; there it is cut short, and made again. A
# handler of crashes, which many programs have, says nothing about that.
test_after_a_signal_that_restarts_calls_connect_timeout_holds() {
	local call bad=0
	silent_and_good 500ms
	for call in connect sendto sendmsg sendmmsg; do
		told=$(shimmed "$BUILD/blocked" restart $call 127.96.1.1 \
			127.96.1.2 8000)
		[[ $told != [01]" -, 1 handled, connect 0" ]] || continue
		bad=1
		echo "$call: $told"
	done
	[ $bad = 0 ]
}
