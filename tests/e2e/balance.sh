# Connections go to the backends, in the shares the file says.

balanced() { # KIND [KEY-OF-B1]: service web of b1, b2 and b3
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	balance = $1
	backend = $lan.1:8000 ${2:-}
	backend = $lan.2:8000
	backend = $lan.3:8000
	END
	lbd_start
}

test_curl_reaches_an_address_nobody_owns() {
	backend b1
	backend b2
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	balance = round-robin
	backend = $lan.1:8000
	backend = $lan.2:8000
	END
	lbd_start
	answers=$(for i in 1 2 3 4; do get 127.96.1.1:80; done | sort | uniq -c |
		tr -s ' \n' ' ')
	is "$answers" " 2 b1 2 b2 "
}

test_without_the_shim_the_address_is_refused() {
	fails curl -sS --max-time 5 http://127.96.1.1/ 2>/dev/null
}

test_round_robin_is_exact_over_4000_connections() {
	for b in b1 b2 b3; do backend $b; done
	balanced round-robin weight=2
	answers=$(shimmed "$BUILD/load" count=4000 127.96.1.1 80 | grep '^b')
	is "$answers" $'b1 2000\nb2 1000\nb3 1000'
}

test_round_robin_is_exact_across_processes() {
	for b in b1 b2 b3; do backend $b; done
	balanced round-robin
	answers=$(for i in $(seq 30); do get 127.96.1.1:80; done | sort |
		uniq -c | tr -s ' \n' ' ')
	is "$answers" " 10 b1 10 b2 10 b3 "
}

test_random_is_within_a_tenth() {
	for b in b1 b2 b3; do backend $b; done
	balanced random weight=2
	shimmed "$BUILD/load" count=4000 127.96.1.1 80 | grep '^b' |
		while read -r name n; do
			fair=1000
			[ "$name" != b1 ] || fair=2000
			[ "$n" -gt $((fair * 9 / 10)) ] && [ "$n" -lt $((fair * 11 / 10)) ] ||
				fail "$name got $n of $fair"
		done
}

test_first_stays_with_the_first_until_it_is_down() {
	backend b1
	one=$pid
	backend b2
	conf <<-END
	[defaults]
	interval = 100ms
	fall = 1
	[service web]
	address = 127.96.1.1:80
	balance = first
	backend = $lan.1:8000
	backend = $lan.2:8000
	END
	lbd_start
	is "$(get 127.96.1.1:80)$(get 127.96.1.1:80)$(get 127.96.1.1:80)" \
		"b1b1b1"
	stop $one
	is "$(shimmed "$BUILD/load" count=2 127.96.1.1 80 | head -1)" "b2 2"
}

test_every_port_of_an_address() {
	backend b1 8001
	spawn "$BUILD/hello" "$lan.1" 8002 other
	eventually listens "$lan.1" 8002
	conf <<-END
	[service all]
	address = 127.96.1.1:*
	probe = none
	backend = $lan.1:*
	END
	lbd_start
	is "$(get 127.96.1.1:8001)" b1
	is "$(get 127.96.1.1:8002)" other
}

test_backups_serve_only_when_no_other_can() {
	backend b1
	one=$pid
	backend b2
	conf <<-END
	[defaults]
	interval = 100ms
	fall = 1
	rise = 1
	[service web]
	address = 127.96.1.1:80
	backend = $lan.1:8000 name=main
	backend = $lan.2:8000 name=spare backup
	END
	lbd_start
	is "$(get 127.96.1.1:80)$(get 127.96.1.1:80)" b1b1
	stop $one
	eventually backend_is web main down
	is "$(get 127.96.1.1:80)$(get 127.96.1.1:80)" b2b2
	backend b1
	eventually backend_is web main up
	is "$(get 127.96.1.1:80)$(get 127.96.1.1:80)" b1b1
}

test_no_backend_answers_as_configured() {
	conf <<-END
	[service none]
	address = 127.96.1.1:80
	no-backend = unreachable
	[service refused]
	address = 127.96.1.2:80
	END
	lbd_start
	matches "$(get 127.96.1.1:80 2>&1 || true)" "No route to host|Couldn't connect"
	for at in 127.96.1.1:EHOSTUNREACH 127.96.1.2:ECONNREFUSED; do
		shimmed python3 - "${at%:*}" "${at#*:}" <<-'END'
		import errno, socket, sys
		s = socket.socket()
		assert s.connect_ex((sys.argv[1], 80)) == getattr(errno, sys.argv[2])
		END
	done
}

test_panic_tries_all_when_nothing_is_usable() {
	conf <<-END
	[defaults]
	interval = 50ms
	fall = 1
	rise = 1000
	[service web]
	address = 127.96.1.1:80
	backend = $lan.1:8000
	[service off]
	address = 127.96.1.2:80
	panic = off
	no-backend = unreachable
	backend = $lan.1:8000
	END
	lbd_start
	eventually backend_is web "$lan.1:8000" down
	backend b1
	is "$(get 127.96.1.1:80)" b1
	shimmed python3 -c '
import errno, socket
assert socket.socket().connect_ex(("127.96.1.2", 80)) == errno.EHOSTUNREACH'
}

# slow NAME MS: a backend that takes its time.
slow() {
	spawn "$BUILD/hello" "$lan.${1//[^0-9]/}" 8000 "$1" "$2" 2>>"$dir/hello.err"
	eventually listens "$lan.${1//[^0-9]/}" 8000
}

# several BALANCE COUNT [KEY=VALUE...]: service web of backends b1, b2 ...
several() {
	printf '[service web]\naddress = 127.96.1.1:80\nbalance = %s\n' "$1"
	[ $# -lt 3 ] || printf '%s\n' "${@:3}"
	for b in $(seq "$2"); do
		echo "backend = $lan.$b:8000 name=b$b"
	done
}

test_p2c_and_least_conn_follow_the_weights() {
	for b in b1 b2 b3; do backend $b; done
	for kind in p2c least-conn; do
		balanced $kind weight=2
		shimmed "$BUILD/load" count=4000 127.96.1.1 80 | grep '^b' |
			while read -r name n; do
				fair=1000
				[ "$name" != b1 ] || fair=2000
				[ "$n" -gt $((fair * 3 / 4)) ] &&
					[ "$n" -lt $((fair * 5 / 4)) ] ||
					fail "$kind: $name got $n of $fair"
			done
		stop "$lbd"
	done
}

# All of them before any is answered, by programs that know nothing of each
# other: none may be sent to one that others have just been sent to.
test_programs_that_call_at_once_do_not_meet() {
	for b in b1 b2 b3 b4 b5 b6; do slow $b 500; done
	several p2c 6 "probe = none" | conf
	lbd_start
	clients=()
	for _ in $(seq 24); do
		shimmed "$BUILD/load" count=1 127.96.1.1 80 >>"$dir/answers" &
		clients+=($!)
	done
	wait "${clients[@]}"
	grep '^b' "$dir/answers" | sort | uniq -c | while read -r n name; do
		[ "$n" -ge 2 ] && [ "$n" -le 7 ] || fail "$name got $n"
	done
	is "$(grep '^b' "$dir/answers" | sort -u | wc -l)" 6
}

test_a_slow_backend_gets_less() {
	backend b1
	backend b2
	slow b3 400
	for kind in p2c least-conn; do
		rm -f "$dir"/answers.*
		several $kind 3 "probe = none" | conf
		lbd_start
		"$BUILD/lbctl" status web --json | grep -q '"connections"' ||
			skip "connections are not counted"
		clients=()
		for i in 1 2 3 4 5 6; do
			shimmed "$BUILD/load" seconds=3 rate=20 127.96.1.1 80 \
				>"$dir/answers.$i" &
			clients+=($!)
		done
		wait "${clients[@]}"
		share=$(cat "$dir"/answers.* | awk '/^b/ { all += $2 }
			/^b3/ { slow += $2 } END { print int(100 * slow / all) }')
		# A third of them, were it as fast.
		[ "$share" -lt 27 ] || fail "$kind: the slow one got $share %"
		stop "$lbd"
	done
}

# answers COUNT: what one process is answered, counted.
answers() {
	shimmed "$BUILD/load" "count=$1" 127.96.1.1 80 | grep '^b'
}

test_maglev_keeps_a_user_together() {
	for b in b1 b2 b3 b4 b5; do backend $b; done
	several maglev 5 "probe = none" | conf
	lbd_start
	first=$(answers 20)
	matches "$first" '^b[1-5] 20$'
	for _ in 1 2 3; do is "$(answers 20)" "$first"; done
	stop "$lbd"
	lbd_start
	is "$(answers 20)" "$first"
}

test_maglev_keeps_a_process_together_and_spreads_processes() {
	for b in b1 b2 b3 b4 b5; do backend $b; done
	several maglev 5 "probe = none" "hash-on = process" | conf
	lbd_start
	for _ in $(seq 20); do answers 5; done >"$dir/answers"
	fails grep -v ' 5$' "$dir/answers"
	[ "$(sort -u "$dir/answers" | wc -l)" -ge 3 ] ||
		fail "20 processes: $(sort "$dir/answers" | uniq -c)"
}

test_a_forked_child_is_a_process_of_its_own() {
	for b in b1 b2 b3 b4 b5; do backend $b; done
	several maglev 5 "probe = none" "hash-on = process" | conf
	lbd_start
	shimmed python3 - >"$dir/answers" <<-'END'
	import os, socket
	def ask():
	    s = socket.create_connection(("127.96.1.1", 80))
	    s.sendall(b"hello\n")
	    return s.makefile().readline().strip()
	mine = ask()
	assert [ask() for _ in range(5)] == [mine] * 5
	for _ in range(20):
	    if os.fork() == 0:
	        theirs = ask()
	        assert ask() == theirs
	        os.write(1, (theirs + "\n").encode())
	        os._exit(0)
	    assert os.wait()[1] == 0
	assert ask() == mine
	END
	[ "$(sort -u "$dir/answers" | wc -l)" -ge 3 ] ||
		fail "20 children: $(sort "$dir/answers" | uniq -c)"
}

test_callers_stay_in_their_zone_while_it_can_take_them() {
	backend b1
	one=$pid
	for b in b2 b3 b4; do backend $b; done
	conf <<-END
	zone = here
	[defaults]
	interval = 100ms
	fall = 1
	rise = 1
	[service web]
	address = 127.96.1.1:80
	balance = round-robin
	backend = $lan.1:8000 name=b1 zone=here
	backend = $lan.2:8000 name=b2 zone=here
	backend = $lan.3:8000 name=b3 zone=there
	backend = $lan.4:8000 name=b4
	END
	lbd_start
	is "$(answers 100)" $'b1 50\nb2 50'
	stop $one
	eventually backend_is web b1 down
	answers 1000 >"$dir/answers" # 1.4 x 1/2 are 70 %
	awk '$1 == "b2" { bad = $2 < 670 || $2 > 730 }
		$1 ~ /b[34]/ { bad = bad || $2 < 130 || $2 > 170 }
		END { exit bad || NR != 3 }' "$dir/answers" ||
		fail "$(cat "$dir/answers")"
	sed -i 's/^zone = here/zone = there/' "$dir/lbd.ini"
	"$BUILD/lbctl" reload
	is "$(answers 10)" "b3 10"
}
