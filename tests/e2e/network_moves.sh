# Connections that are under way while a network swallows, refuses late or says
# that there is no way: the program hears of nothing, however it waits.
. tests/e2e/veth.sh

ways="poll ppoll poll_chk ppoll_chk select pselect epoll epoll+pointer
epoll+oneshot+pointer epoll+edge epoll+pwait epoll+pwait2 again"

# web COUNT [LINE...]: a service of which the last backend alone is alive.
web() {
	local n
	backend "b$1"
	{
		printf '[service web]\naddress = 127.96.1.1:80\nprobe = none\n'
		printf 'balance = first\neject-after = 1000\n'
		printf '%s\n' "${@:2}"
		for n in $(seq "$1"); do
			echo "backend = $lan.$n:8000 name=b$n"
		done
	} | conf
	lbd_start
}

under_way() { # WAY
	shimmed "$BUILD/under_way" "$1" 127.96.1.1 80
}

swallow() { # N: no packet reaches b-N
	tamper far "ip daddr $lan.$1 tcp flags syn drop"
}

test_a_black_hole_is_left_after_connect_timeout() {
	local way
	web 2 "connect-timeout = 100ms"
	swallow 1
	for way in $ways; do
		echo "$way"
		is "$(under_way "$way")" \
			$'told: 0\nerror: 0\npeer: 127.96.1.1 80\nsaid: b2'
	done
}

test_two_black_holes_are_left_one_after_the_other() {
	web 3 "connect-timeout = 100ms"
	swallow 1
	swallow 2
	is "$(under_way epoll+pointer)" \
		$'told: 0\nerror: 0\npeer: 127.96.1.1 80\nsaid: b3'
	is "$(under_way select)" \
		$'told: 0\nerror: 0\npeer: 127.96.1.1 80\nsaid: b3'
}

# Where there is no other to go to, the kernel goes on as it would have: who
# answers late is still welcome.
test_the_last_backend_has_as_long_as_the_kernel_takes() {
	web 1 "connect-timeout = 100ms"
	swallow 1
	shimmed "$BUILD/under_way" epoll 127.96.1.1 80 >"$dir/said" &
	client=$!
	started+=("$client")
	sleep 0.5
	mend far
	wait "$client"
	is "$(cat "$dir/said")" \
		$'told: 0\nerror: 0\npeer: 127.96.1.1 80\nsaid: b1'
}

test_maxseg_survives_a_black_hole() {
	web 2 "connect-timeout = 100ms"
	swallow 1
	matches "$(under_way poll+maxseg+clamp)" '^maxseg: (1000|988)$'
	matches "$(under_way poll+maxseg+clamp)" '^clamp: 30000$'
}

# No way at all, and a way that is forbidden: what the network itself says.
test_what_the_network_says_is_met_with_another_backend() {
	local said
	web 3
	counter far syns
	for said in host-unreachable net-unreachable admin-prohibited \
		port-unreachable; do
		mend far
		for n in 1 2; do
			tamper far "ip daddr $lan.$n tcp flags syn \
				counter name syns reject with icmp type $said"
		done
		echo "$said"
		is "$(under_way epoll)" \
			$'told: 0\nerror: 0\npeer: 127.96.1.1 80\nsaid: b3'
	done
	is "$(hits far syns)" 8 # nobody was asked a second time
}

# A route that forbids fails inside connect() itself, in the middle of a move.
test_a_move_that_fails_at_once_goes_on_to_the_next() {
	web 3
	tamper far "ip daddr $lan.1 tcp flags syn reject with tcp reset"
	ip route add unreachable "$lan.2/32"
	is "$(under_way epoll+pointer)" \
		$'told: 0\nerror: 0\npeer: 127.96.1.1 80\nsaid: b3'
}

# And where that was the last, the kernel tells what the one before had said.
test_a_move_to_nowhere_ends_as_a_plain_socket_would() {
	local way
	web 2
	tamper far "ip daddr $lan.1 tcp flags syn reject with tcp reset"
	ip route add unreachable "$lan.2/32"
	for way in $ways poll+unasked epoll+unasked; do
		echo "$way"
		"$BUILD/under_way" "$way" "$lan.1" 8000 >"$dir/plain" || true
		under_way "$way" >"$dir/shim" || true
		diff "$dir/plain" "$dir/shim"
	done
}

# What routers said of the first is not what a program should hear of the next:
# the kernel keeps it, and calls the socket ready with an error ever after.
test_a_blocking_connect_leaves_no_error_behind() {
	web 2
	tamper far "ip daddr $lan.1 tcp flags syn \
		reject with icmp type host-unreachable"
	program ask <<-END
	import select, socket
	s = socket.create_connection(("127.96.1.1", 80))
	p = select.poll()
	p.register(s, select.POLLOUT)
	print(s.getpeername(), p.poll(1000)[0][1] == select.POLLOUT)
	END
	is "$(shimmed python3 "$dir/ask")" "('127.96.1.1', 80) True"
}

# Two services, one socket: the second connect() changes nothing, says the
# kernel, and so it is the first that is moved.
test_a_connect_elsewhere_while_under_way_changes_nothing() {
	web 2 "connect-timeout = 300ms"
	swallow 1
	backend b3
	cat >>"$dir/lbd.ini" <<-END
	[service other]
	address = 127.96.1.2:80
	probe = none
	backend = $lan.3:8000
	END
	"$BUILD/lbctl" reload
	program ask <<-END
	import errno, select, socket
	s = socket.socket()
	s.setblocking(False)
	for vip in "127.96.1.1", "127.96.1.2":
	    print(errno.errorcode[s.connect_ex((vip, 80))])
	p = select.poll()
	p.register(s, select.POLLOUT)
	print(p.poll(9000)[0][1], s.getpeername())
	s.setblocking(True)
	s.sendall(b"GET / HTTP/1.0\r\n\r\n")
	print(s.makefile().read().split()[-1])
	END
	is "$(shimmed python3 "$dir/ask")" \
		$'EINPROGRESS\nEALREADY\n4 (\'127.96.1.1\', 80)\nb2'
}
