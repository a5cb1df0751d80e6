# Backends end and die under load. A connect() that blocks must not notice.

three_backends() {
	backend b1
	backend b2
	backend b3
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	interval = 500ms
	balance = round-robin
	backend = $lan.1:8000
	backend = $lan.2:8000
	backend = $lan.3:8000
	END
	lbd_start
}

# Ends one backend after the other, and starts each anew, under 2,000
# connections a second.
under_load() { # SIGNAL TIMES
	local i n victim=("${started[@]:0:3}")
	LD_PRELOAD=$preload spawn "$BUILD/load" rate=2000 seconds=100 \
		127.96.1.1 80 >"$dir/load"
	load=$pid
	sleep 0.3
	for i in $(seq "$2"); do
		n=$((RANDOM % 3))
		sleep "0.$((RANDOM % 9))"
		stop "${victim[$n]}" "$1"
		sleep "0.$((RANDOM % 9))"
		backend "b$((n + 1))"
		victim[n]=$pid
	done
	stop "$load"
	cat "$dir/load"
	[ "$(sed -n 's/^requests //p' "$dir/load")" -gt $(($2 * 500)) ]
}

test_a_backend_that_closes_and_finishes_costs_nothing() {
	three_backends
	under_load TERM 12
	# a server that cannot keep new connections out loses those that come
	# between its last accept() and its close()
	! grep -q SO_ATTACH_FILTER "$dir/hello.err" ||
		skip "a server may not turn away SYNs here"
	matches "$(cat "$dir/load")" '^failed connects 0$'
	matches "$(cat "$dir/load")" '^reset after connect 0$'
}

test_a_killed_backend_costs_no_connect() {
	three_backends
	under_load KILL 12
	matches "$(cat "$dir/load")" '^failed connects 0$'
}

test_a_dead_backend_is_found_and_its_return_too() {
	three_backends
	stop "${started[1]}" KILL
	eventually backend_is web "$lan.2:8000" down
	is "$(shimmed "$BUILD/load" count=30 127.96.1.1 80 | grep '^b')" \
		$'b1 15\nb3 15'
	backend b2
	eventually backend_is web "$lan.2:8000" up
	is "$(shimmed "$BUILD/load" count=30 127.96.1.1 80 | grep '^b')" \
		$'b1 10\nb2 10\nb3 10'
	grep -q "backend $lan.2:8000 of service web is down level=warning event=backend-down service=web backend=$lan.2:8000 reason=\"Connection refused\"" "$dir/lbd.log"
	grep -q "backend $lan.2:8000 of service web is up level=info event=backend-up service=web backend=$lan.2:8000" "$dir/lbd.log"
}
