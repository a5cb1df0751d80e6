# Loads, as programs go by them: what was counted, and what stands in for it.
. tests/e2e/counts.sh

# What programs go by, see words.py.
words() {
	python3 tests/e2e/words.py "$lbd"
}

say() { # PATTERN: some word says so
	words >"$dir/words" && grep -qE "^$1\$" "$dir/words"
}

load_above() { # ORDINAL LOAD
	[ "$(words | sed -n "s/^b $1 load \([0-9]*\) .*/\1/p")" -gt "$2" ]
}

# A program that uses the library connects COUNT times, and stays.
caller() { # COUNT COMMAND...
	LD_PRELOAD=$preload spawn "${@:2}" python3 -u -c '
import socket, sys, time
held = []
for i in range(int(sys.argv[1])):
    s = socket.socket(); held.append(s)
    try: s.connect(("127.96.1.1", 80))
    except OSError: pass
print("holding", flush=True); time.sleep(600)' "$1" >"$dir/caller"
	eventually grep -q holding "$dir/caller"
}

test_programs_go_by_the_load_that_was_counted() {
	two_backends
	holder one "$lan.1" 8000 3
	eventually say "b 0 load 3 full 0"
	eventually say "b 1 load 0 full 0"
}

test_programs_learn_which_picks_are_seen() {
	one_backend
	lbd_start
	caller 3
	eventually say "u picks 3 seen 3"
	say "b 0 load 3 full 0"
}

test_recent_failures_count_like_connections_and_fade() {
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	probe = none
	backend = $lan.1:8000
	END
	lbd_start
	caller 20
	eventually load_above 0 5
	PATIENCE=800 eventually say "b 0 load 0 full 0"
	say "u picks 20 seen 20"
}

rounds() {
	"$BUILD/lbctl" status web --json | python3 -c '
import json, sys
print(json.load(sys.stdin)["counts"]["rounds"])'
}

counted_since() { # ROUNDS
	[ "$(rounds)" -gt $(($1 + 1)) ]
}

test_programs_of_another_network_namespace_are_estimated() {
	unshare -n true 2>/dev/null || skip "needs root, for a network namespace"
	one_backend
	lbd_start
	spawn unshare -n bash -c 'ip link set lo up; exec "$@"' - \
		"$BUILD/hello" "$lan.1" 8000 far
	far=$pid
	eventually nsenter -t "$far" -n bash -c "exec 3<>/dev/tcp/$lan.1/8000"
	caller 12 nsenter -t "$far" -n
	eventually load_above 0 4
	local before
	before=$(rounds)
	eventually counted_since "$before" # and they are load nevertheless
	load_above 0 4
	has web b1 0
	say "u picks 12 seen 12"
	PATIENCE=800 eventually say "b 0 load 0 full 0"
}

test_a_refusing_kernel_leaves_estimates() {
	one_backend
	: >"$dir/lbd.log"
	spawn "$BUILD/refused" "$BUILD/lbd" -c "$dir/lbd.ini" 2>>"$dir/lbd.log"
	lbd=$pid
	eventually is_ready
	caller 5
	eventually say "b 0 load [45] full 0"
	eventually say "u picks 5 seen 5"
	eventually say "b 0 load 0 full 0"
}

test_a_backend_at_its_limit_is_full() {
	one_backend 'max-conns=2'
	lbd_start
	holder one "$lan.1" 8000 1
	eventually say "b 0 load 1 full 0"
	holder two "$lan.1" 8000 1
	eventually say "b 0 load 2 full 1"
	kill "$pid"
	eventually say "b 0 load 1 full 0"
}

test_a_backend_that_comes_back_begins_with_what_others_carry() {
	backend b1
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	interval = 100ms
	backend = $lan.1:8000 name=b1
	backend = $lan.2:8000 name=b2
	END
	lbd_start
	holder one "$lan.1" 8000 40
	eventually say "b 0 load 40 full 0"
	eventually say "b 1 load 0 full 0"
	backend b2
	eventually load_above 1 3
	eventually say "b 1 load 0 full 0"
}
