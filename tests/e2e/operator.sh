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

test_the_address_with_every_port_leads_to_its_name() {
	conf <<-END
	[service all]
	address = 127.96.1.1:*
	probe = none
	backend = $lan.1:* name=first
	backend = $lan.2:*
	END
	lbd_start
	exits 1 lbctl drain "all/$lan.1:*"
	said "^lbctl: no backend \"$lan.1:\\*\" in service \"all\" \\(first\\?\\)$"
}

test_what_is_wrong_is_said_and_changes_nothing() {
	backend b1
	web '1 name=b1' '2 weight=4'
	lbd_start
	for verb in drain maint ready 'wait-drained' 'weight'; do
		more=
		[ $verb = weight ] && more=5
		# shellcheck disable=SC2086
		{
			exits 1 lbctl $verb web/b2 $more
			said '^lbctl: no backend "b2" in service "web" \(b1\?\)$'
			exits 1 lbctl $verb "web/$lan.1:8000" $more
			said "^lbctl: no backend \"$lan.1:8000\" in service \"web\" \\(b1\\?\\)$"
			exits 1 lbctl $verb wbe/b1 $more
			said '^lbctl: no service "wbe" \(web\?\)$'
			exits 1 lbctl $verb nothing-like-it/b1 $more
			said '^lbctl: no service "nothing-like-it"$'
			for name in web /b1 web/ / '' web/b1/ web//b1 web/b1/x \
				"$(printf %0300d 0)/b1"; do
				exits 2 lbctl $verb "$name" $more
				said '^lbctl: expected SERVICE/BACKEND, not "'
			done
			exits 2 lbctl $verb
			exits 2 lbctl $verb web/b1 5 more
			exits 2 lbctl $verb web/b1 $more --json
		}
	done
	for weight in 0 257 300 -1 +1 01 1x x '' 4294967297 1e2 Default; do
		exits 2 lbctl weight -- web/b1 "$weight"
		said "^lbctl: weight must be 1\\.\\.256 or default, not \"\\$weight\"\$" ||
			said "^lbctl: weight must be 1\\.\\.256 or default, not \"$weight\"\$"
	done
	for time in 0 0s 1 1d -1s 25h x ''; do
		exits 2 lbctl wait-drained web/b1 --timeout="$time"
		said '^lbctl: --timeout must be 1ms..24h .*, not "'
	done
	exits 2 lbctl drain web/b1 --timeout 1s
	exits 2 lbctl status --timeout 1s
	is "$(of b1 will) $(of b1 weight) $(of "$lan.2:8000" weight)" '"ready" 1 4'
	exits 0 lbctl weight "web/$lan.2:8000" 256
	exits 0 lbctl weight "web/$lan.2:8000" 1
}

test_odd_names_are_found_or_not_and_never_another() {
	conf <<-END
	[service ..]
	address = 127.96.1.2:80
	probe = none
	backend = $lan.1:8000 name=.
	[service a.b]
	address = [fd00::1]:80
	probe = none
	backend = [fd00::2]:8000
	END
	lbd_start
	exits 0 lbctl drain ../.
	exits 0 lbctl drain 'a.b/[fd00::2]:8000'
	exits 0 lbctl ready 'a.b/[fd00::2]:8000'
	python3 - "$LBD_ADMIN" <<-'END'
	import http.client, json, socket, sys
	def ask(method, path):
	    s = socket.socket(socket.AF_UNIX)
	    s.connect(sys.argv[1])
	    s.sendall(b"%s /api/v1/services%s HTTP/1.1\r\nHost: l\r\nConnection: close\r\n\r\n"
	              % (method, path))
	    answer = b""
	    while (more := s.recv(65536)):
	        answer += more
	    head, body = answer.split(b"\r\n\r\n", 1)
	    return int(head.split()[1]), json.loads(body)
	# escapes are undone
	assert ask(b"GET", b"/a%2eb/backends/%5Bfd00%3a%3A2%5d:8000")[0] == 200
	# after the path was taken apart
	for path in (b"/..%2Fbackends%2F.%2Fready", b"/../backends/.%2Fready",
	             b"/../backends/.%00/ready", b"/../backends/.%/ready",
	             b"/../backends/.%0/ready", b"/../backends/%zz/ready",
	             b"/../backends/.+/ready", b"/../backends/.\xff/ready",
	             b"/../backends/./ready/", b"/../backends/./ready%00",
	             b"/../backends//ready", b"//backends/./ready",
	             b"/../backends/./ready/x", b"/../backends/./readyx",
	             b"/../backends/./weight", b"/../backends/" + b"." * 9000 + b"/ready"):
	    for _ in range(2):
	        status, answer = ask(b"POST", path)
	        assert status in (404, 405) and answer["error"], (path, status)
	for method in (b"GET", b"PUT", b"DELETE"):
	    status, answer = ask(method, b"/../backends/./ready")
	    assert status == 405 and "takes POST" in answer["error"], (method, answer)
	status, answer = ask(b"GET", b"/../backends/.")
	assert status == 200 and answer["will"] == "drain", answer
	assert answer["service"] == ".." and "counted" in answer["counts"], answer
	END
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

# pretend "STATUS WILL COUNTED ROUNDS CONNECTIONS"...: an lbd that gives these
# answers about web/b1, one after the other, and the last one for ever.
pretend() {
	spawn python3 -u -c '
import json, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1]); s.listen(9)
print("listening", flush=True)
answers = sys.argv[2:]
while True:
    c, _ = s.accept()
    asked = c.recv(4096).split(b"\r\n")[0].decode()
    status, will, counted, rounds, left = answers[0].split()
    print(asked, answers[0], flush=True)
    answers = answers[1:] or answers
    if status == "gone":
        break
    body = json.dumps({"error": "no backend \"b1\" in service \"web\""}
        if status == "404" else
        {"will": will, "connections": int(left),
         "counts": {"counted": counted == "yes", "rounds": int(rounds)}}).encode()
    c.sendall(b"HTTP/1.1 %s OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
              % (status.encode(), len(body)) + body)
    c.close()' "$LBD_ADMIN" "$@" >"$dir/pretended"
	eventually grep -q listening "$dir/pretended"
}

asked() { # how often lbd was
	grep -c 'GET /api/v1/services/web/backends/b1 ' "$dir/pretended" || true
}

test_wait_drained_trusts_no_count_that_began_before_it_asked() {
	# 0 at first is what was counted before; the one after may have begun
	pretend '200 drain yes 7 0' '200 drain yes 8 0' '200 drain yes 8 0' \
		'200 drain yes 9 1' '200 drain yes 10 0' '200 drain yes 11 0' \
		'200 maint yes 12 0' '200 drain yes 13 9'
	exits 0 timeout 20 "$BUILD/lbctl" wait-drained web/b1 --timeout 15s
	is "$(cat "$dir/said")" 'web/b1: drained, no connections left'
	is "$(asked)" 7
}

# Another lbd took the place of the first, and counts from zero.
test_wait_drained_begins_again_where_the_rounds_do() {
	pretend '200 drain yes 100 0' '200 drain yes 1 0' '200 drain yes 2 0' \
		'200 drain yes 3 0' '200 drain yes 4 9'
	exits 0 timeout 20 "$BUILD/lbctl" wait-drained web/b1
	is "$(asked)" 4
}

test_wait_drained_gives_up_when_its_time_is_over() {
	pretend '200 drain yes 1 3' '200 drain yes 2 3'
	exits 4 "$BUILD/lbctl" wait-drained web/b1 --timeout 500ms
	is "$(cat "$dir/said")" \
		'lbctl: web/b1 is not drained yet: 3 connections left'
	[ "$(asked)" -ge 2 ]
	exits 4 "$BUILD/lbctl" wait-drained --timeout 1ms web/b1
	# nobody at all
	kill -STOP "$pid"
	exits 4 timeout 5 "$BUILD/lbctl" wait-drained web/b1 --timeout 500ms
	said 'did not answer'
}

test_wait_drained_says_why_it_cannot_wait() {
	rm -f "$LBD_ADMIN"
	for case in '200 ready yes 3 0:1:is not draining: lbctl drain web/b1 first' \
		'200 drain no 0 0:1:web/b1: lbd cannot count connections' \
		'404 - - 0 0:1:no backend "b1" in service "web"' \
		'gone - - 0 0:3:lbd at .* ended without an answer'; do
		IFS=: read -r answer status words <<<"$case"
		# at once, and after a while
		for first in '' '200 drain yes 1 5'; do
			pretend ${first:+"$first"} "$answer"
			exits "$status" timeout 20 "$BUILD/lbctl" \
				wait-drained web/b1 --timeout 8s
			said "$words"
			[ "${answer%% *}" = gone ] || stop "$pid"
			rm -f "$LBD_ADMIN"
		done
	done
}

# With a terminal for its output.
test_wait_drained_tells_a_person_what_is_left() {
	pretend '200 drain yes 1 1234'
	python3 - "$BUILD/lbctl" <<-'END' >"$dir/said"
	import os, pty, sys
	pid, fd = pty.fork()
	if pid == 0:
	    os.execv(sys.argv[1], [sys.argv[1], "wait-drained", "web/b1", "--timeout", "3s"])
	try:
	    while (more := os.read(fd, 4096)):
	        print(more.decode().replace("\r", ""), end="")
	except OSError:
	    pass
	END
	is "$(grep -cx 'web/b1: 1,234 connections left' "$dir/said")" 1
}

has_connections() { # BACKEND COUNT
	[ "$(of "$1" connections)" = "$2" ]
}

drained() {
	lbctl wait-drained web/b1 --timeout 300ms
}

test_wait_drained_ends_with_the_last_connection() {
	backend b1
	web '1 name=b1'
	lbd_start
	hold
	exits 1 lbctl wait-drained web/b1
	said '^lbctl: web/b1 is not draining: lbctl drain web/b1 first$'
	lbctl drain web/b1
	eventually has_connections b1 1
	exits 4 drained
	said '^lbctl: web/b1 is not drained yet: 1 connection left$'
	lbctl wait-drained web/b1 >"$dir/waited" &
	waiter=$!
	is "$(ask_holder)" b1 # which ends the connection
	wait "$waiter"
	is "$(cat "$dir/waited")" 'web/b1: drained, no connections left'
	is "$(of b1 connections)" 0
	# whoever takes it back ends the waiting
	lbctl ready web/b1
	hold
	lbctl drain web/b1
	lbctl wait-drained web/b1 >"$dir/waited" 2>&1 &
	waiter=$!
	sleep 0.2
	lbctl ready web/b1
	status=0
	wait "$waiter" || status=$?
	is "$status" 1
	matches "$(cat "$dir/waited")" 'is not draining'
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
