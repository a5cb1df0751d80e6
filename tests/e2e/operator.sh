# The operator's hand: what is drained or weighted by lbctl is so for the next
# connection, goes before health and the file, and is said to whoever asks.

lbctl() {
	"$BUILD/lbctl" "$@"
}

web() { # BACKEND-LINE-ENDS...: "1 name=b1 weight=2"
	{
		printf '[service web]\naddress = 127.96.1.1:80\n'
		printf 'balance = round-robin\ninterval = 200ms\nfall = 1\nrise = 1\n'
		for end; do
			printf 'backend = %s:8000 %s\n' "$lan.${end%% *}" \
				"${end#* }"
		done
	} | conf
}

# shares COUNT: which backends that many connections reach, " 6 b1 2 b2 ".
shares() {
	shimmed "$BUILD/load" count="$1" 127.96.1.1 80 | grep '^b' | sort |
		awk '{ printf "%s=%s ", $1, $2 }'
}

# of BACKEND KEY: from the service's JSON; "none" where it has no such key.
of() {
	lbctl status web --json | python3 -c 'import json,sys
s=json.load(sys.stdin)
b=[b for b in s["backends"] if b["name"]==sys.argv[1]][0]
print(json.dumps(b[sys.argv[2]]) if sys.argv[2] in b else "none")' "$@"
}

service() { # KEY
	lbctl status web --json |
		python3 -c 'import json,sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}

# A program that holds one connection to web, and asks over it for each line
# that it is sent: who is there?
hold() {
	coproc holder {
		LD_PRELOAD=$preload exec python3 -u -c '
import socket, sys
s = socket.create_connection(("127.96.1.1", 80), 10)
print("held", flush=True)
for line in sys.stdin:
    s.sendall(b"x\n"); print(s.recv(99).decode().strip(), flush=True)
    break'
	}
	started+=("$holder_PID")
	exec 8>&"${holder[1]}" 9<&"${holder[0]}"
	read -r -t 10 held <&9
	is "$held" held
}

ask_holder() {
	local answer=nothing
	echo >&8
	read -r -t 10 answer <&9
	echo "$answer"
}

# knock: the errno word of a connect to web.
knock() {
	shimmed python3 -c '
import errno, socket
print(errno.errorcode.get(socket.socket().connect_ex(("127.96.1.1", 80)), "none"))'
}

test_a_drained_backend_keeps_what_it_has_and_gets_nothing_new() {
	backend b1
	backend b2
	web '1 name=b1' '2 name=b2'
	lbd_start
	exits 0 lbctl drain web/b2
	said '^web/b2: draining, '
	hold
	exits 0 lbctl ready web/b2
	said '^web/b2: ready, up$'
	exits 0 lbctl drain web/b1
	is "$(shares 40)" "b2=40 "
	is "$(ask_holder)" b1
	is "$(of b1 state) $(of b1 will) $(of b1 health)" '"drain" "drain" "up"'
	is "$(service state) $(service usable)" "degraded 1"
	matches "$(lbctl status)" 'b1 .* drain '
	lbctl ready web/b1
	is "$(shares 40)" "b1=20 b2=20 "
	is "$(service state) $(service usable)" "ok 2"
}

test_maintenance_is_a_drain_that_has_its_own_word() {
	backend b1
	backend b2
	web '1 name=b1' '2 name=b2'
	lbd_start
	exits 0 lbctl maint web/b1
	said '^web/b1: in maintenance, '
	is "$(shares 20)" "b2=20 "
	is "$(of b1 state) $(of b1 will)" '"maint" "maint"'
	exits 0 lbctl drain web/b1
	is "$(of b1 state)" '"drain"'
	lbctl ready web/b1
	eventually backend_is web b1 up
	is "$(shares 20)" "b1=10 b2=10 "
}

# A server that says how many connections it has had.
counting() { # NUMBER
	spawn python3 -u -c '
import socket, sys
s = socket.create_server((sys.argv[1], 8000))
print("listening", flush=True)
while True:
    s.accept()[0].close(); print("one", flush=True)' "$lan.$1" >"$dir/count$1"
	eventually grep -q listening "$dir/count$1"
}

had() { # NUMBER
	grep -c one "$dir/count$1" || true
}

had_more() { # NUMBER THAN
	[ "$(had "$1")" -gt "$2" ]
}

test_maintenance_ends_probing_and_ready_begins_it() {
	counting 1
	counting 2
	web '1 name=b1' '2 name=b2'
	lbd_start
	lbctl maint web/b1
	before=$(had 1)
	other=$(had 2)
	eventually had_more 2 $((other + 5))
	[ "$(had 1)" -le $((before + 1)) ] || # one may have been under way
		fail "$(had 1) probes, after $before"
	lbctl reload
	other=$(had 2)
	eventually had_more 2 $((other + 5))
	[ "$(had 1)" -le $((before + 1)) ] ||
		fail "$(had 1) probes after a reload, after $before"
	lbctl ready web/b1
	eventually had_more 1 $((before + 3))
}

test_a_drained_backend_is_still_probed() {
	counting 1
	web '1 name=b1'
	lbd_start
	lbctl drain web/b1
	before=$(had 1)
	eventually had_more 1 $((before + 3))
}

test_a_weight_by_hand_is_in_the_shares_at_once() {
	backend b1
	backend b2
	web '1 name=b1 weight=2' '2 name=b2'
	lbd_start
	is "$(shares 60)" "b1=40 b2=20 "
	exits 0 lbctl weight web/b2 10
	said '^web/b2: weight 10 by hand, 1 in the file$'
	is "$(shares 60)" "b1=10 b2=50 "
	is "$(of b2 weight) $(of b2 weight_in_file) $(of b2 weight_by_hand)" \
		"10 1 true"
	is "$(of b1 weight) $(of b1 weight_in_file) $(of b1 weight_by_hand)" \
		"2 2 false"
	matches "$(lbctl status)" 'b2 .* weight 10 by hand '
	exits 0 lbctl weight web/b2 default
	said '^web/b2: weight 1, as in the file$'
	is "$(shares 60)" "b1=40 b2=20 "
	lbctl status >"$dir/said"
	fails said 'by hand' >/dev/null
}

reloaded() { # TIMES
	[ "$(grep -c event=reloaded "$dir/lbd.log")" = "$1" ]
}

test_what_is_set_by_hand_stays_through_reloads() {
	for b in b1 b2 b3; do backend $b; done
	web '1 name=b1' '2 name=b2' '3 name=b3'
	lbd_start
	lbctl drain web/b1
	lbctl weight web/b2 3
	# another weight in the file, other names, another order
	web '3 name=b3' '2 name=second weight=9' '1 weight=5'
	lbctl reload
	is "$(of "$lan.1:8000" state) $(of "$lan.1:8000" will)" '"drain" "drain"'
	is "$(of second weight) $(of second weight_in_file)" "3 9"
	is "$(shares 40)" "b2=30 b3=10 "
	kill -HUP "$lbd"
	eventually reloaded 2
	is "$(shares 40)" "b2=30 b3=10 "
	is "$(grep -c 'still by hand: 1 drained, 0 in maintenance, 1 of another weight.* event=by-hand' \
		"$dir/lbd.log")" 2
	lbctl weight web/second default
	lbctl ready "web/$lan.1:8000"
	is "$(shares 45)" "b1=15 b2=27 b3=3 "
	kill -HUP "$lbd"
	eventually reloaded 3
	is "$(grep -c event=by-hand "$dir/lbd.log")" 2
	# gone from the file, it is forgotten
	lbctl drain web/b3
	web '1 name=b1'
	lbctl reload
	web '1 name=b1' '3 name=b3'
	lbctl reload
	is "$(of b3 will)" '"ready"'
}

test_no_panic_sends_callers_to_what_is_drained() {
	backend b1
	backend b2
	web '1 name=b1' '2 name=b2 backup'
	lbd_start
	lbctl drain web/b1
	is "$(shares 10)" "b2=10 "
	is "$(service state)" backup
	lbctl maint web/b2
	is "$(knock)" ECONNREFUSED
	is "$(service state) $(service usable)" "down 0"
	matches "$(lbctl status)" ' DOWN '
	before=$(service no_backend)
	is "$(knock)" ECONNREFUSED
	eventually bash -c '[ "$("$1" status web --json |
		grep -oE "\"no_backend\":[0-9]+" | cut -d: -f2)" -gt "$2" ]' \
		- "$BUILD/lbctl" "$before"
	# the dead may be tried, the drained not
	web '1 name=b1' '3 name=b3'
	lbctl reload
	eventually backend_is web b3 down
	is "$(service state)" panic
	is "$(knock)" ECONNREFUSED
	lbctl ready web/b1
	is "$(shares 10)" "b1=10 "
}

test_every_change_is_logged_once_with_who_asked() {
	backend b1
	web '1 name=b1'
	lbd_start
	for verb in drain maint ready; do
		for _ in 1 2 3; do
			lbctl $verb web/b1
		done
		is "$(grep -c "event=backend-$verb service=web backend=b1 reason=\"asked by uid $(id -u), pid [0-9]*\"" \
			"$dir/lbd.log")" 1
	done
	for weight in 7 7 default default; do
		lbctl weight web/b1 $weight
	done
	is "$(grep -c 'event=backend-weight' "$dir/lbd.log")" 2
}

test_what_the_file_says_of_a_backend_is_in_its_json() {
	web '1 name=b1' '2 name=b2 backup'
	lbd_start
	is "$(of b1 connections) $(of b1 ejected) $(of b1 full)" "0 false false"
	is "$(of b1 zone) $(of b1 max_conns)" "none none"
	is "$(service counts | grep -cE "'counted': (True|False), 'rounds': [0-9]+")" 1
}

test_two_operators_at_a_time_do_not_lose_a_word() {
	backend b1
	backend b2
	web '1 name=b1' '2 name=b2'
	lbd_start
	for n in 1 2; do
		(
			for i in $(seq 30); do
				lbctl drain web/b$n
				lbctl weight web/b$n $((i + n))
				lbctl ready web/b$n
			done
		) >"$dir/said$n" 2>&1 &
		pids[n]=$!
	done
	wait "${pids[1]}"
	wait "${pids[2]}"
	is "$(grep -c '^web/b1: ' "$dir/said1") $(grep -c '^web/b2: ' "$dir/said2")" \
		"90 90"
	is "$(of b1 weight) $(of b2 weight) $(of b1 will) $(of b2 will)" \
		'31 32 "ready" "ready"'
	is "$(grep -cE 'event=backend-(drain|ready|weight)' "$dir/lbd.log")" 180
}

health_is() { # BACKEND HEALTH
	[ "$(of "$1" health)" = "\"$2\"" ]
}

# What it is for: nobody notices the end of a server that was waited for.
test_a_server_that_is_drained_may_be_killed_under_load() {
	backend b1
	b1=$pid
	backend b2
	web '1 name=b1' '2 name=b2'
	lbd_start
	LD_PRELOAD=$preload spawn "$BUILD/load" rate=2000 seconds=100 \
		127.96.1.1 80 >"$dir/load"
	load=$pid
	for _ in 1 2 3 4 5; do
		sleep 0.3
		lbctl drain web/b1
		lbctl wait-drained web/b1 --timeout 20s
		stop "$b1" KILL
		eventually health_is b1 down
		backend b1
		b1=$pid
		eventually health_is b1 up
		lbctl ready web/b1
	done
	stop "$load"
	cat "$dir/load"
	matches "$(cat "$dir/load")" '^b1 [0-9]{3}'
	matches "$(cat "$dir/load")" '^failed connects 0$'
	matches "$(cat "$dir/load")" '^reset after connect 0$'
	is "$(service failovers)" 0
}
