# What a network can do to connections, while probes see nothing of it or not
# yet: what programs see, and what lbd makes of it.
. tests/e2e/veth.sh

# Another user, whose packets can be told apart.
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
as_nobody() {
	shimmed "${nobody[@]}" "$@"
}

# web COUNT [LINE...]: a service of so many backends.
web() {
	local n
	for n in $(seq "$1"); do backend b$n; done
	{
		printf '[service web]\naddress = 127.96.1.1:80\ninterval = 200ms\n'
		printf '%s\n' "${@:2}"
		for n in $(seq "$1"); do
			echo "backend = $lan.$n:8000 name=b$n"
		done
	} | conf
	lbd_start
}

load() { # COUNT [RATE]
	shimmed "$BUILD/load" count="$1" rate="${2:-0}" 127.96.1.1 80
}

usable_is() { # COUNT
	[ "$(figure web usable)" = "$1" ]
}

counted() { # COUNT: lbd has heard of that many connects
	[ "$(figure web attempts)" -ge "$1" ]
}

test_a_black_hole_fails_no_connect_and_then_delays_none() {
	web 3 "connect-timeout = 200ms" "fall = 2"
	load 30 >/dev/null
	tamper far "ip daddr $lan.1 tcp flags syn drop"
	matches "$(load 60 50)" "^failed connects 0$"
	gone() { has_event backend-down b1 || has_event backend-ejected b1; }
	eventually gone
	sleep 0.3 # what it did last is counted
	before=$(figure web failovers) heard=$(figure web attempts)
	matches "$(load 200)" "^failed connects 0$"
	eventually counted $((heard + 200))
	is "$(figure web failovers)" "$before"
}

# Callers know better than probes: what they are refused at is avoided, though
# every probe is answered. The first good probe is still believed, no later one.
test_a_backend_dead_for_traffic_alone_is_ejected() {
	web 3 "eject-time = 60s"
	tamper near "meta skuid 65534 ip daddr $lan.1 tcp flags syn \
		reject with tcp reset"
	LD_PRELOAD=$preload spawn "${nobody[@]}" "$BUILD/load" rate=100 \
		127.96.1.1 80 >"$dir/load"
	load=$pid
	twice() { [ "$(events backend-ejected b1)" = 2 ]; }
	eventually twice
	stop "$load"
	matches "$(cat "$dir/load")" "^failed connects 0$"
	sleep 0.3 # what it did last is counted
	heard=$(figure web attempts) before=$(figure web failovers)
	matches "$(as_nobody "$BUILD/load" count=60 127.96.1.1 80)" \
		"^failed connects 0$"
	eventually counted $((heard + 60))
	is "$(figure web failovers)" "$before"
	is "$(state_of web b1)" ejected
	is "$(events backend-down)" 0
	usable_is 2
}

# Five of ten refuse, three may go.
test_at_most_three_of_ten_are_ejected() {
	web 10 "eject-time = 60s" "retries = 9"
	tamper near "meta skuid 65534 ip daddr $lan.1-$lan.5 tcp flags syn \
		reject with tcp reset"
	LD_PRELOAD=$preload spawn "${nobody[@]}" "$BUILD/load" rate=300 \
		seconds=3 127.96.1.1 80 >"$dir/load"
	load=$pid
	eventually usable_is 7
	for _ in $(seq 20); do [ "$(figure web usable)" -ge 7 ]; done
	wait "$load"
	matches "$(cat "$dir/load")" "^failed connects 0$"
	usable_is 7
}

test_the_last_backend_is_never_ejected() {
	web 1 "eject-time = 60s"
	tamper near "meta skuid 65534 tcp flags syn reject with tcp reset"
	matches "$(as_nobody "$BUILD/load" count=50 127.96.1.1 80)" \
		"^failed connects 50$"
	eventually counted 50
	sleep 0.5 # as long as an ejection would take
	usable_is 1
	mend near
	matches "$(as_nobody "$BUILD/load" count=5 127.96.1.1 80)" "^b1 5$"
}

# A program that does not block waits for its connections, and hears nothing.
test_connections_that_stay_pending_eject() {
	web 3 "eject-after = 3" "eject-time = 60s"
	tamper near "meta skuid 65534 ip daddr $lan.1 tcp flags syn drop"
	program pending <<-'END'
	import socket, time
	held = []
	for i in range(18):
	    s = socket.socket()
	    s.setblocking(False)
	    s.connect_ex(("127.96.1.1", 80))
	    held.append(s)
	time.sleep(8)
	END
	LD_PRELOAD=$preload spawn "${nobody[@]}" python3 "$dir/pending"
	eventually has_event backend-ejected b1
	is "$(events backend-ejected)" 1
	is "$(events backend-down)" 0
}

# This host's ports are used up: the program is told so, and no backend blamed.
test_ports_that_run_out_are_nobodys_failure() {
	web 2 "probe = none"
	echo "40000 40009" >/proc/sys/net/ipv4/ip_local_port_range
	program all_ports <<-'END'
	import errno, socket
	held, said = [], []
	for i in range(40):
	    s = socket.socket()
	    said.append(s.connect_ex(("127.96.1.1", 80)))
	    held.append(s)
	made = said.count(0)
	refused = said.count(errno.EADDRNOTAVAIL)
	assert made == 20 and refused == 20, said
	END
	shimmed python3 "$dir/all_ports"
	eventually counted 40
	is "$(figure web b1 failed)$(figure web b2 failed)" 00
	is "$(events backend-ejected)" 0
	usable_is 2
}

# Health is ignored where there is nothing left to lose, and everybody says so.
test_all_down_at_once_is_panic_and_counted() {
	web 4 "fall = 2" "rise = 1000" "retries = 3"
	eventually usable_is 4
	tamper far "tcp flags syn reject with tcp reset"
	eventually usable_is 0
	is "$(figure web state)" panic
	matches "$("$BUILD/lbctl" status)" "web .*PANIC"
	heard=$(figure web attempts)
	matches "$(load 5)" "^failed connects 5$"
	eventually counted $((heard + 5))
	is "$(figure web failovers)" 15 # each tried the three others, too
	mend far
	matches "$(load 20)" "^failed connects 0$"
	is "$(figure web state)" panic
}
