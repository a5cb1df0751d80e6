# What callers see takes a backend out for a while. Probes go to port 9000,
# callers to 8000: a backend can be well for the one and dead for the others.

# both NAME: answers probes and callers; the callers' server is $server.
both() {
	backend "$1" 9000
	backend "$1"
	server=$pid
}

web() { # KEYS...
	{
		printf '[service web]\naddress = 127.96.1.1:80\nbalance = first\n'
		printf '%s\n' "probe = tcp port=9000" "$@"
		printf "backend = $lan.%s:8000 name=b%s\n" 1 1 2 2 3 3
	} | conf
}

calls() { # COUNT: who answered
	shimmed "$BUILD/load" count="$1" 127.96.1.1 80 | grep '^b' | tr '\n' ' '
}

nobody_calls() { # COUNT
	LD_PRELOAD=$preload setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$BUILD/load" count="$1" 127.96.1.1 80 | grep '^b' | tr '\n' ' '
}

# told FIELD COUNT: lbd has read as many of backend b1.
told() {
	[ "$("$BUILD/lbctl" status web --json | python3 -c '
import json, sys
print([b for b in json.load(sys.stdin)["backends"] if b["name"] == "b1"][0][
    sys.argv[1]])' "$1")" = "$2" ]
}

failovers() {
	"$BUILD/lbctl" status web --json |
		python3 -c 'import json,sys; print(json.load(sys.stdin)["failovers"])'
}

times() { # EVENT
	grep -c "event=$1" "$dir/lbd.log" || true
}

happened() { # EVENT TIMES
	[ "$(times "$1")" -ge "$2" ]
}

fail_until() { # EVENT TIMES
	calls 6 >/dev/null
	happened "$1" "$2"
}

test_a_backend_that_refuses_callers_is_ejected() {
	backend b1 9000
	both b2
	both b3
	web "interval = 60s" "timeout = 1s" "eject-time = 60s"
	lbd_start
	is "$(calls 6)" "b2 6 "
	eventually grep -q event=backend-ejected "$dir/lbd.log"
	matches "$(cat "$dir/lbd.log")" \
		"backend b1 .*event=backend-ejected .*6 failed connects, its only user"
	before=$(failovers)
	is "$(calls 20)" "b2 20 "
	sleep 0.3
	is "$(failovers)" "$before"
}

test_an_ejected_backend_comes_back() {
	backend b1 9000
	both b2
	both b3
	web "interval = 200ms" "eject-time = 1s"
	lbd_start
	calls 6 >/dev/null
	eventually grep -q event=backend-ejected "$dir/lbd.log"
	eventually grep -q event=backend-returned "$dir/lbd.log"
	backend b1
	eventually is "$(calls 6)" "b1 6 "
}

# The probe never sees what callers see: it cannot bring it back twice.
test_a_probe_that_sees_nothing_brings_nobody_back_twice() {
	backend b1 9000
	both b2
	both b3
	web "interval = 100ms" "eject-time = 60s"
	lbd_start
	calls 6 >/dev/null
	eventually grep -q "its probe is good" "$dir/lbd.log"
	eventually fail_until backend-ejected 2
	sleep 1 # some ten probes
	is "$(times backend-returned)" 1
	is "$(calls 6)" "b2 6 "
}

test_one_user_of_several_ejects_nobody() {
	[ "$(id -u)" = 0 ] || skip "needs root, to be two users"
	both b1
	one=$server
	both b2
	both b3
	web "interval = 200ms"
	lbd_start
	is "$(calls 6)" "b1 6 "
	eventually told ok 6 # of one reading, failures would not count
	stop "$one" KILL
	is "$(nobody_calls 20)" "b2 20 "
	is "$(nobody_calls 20)" "b2 20 "
	sleep 1
	is "$(times backend-ejected)" 0
	calls 6 >/dev/null # now there are two that say so
	eventually grep -q event=backend-ejected "$dir/lbd.log"
	matches "$(cat "$dir/lbd.log")" "failed connects, 2 users or more"
}

test_a_probe_that_fails_too_settles_it() {
	[ "$(id -u)" = 0 ] || skip "needs root, to be two users"
	backend b1 9000
	probed=$pid
	backend b1
	one=$pid
	both b2
	both b3
	web "interval = 1h" "timeout = 1s" "interval-change = 1h" "fall = 9"
	lbd_start
	is "$(calls 6)" "b1 6 "
	eventually told ok 6
	stop "$one" KILL
	stop "$probed" KILL
	is "$(nobody_calls 20)" "b2 20 "
	eventually grep -q event=backend-ejected "$dir/lbd.log"
	matches "$(cat "$dir/lbd.log")" \
		"20 failed connects and its probe: Connection refused"
}

test_the_last_one_is_not_ejected() {
	backend b1 9000
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	probe = tcp port=9000
	backend = $lan.1:8000
	END
	lbd_start
	calls 30 >/dev/null || true
	sleep 0.5
	is "$(times backend-ejected)" 0
	backend b1
	is "$(calls 3)" "b1 3 "
}
