# Connections go to the backends, in the shares the file says.

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
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	balance = round-robin
	backend = $lan.1:8000 weight=2
	backend = $lan.2:8000
	backend = $lan.3:8000
	END
	lbd_start
	answers=$(shimmed "$BUILD/load" count=4000 127.96.1.1 80 | grep '^b')
	is "$answers" $'b1 2000\nb2 1000\nb3 1000'
}

test_round_robin_is_exact_across_processes() {
	for b in b1 b2 b3; do backend $b; done
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	balance = round-robin
	backend = $lan.1:8000
	backend = $lan.2:8000
	backend = $lan.3:8000
	END
	lbd_start
	answers=$(for i in $(seq 30); do get 127.96.1.1:80; done | sort |
		uniq -c | tr -s ' \n' ' ')
	is "$answers" " 10 b1 10 b2 10 b3 "
}

test_random_is_within_a_tenth() {
	for b in b1 b2 b3; do backend $b; done
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	balance = random
	backend = $lan.1:8000 weight=2
	backend = $lan.2:8000
	backend = $lan.3:8000
	END
	lbd_start
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
