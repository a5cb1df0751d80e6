# The control API and lbctl: what was answered holds, what was not asked for in
# full does not happen, and a crowd at the admin socket stops nobody.
. tests/e2e/siege.sh

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
