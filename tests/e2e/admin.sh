# The control API and lbctl: what was answered holds, what was not asked for in
# full does not happen, and a crowd at the admin socket stops nobody.

web() { # BACKENDS...
	{
		printf '[service web]\naddress = 127.96.1.1:80\ninterval = 200ms\n'
		printf 'balance = round-robin\n'
		printf "backend = $lan.%s:8000\n" "$@"
	} | conf
}

reloads() {
	grep -c event=reloaded "$dir/lbd.log" || true
}

descriptors() { # PID
	find "/proc/$1/fd" -type l 2>/dev/null | wc -l
}

descriptors_are() { # PID COUNT
	[ "$(descriptors "$1")" -le "$2" ]
}

# A program that connects once for every line it is sent: see ask.
asked_program() {
	coproc program {
		LD_PRELOAD=$preload exec python3 -u -c '
import errno, socket, sys
for line in sys.stdin:
    s = socket.socket()
    e = s.connect_ex(("127.96.1.1", 80))
    if e:
        print(errno.errorcode[e])
    else:
        s.sendall(b"x\n"); print(s.recv(99).decode().strip())
    s.close()'
	}
	started+=("$program_PID")
	exec 8>&"${program[1]}" 9<&"${program[0]}" # for subshells too
}

ask() {
	local answer=nothing
	echo >&8
	read -r -t 10 answer <&9
	echo "$answer"
}

test_the_next_connect_after_a_reload_has_the_new_backends() {
	backend b1
	backend b2
	web 1
	lbd_start
	asked_program
	is "$(ask)" b1
	for i in $(seq 30); do
		web $((i % 2 + 1))
		"$BUILD/lbctl" reload >/dev/null
		is "$(ask)" "b$((i % 2 + 1))"
	done
	web 1 2
	"$BUILD/lbctl" reload >/dev/null
	is "$({ ask; ask; } | sort | tr '\n' ' ')" "b1 b2 "
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	no-backend = unreachable
	END
	"$BUILD/lbctl" reload >/dev/null 2>&1
	is "$(ask)" EHOSTUNREACH
	conf </dev/null
	"$BUILD/lbctl" reload >/dev/null
	is "$(ask)" ECONNREFUSED
}

test_half_a_reload_is_none() {
	backend b1
	web 1
	lbd_start
	web 2
	python3 - "$LBD_ADMIN" <<-'END'
	import socket, sys, time
	whole = b"POST /api/v1/reload HTTP/1.1\r\nHost: lbd\r\n\r\n"
	get = b"GET /api/v1/services HTTP/1.1\r\nHost: lbd\r\n\r\n"
	halves = [whole[:n] for n in range(len(whole))]
	halves += [get + half for half in halves[::5]]
	for more in (b"Content-Length: 9\r\n\r\nhalf", b"Content-Length: 9\r\n\r\n",
	             b"Transfer-Encoding: chunked\r\n\r\n4\r\nha",
	             b"Expect: 100-continue\r\nContent-Length: 9\r\n\r\n"):
	    halves.append(whole[:-2] + more)
	def knock(half):
	    s = socket.socket(socket.AF_UNIX)
	    s.connect(sys.argv[1])
	    s.sendall(half)
	    return s
	for half in halves:
	    knock(half).close() # before lbd has read it, or
	waiting = [knock(half) for half in halves]
	time.sleep(0.3)
	for s in waiting: # after
	    s.close()
	END
	# Whoever is answered now stood behind them in the queue.
	for _ in 1 2 3; do
		"$BUILD/lbctl" status >/dev/null
		sleep 0.1
	done
	is "$(reloads)" 0
	is "$(get 127.96.1.1:80)" b1
	# two halves are a whole
	python3 - "$LBD_ADMIN" <<-'END'
	import socket, sys, time
	s = socket.socket(socket.AF_UNIX)
	s.connect(sys.argv[1])
	s.sendall(b"POST /api/v1/rel")
	time.sleep(0.2)
	s.sendall(b"oad HTTP/1.1\r\nHost: lbd\r\n\r\n")
	assert s.recv(4096).startswith(b"HTTP/1.1 200"), "not reloaded"
	END
	is "$(reloads)" 1
}

test_every_error_is_listed_in_the_order_of_the_file() {
	backend b1
	backend b2
	web 1
	lbd_start
	before=$("$BUILD/lbctl" status web --json |
		grep -oE '"(addresses|total|name|address)":[^,]*')
	conf <<-END
	[defaults]
	interval = soon
	retries = 1
	retries = 2
	[service web]
	address = 127.96.1.1:80
	wieght = 3
	backend = $lan.2:8000
	backend = $lan.2:99999
	nonsense
	[service web]
	address = 127.96.1.2:80
	[servise three]
	[service good]
	address = 127.96.1.3:80
	backend = $lan.2:8000
	permit = user nobody-of-that-name
	END
	said=$(curl -sS --unix-socket "$LBD_ADMIN" -X POST -w '%{http_code}' \
		http://lbd/api/v1/reload)
	is "${said: -3}" 422
	python3 <<<"${said%???}" >"$dir/errors" -c '
import json, re, sys
answer = json.load(sys.stdin)
assert answer["reloaded"] is False, answer
errors = answer["errors"]
lines = [int(re.match(re.escape(sys.argv[1]) + r":(\d+): ", e)[1]) for e in errors]
assert lines == sorted(lines), lines
print(*errors, sep="\n")
' "$dir/lbd.ini"
	cat "$dir/errors"
	is "$(sed 's/^[^:]*:\([0-9]*\):.*/\1/' "$dir/errors" | uniq | tr '\n' ' ')" \
		"5 7 10 12 13 14 16 20 "
	exits 1 "$BUILD/lbctl" reload
	is "$(grep "^$dir/lbd.ini:" "$dir/said" | grep -v ': warning: ')" \
		"$(cat "$dir/errors")"
	is "$(reloads)" 0
	is "$(get 127.96.1.1:80)" b1
	fails get 127.96.1.3:80 2>/dev/null
	is "$("$BUILD/lbctl" status web --json |
		grep -oE '"(addresses|total|name|address)":[^,]*')" "$before"
}

service_state() { # SERVICE STATE
	[ "$("$BUILD/lbctl" status "$1" --json | python3 -c '
import json, sys
print(json.load(sys.stdin)["state"])')" = "$2" ]
}

test_each_state_of_a_service_has_its_word() {
	backend b1
	conf <<-END
	[defaults]
	interval = 100ms
	fall = 1
	rise = 1
	[service is-ok]
	address = 127.96.1.1:80
	backend = $lan.1:8000
	[service is-degraded]
	address = 127.96.1.2:80
	backend = $lan.1:8000
	backend = $lan.2:8000
	[service is-backup]
	address = 127.96.1.3:80
	backend = $lan.2:8000
	backend = $lan.1:8000 backup
	[service is-panic]
	address = 127.96.1.4:80
	backend = $lan.2:8000
	backend = $lan.3:8000
	[service is-down]
	address = 127.96.1.5:80
	panic = off
	backend = $lan.2:8000
	[service is-empty]
	address = 127.96.1.6:80
	END
	lbd_start
	for word in ok degraded backup panic down empty; do
		eventually service_state "is-$word" "$word"
	done
	"$BUILD/lbctl" status >"$dir/status"
	cat "$dir/status"
	matches "$(head -1 "$dir/status")" \
		': 6 services, 1 DOWN, 1 PANIC, 1 EMPTY, 1 backup, 1 degraded, 1 ok$'
	for word in ok degraded backup PANIC DOWN EMPTY; do
		matches "$(grep "^is-${word,,} " "$dir/status")" " $word( |$)"
	done
	# what the words say is what callers find
	is "$(get 127.96.1.2:80)$(get 127.96.1.3:80)" b1b1
	backend b2
	for word in ok:ok degraded:ok backup:ok panic:degraded down:ok \
		empty:empty; do
		eventually service_state "is-${word%:*}" "${word#*:}"
	done
}

test_300_idle_connections_do_not_shut_lbctl_out() {
	web 1
	lbd_start
	before=$(descriptors "$lbd")
	spawn python3 -u -c '
import socket, sys, time
idle = []
for i in range(300):
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    if i % 3 == 1:
        s.sendall(b"GET /api/v1/serv")
    idle.append(s)
print("open", flush=True)
time.sleep(100)' "$LBD_ADMIN" >"$dir/idlers"
	eventually grep -q open "$dir/idlers"
	"$BUILD/lbctl" status >/dev/null
	descriptors_are "$lbd" $((before + 270)) ||
		fail "$(descriptors "$lbd") descriptors, after $before"
	"$BUILD/lbctl" reload >/dev/null
	# silence is not kept for ever
	eventually descriptors_are "$lbd" $((before + 50)) ||
		eventually descriptors_are "$lbd" $((before + 50))
	kill "$pid"
	eventually descriptors_are "$lbd" "$before"
	"$BUILD/lbctl" status >/dev/null
}

ticks() { # PID: of processor time, 100 a second
	sed 's/.*) //' "/proc/$1/stat" | awk '{print $12 + $13}'
}

first_free() { # PID: the number that its next descriptor would have
	find "/proc/$1/fd" -type l -printf '%f\n' | sort -n |
		awk '$1 == n { n++ } END { print n + 0 }'
}

test_an_lbd_without_descriptors_waits_for_some() {
	backend b1
	web 1
	lbd_start
	asked_program
	is "$(ask)" b1
	before=$(descriptors "$lbd")
	prlimit --pid "$lbd" --nofile="$(first_free "$lbd"):"
	# some wait at each door
	spawn python3 -u -c '
import socket, sys, time
wait = []
def knock(kind, at):
    s = socket.socket(socket.AF_UNIX, kind)
    s.connect(at)
    wait.append(s)
for i in range(20):
    knock(socket.SOCK_SEQPACKET, sys.argv[1])
for i in range(2):
    knock(socket.SOCK_STREAM, sys.argv[2])
print("waiting", flush=True)
time.sleep(100)' "$LBD_SOCKET" "$LBD_ADMIN" >"$dir/waiting"
	crowd=$pid
	eventually grep -q waiting "$dir/waiting"
	used=$(ticks "$lbd")
	sleep 2
	used=$(($(ticks "$lbd") - used))
	[ "$used" -lt 40 ] || fail "$used ticks of 200"
	is "$(ask)" b1
	# one that starts now is served: those who say nothing have made way
	eventually get 127.96.1.1:80
	is "$(shimmed curl -sS "http://$lan.1:8000/")" b1
	# what lbd cannot ask says nothing about a backend
	is "$(state_of web "$lan.1:8000")" up
	prlimit --pid "$lbd" --nofile="1024:"
	kill "$crowd"
	eventually get 127.96.1.1:80
	is "$(get 127.96.1.1:80)" b1
	eventually descriptors_are "$lbd" "$before"
}

test_lbctl_says_how_it_ended() {
	web 1
	lbd_start
	exits 0 "$BUILD/lbctl" status
	exits 0 "$BUILD/lbctl" status web
	exits 0 env -u LBD_ADMIN "$BUILD/lbctl" -s "$LBD_ADMIN" status
	exits 1 "$BUILD/lbctl" status nosuch
	matches "$(cat "$dir/said")" 'no service "nosuch"'
	exits 1 "$BUILD/lbctl" check "$dir/none.ini"
	for wrong in "" nosuch "status a b" check "reload now" "reload --json" \
		--nosuch "-x status" "-s" "-s $dir/$(printf %0100d 0) status"; do
		# shellcheck disable=SC2086
		exits 2 "$BUILD/lbctl" $wrong
	done
	exits 2 "$BUILD/lbctl" -s "" status
	exits 3 "$BUILD/lbctl" -s "$dir/none.sock" status
	matches "$(cat "$dir/said")" "^lbctl: .*$dir/none.sock: No such file"
	exits 3 "$BUILD/lbctl" -s "$LBD_SOCKET" status
	matches "$(cat "$dir/said")" "^lbctl: .*$LBD_SOCKET.*admin socket"
	exits 3 env LBD_ADMIN="$LBD_SOCKET" "$BUILD/lbctl" reload
	matches "$(cat "$dir/said")" "^lbctl: .*$LBD_SOCKET.*admin socket"
	exits 1 bash -c '"$1" status >/dev/full' - "$BUILD/lbctl"
	stop "$lbd" KILL
	[ -S "$LBD_ADMIN" ]
	for verb in status reload; do
		exits 3 "$BUILD/lbctl" "$verb"
		matches "$(cat "$dir/said")" \
			"^lbctl: .*$LBD_ADMIN: Connection refused"
	done
}

test_lbctl_does_not_wait_for_ever() {
	web 1
	lbd_start
	kill -STOP "$lbd"
	exits 4 "$BUILD/lbctl" status
	matches "$(cat "$dir/said")" "^lbctl: .*$LBD_ADMIN did not answer within 10 s"
	kill -CONT "$lbd"
	exits 0 "$BUILD/lbctl" status
}

# Something that is no lbd at the other end.
test_lbctl_knows_what_is_not_lbd() {
	spawn python3 -u -c '
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1]); s.listen(9)
print("listening", flush=True)
for answer in (b"", b"no", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
               b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
               b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"):
    c, _ = s.accept()
    c.recv(4096)
    c.sendall(answer); c.close()
' "$LBD_ADMIN" >"$dir/listening"
	eventually grep -q listening "$dir/listening"
	for _ in 1 2 3 4 5; do
		exits 3 timeout 20 "$BUILD/lbctl" status
		cat "$dir/said"
		matches "$(cat "$dir/said")" "^lbctl: .*$LBD_ADMIN"
	done
}

many() { # COUNT: services of which a list is far over 256 KiB
	seq "$1" | awk -v backend="$lan.1:8000" '{
		printf "[service s%d]\naddress = 127.97.%d.%d:80\nprobe = none\nbackend = %s\n",
			$1, $1 / 250, $1 % 250, backend }' | conf
}

# Half of the old list and half of the new would be a lie.
test_a_list_that_a_reload_overtakes_is_cut_short() {
	many 4000
	lbd_start
	many 3990
	python3 - "$LBD_ADMIN" "$BUILD/lbctl" <<-'END'
	import json, socket, subprocess, sys
	def begin():
	    s = socket.socket(socket.AF_UNIX)
	    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
	    s.connect(sys.argv[1])
	    s.sendall(b"GET /api/v1/services HTTP/1.1\r\nHost: lbd\r\nConnection: close\r\n\r\n")
	    return s, s.recv(1000)
	def rest(s, got):
	    while (more := s.recv(65536)):
	        got += more
	    return got
	whole = rest(*begin())
	assert whole.startswith(b"HTTP/1.1 200") and len(whole) > 1 << 20, len(whole)
	assert b"chunked" in whole[:400] and whole.endswith(b"\r\n0\r\n\r\n"), whole[-99:]
	s, head = begin()
	subprocess.run([sys.argv[2], "reload"], check=True)
	cut = rest(s, head)
	assert 1000 < len(cut) < len(whole), (len(cut), len(whole))
	assert not cut.endswith(b"\r\n0\r\n\r\n"), "a mixture of both lists"
	assert b'"name":"s3990"' not in cut
	END
	is "$("$BUILD/lbctl" status --json | python3 -c '
import json, sys
s = json.load(sys.stdin)["services"]
print(len(s), len({x["name"] for x in s}))')" "3990 3990"
}

# Between lbctl and lbd stands one that reloads while the list passes.
test_lbctl_asks_again_for_a_list_that_was_cut_short() {
	many 4000
	lbd_start
	many 3990
	spawn python3 -u -c '
import socket, subprocess, sys
at, admin, lbctl = sys.argv[1:]
door = socket.socket(socket.AF_UNIX)
door.bind(at); door.listen(9)
print("listening", flush=True)
for turn in range(9):
    client, _ = door.accept()
    s = socket.socket(socket.AF_UNIX)
    s.connect(admin)
    s.sendall(client.recv(4096))
    passed, end = 0, b""
    while (block := s.recv(16384)):
        client.sendall(block)
        passed += len(block)
        if turn == 0 and passed - len(block) < 65536 <= passed:
            subprocess.run([lbctl, "-s", admin, "reload"], check=True)
        end = (end + block)[-7:]
        if end == b"\r\n0\r\n\r\n":
            break
    print("passed", passed, flush=True)
    s.close(); client.close()
' "$dir/relay.sock" "$LBD_ADMIN" "$BUILD/lbctl" >"$dir/relay"
	eventually grep -q listening "$dir/relay"
	"$BUILD/lbctl" -s "$dir/relay.sock" status --json >"$dir/list"
	is "$(python3 -c '
import json, sys
print(len(json.load(sys.stdin)["services"]))' <"$dir/list")" 3990
	eventually bash -c "[ \$(grep -c passed $dir/relay) = 2 ]"
	[ "$(wc -c <"$dir/list")" -gt 1000000 ]
}

test_check_says_what_lbd_would() {
	mkdir "$dir/files" "$dir/files/a-folder.ini"
	head -c 300000 /dev/urandom >"$dir/files/random.ini"
	: >"$dir/files/empty.ini"
	mkfifo "$dir/files/fifo.ini"
	ln -s /dev/zero "$dir/files/zero.ini"
	ln -s nowhere "$dir/files/dangling.ini"
	printf '\xef\xbb\xbf[service a]\r\naddress = 127.96.1.1:80\r\n' \
		>"$dir/files/bom-crlf-warning.ini"
	printf '[service a]\naddress = 127.96.1.1:80\0\n' >"$dir/files/nul.ini"
	printf '[service a]\naddress = %0300d\n' 0 >"$dir/files/long-line.ini"
	printf '[service a\naddress : 1\n[service b]\n  weight\n[x]\n' \
		>"$dir/files/shapes.ini"
	printf '[service \xff]\n' >"$dir/files/latin.ini"
	printf '[service a]\naddress = 127.96.1.1:80\nbackend = %s\nbackend = %s\n' \
		"$lan.1:1" "$lan.1:1" >"$dir/files/twice.ini"
	printf '[service a]\naddress = 127.96.1.1:80\n[service b]\naddress = 127.96.1.1:80\n' \
		>"$dir/files/both.ini"
	printf '[service a]\naddress = 127.96.1.1:80\nbackend = %s\n' "$lan.1:1" \
		>"$dir/files/good.ini"
	outcomes=
	for f in conf/*.ini "$dir"/files/*.ini "$dir/none.ini"; do
		status=0
		timeout 10 "$BUILD/lbd" -t -c "$f" >"$dir/lbd.out" \
			2>"$dir/lbd.err" || status=$?
		outcomes+="$(basename "$f" .ini)=$status "
		again=0
		timeout 10 "$BUILD/lbctl" check "$f" >"$dir/lbctl.out" \
			2>"$dir/lbctl.err" || again=$?
		is "$f: $again" "$f: $status"
		cmp "$dir/lbd.out" "$dir/lbctl.out"
		cmp "$dir/lbd.err" "$dir/lbctl.err"
		[ $status = 0 ] || [ -s "$dir/lbd.err" ] || fail "$f: no word"
	done
	echo "$outcomes"
	for f in lbd minimal good bom-crlf-warning; do
		matches "$outcomes" "(^| )$f=0 "
	done
	for f in demo random empty a-folder fifo zero dangling nul long-line shapes latin \
		twice both none; do
		matches "$outcomes" "(^| )$f=1 "
	done
	exits 0 "$BUILD/lbd" -t -c "$dir/files/bom-crlf-warning.ini"
	matches "$(cat "$dir/said")" ':1: warning: \[service a\] no backend'
}

test_every_program_says_what_it_is() {
	for program in lbd lbctl lbrun; do
		exits 0 "$BUILD/$program" --version
		matches "$(cat "$dir/said")" \
			"^$program [0-9.]+, table layout [0-9]+\.[0-9]+, features: [a-z]"
		exits 0 "$BUILD/$program" --help
		matches "$(head -1 "$dir/said")" "^usage: $program"
		"$BUILD/$program" --help 2>/dev/null | grep -q usage
		for unknown in --nosuch -Z --version=1; do
			exits 2 "$BUILD/$program" "$unknown"
			matches "$(cat "$dir/said")" "usage: $program"
			is "$("$BUILD/$program" "$unknown" 2>/dev/null || true)" ""
		done
		is "$("$BUILD/$program" --version | cut -d' ' -f2-5)" \
			"$("$BUILD/lbd" --version | cut -d' ' -f2-5)"
	done
	exits 2 "$BUILD/lbd" operand
	exits 2 "$BUILD/lbd" -c
}
