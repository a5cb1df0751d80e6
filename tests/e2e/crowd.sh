# Many connections at once, many threads, forks, signals, cancelled threads: two
# backends of three are dead, and no program hears of it.

# sink ADDRESS PORT: a server that takes any number of connections.
sink() {
	cat >"$dir/sink" <<-'END'
	import resource, select, socket, sys
	most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
	resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
	server = socket.create_server((sys.argv[1], int(sys.argv[2])), backlog=4096)
	poll, held = select.epoll(), {}
	poll.register(server, select.EPOLLIN)
	while True:
	    for fd, events in poll.poll():
	        if fd != server.fileno():
	            held.pop(fd).close()
	            continue
	        c = server.accept()[0]
	        held[c.fileno()] = c
	        poll.register(c, select.EPOLLIN)
	END
	spawn python3 "$dir/sink" "$1" "$2" 2>>"$dir/hello.err"
	eventually listens "$1" "$2"
}

one_of_three() { # BALANCE
	sink "$lan.3" 8000
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	probe = none
	balance = $1
	eject-after = 1000
	backend = $lan.1:8000
	backend = $lan.2:8000
	backend = $lan.3:8000
	END
	lbd_start
}

# How many at once, where so many may be: a server here has as many again.
as_many() { # WANTED
	local most
	most=$(ulimit -Hn)
	[ "$most" = unlimited ] || [ "$most" -gt $(($1 + 200)) ] ||
		set -- $((most - 200))
	echo "$1"
}

many_made() { # HOW
	local count
	count=$(as_many 10000)
	one_of_three round-robin
	is "$(shimmed "$BUILD/many" "$count" 0 "$1" 127.96.1.1 80)" \
		"made $count"
}

test_ten_thousand_at_once_on_epoll() {
	many_made epoll
}

test_ten_thousand_at_once_on_epoll_by_edges() {
	many_made epoll-et
}

test_ten_thousand_at_once_an_event_at_a_time() {
	many_made one
}

test_ten_thousand_at_once_on_poll() {
	many_made poll
}

# Descriptors so high are not remembered: as many fail as the kernel refuses.
test_descriptors_above_65535_are_balanced_all_the_same() {
	local status=0
	one_of_three round-robin
	shimmed "$BUILD/many" 300 65536 epoll 127.96.1.1 80 >"$dir/out" ||
		status=$?
	[ $status != 77 ] ||
		skip "no descriptors above 65,535 are to be had here"
	is "$status" 0
	is "$(tr '\n' ' ' <"$dir/out")" "made 100 ECONNREFUSED 200 "
}

nobody_fails() { # KIND HOW...
	local how bad=0
	one_of_three first
	for how in "${@:2}"; do
		timeout 60 env LD_PRELOAD="$preload" "$BUILD/mischief" \
			"$1" "$how" 127.96.1.1 80 >"$dir/out" 2>&1 ||
			echo "status $?" >>"$dir/out"
		[ "$(cat "$dir/out")" != "failed 0" ] || continue
		bad=1
		echo "$how: $(sort "$dir/out" | uniq -c | head -5)"
	done
	[ $bad = 0 ]
}

waits=(poll ppoll select pselect epoll epoll_pwait epoll_pwait2)

test_a_fork_while_connections_are_under_way() {
	nobody_fails fork "${waits[@]}"
}

test_a_fork_among_threads_that_connect() {
	nobody_fails forks poll select epoll
}

test_signals_whose_handler_connects() {
	nobody_fails signals "${waits[@]}"
}

test_threads_that_are_cancelled() {
	nobody_fails cancel "${waits[@]}"
}

test_threads_that_are_cancelled_anywhere() {
	[ "$SAN" != thread ] || skip "the sanitizer hangs then, by itself"
	nobody_fails cancel-async "${waits[@]}"
}
