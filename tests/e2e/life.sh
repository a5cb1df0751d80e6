# lbd comes, goes, hangs and comes back; programs go on.

two_backends() {
	backend b1
	backend b2
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	interval = 200ms
	backend = $lan.1:8000
	backend = $lan.2:8000
	END
}

load_for() { # SECONDS RATE OUTPUT
	LD_PRELOAD=$preload spawn "$BUILD/load" rate="$2" seconds="$1" \
		127.96.1.1 80 >"$3"
	load=$pid
}

no_failed_connect() {
	cat "$1"
	matches "$(cat "$1")" '^failed connects 0$'
	[ "$(sed -n 's/^requests //p' "$1")" -gt "$2" ]
}

# A program that asks every 50 ms and says whom it got.
asker() {
	LD_PRELOAD=$preload spawn python3 -u -c '
import socket, time
while True:
    s = socket.socket()
    try:
        s.connect(("127.96.1.1", 80)); s.sendall(b"x\n")
        print(s.recv(100).decode().strip())
    except OSError as e:
        print(e.strerror)
    s.close()
    time.sleep(0.05)' >"$dir/asked"
}

last_answers() {
	tail -n "$1" "$dir/asked" | sort -u | tr '\n' ' '
}

answers_are() {
	[ "$(last_answers "$1")" = "$2" ]
}

test_a_program_started_before_lbd_finds_it() {
	two_backends
	asker
	eventually grep -q "Connection refused" "$dir/asked"
	lbd_start
	eventually answers_are 4 "b1 b2 "
}

test_no_lbd_means_no_change() {
	backend b1
	is "$(shimmed curl -sS "http://$lan.1:8000/")" b1
	LBD_SOCKET=$dir/none LBSHIM_LOG=error shimmed \
		curl -sS "http://$lan.1:8000/" 2>"$dir/said" >/dev/null
	matches "$(cat "$dir/said")" \
		"^lbshim\[[0-9]+\]: not attached $dir/none: No such file"
}

test_off_means_off() {
	two_backends
	lbd_start
	LBSHIM=off fails get 127.96.1.1:80 2>/dev/null
	is "$(LBSHIM=off shimmed curl -sS "http://$lan.1:8000/")" b1
}

test_the_log_names_the_services() {
	two_backends
	lbd_start
	LBSHIM_LOG=debug get 127.96.1.1:80 2>&1 >/dev/null | tee "$dir/said"
	matches "$(cat "$dir/said")" "attached $LBD_SOCKET: 1 services"
	matches "$(cat "$dir/said")" "127.96.1.1:80 -> $lan.[12]:8000 \(web\) try 1: "
	is "$(get 127.96.1.1:80 2>&1 | grep -c lbshim || true)" 0
}

test_a_killed_lbd_leaves_the_table() {
	two_backends
	lbd_start
	asker
	eventually answers_are 4 "b1 b2 "
	stop "$lbd" KILL
	sleep 1
	answers_are 10 "b1 b2 "
}

test_an_ended_lbd_leaves_the_table() {
	two_backends
	lbd_start
	asker
	eventually answers_are 4 "b1 b2 "
	stop "$lbd" TERM
	[ ! -e "$LBD_SOCKET" ] && [ ! -e "$LBD_ADMIN" ]
	sleep 1
	answers_are 10 "b1 b2 "
}

test_a_stopped_lbd_delays_nobody() {
	two_backends
	lbd_start
	asker
	eventually answers_are 4 "b1 b2 "
	kill -STOP "$lbd"
	sleep 4 # beyond the time after which the heartbeat counts as still
	answers_are 20 "b1 b2 "
	# a new program waits 0.2 s at most, and then goes on without a table
	fails timeout 2 env LD_PRELOAD="$curl_preload" curl -sS http://127.96.1.1/ \
		2>"$dir/said"
	matches "$(cat "$dir/said")" "Failed to connect"
	kill -CONT "$lbd"
}

# Side by side, each with a socket that tries to attach a hundred times a second.
test_who_finds_lbd_late_asks_again_sooner_than_who_finds_none() {
	local trying='import socket, time
while True:
    socket.socket().close()
    time.sleep(0.01)'
	tries() { grep -c "not attached" "$dir/$1" || true; }
	late_four_times() { [ "$(tries late)" -ge 4 ]; }
	two_backends
	lbd_start
	kill -STOP "$lbd"
	spawn env LBSHIM_LOG=error LBD_SOCKET="$dir/none" LD_PRELOAD="$shim" \
		/usr/bin/python3 -c "$trying" 2>"$dir/none.log"
	spawn env LBSHIM_LOG=error LD_PRELOAD="$shim" \
		/usr/bin/python3 -c "$trying" 2>"$dir/late"
	eventually late_four_times
	[ "$(tries none.log)" -lt 4 ] || fail "no sooner: $(tries none.log)"
	kill -CONT "$lbd"
}

test_200_programs_start_while_lbd_hangs() {
	two_backends
	lbd_start
	kill -STOP "$lbd"
	for _ in $(seq 200); do
		spawn timeout 20 env LD_PRELOAD="$curl_preload" \
			curl -s -o "$dir/got" "http://$lan.1:8000/"
	done
	for pid in "${started[@]: -200}"; do wait "$pid"; done
	kill -CONT "$lbd"
	is "$(get 127.96.1.1:80 | cut -c1)" b
}

test_lbd_killed_and_absent_for_5_s_under_load() {
	two_backends
	lbd_start
	load_for 14 2000 "$dir/load"
	sleep 1
	stop "$lbd" KILL
	sleep 5
	backend b3
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	backend = $lan.3:8000
	END
	lbd_start
	wait "$load"
	no_failed_connect "$dir/load" 15000
	matches "$(cat "$dir/load")" '^b3 [0-9]{3}' # the new table was taken up
}

test_a_second_lbd_refuses_to_start() {
	two_backends
	lbd_start
	status=0
	"$BUILD/lbd" -c "$dir/lbd.ini" 2>"$dir/second" || status=$?
	is "$status" 3
	matches "$(cat "$dir/second")" "another lbd is listening at $LBD_SOCKET"
	is "$(get 127.96.1.1:80 | cut -c1)" b
}

# As a child of a killed lbd does that is between fork() and execve().
test_a_lock_that_is_about_to_end_is_waited_for() {
	two_backends
	: >"$dir/lbd.log"
	spawn python3 -c '
import fcntl, os, subprocess, sys, time
lock, *lbd = sys.argv[1:]
held = open(lock, "w")
fcntl.flock(held, fcntl.LOCK_EX)
p = subprocess.Popen(lbd)
def has_it_open():
    at = f"/proc/{p.pid}/fd"
    for fd in os.listdir(at):
        try:
            if os.readlink(f"{at}/{fd}") == lock:
                return True
        except OSError:
            pass # closed since
while p.poll() is None and not has_it_open():
    time.sleep(0.001)
held.close()
try:
    sys.exit(p.wait())
finally:
    p.kill()
' "$LBD_SOCKET.lock" "$BUILD/lbd" -c "$dir/lbd.ini" 2>>"$dir/lbd.log"
	eventually is_ready
	is "$(get 127.96.1.1:80 | cut -c1)" b
	pkill -P "$pid"
	wait "$pid"
}

test_a_socket_left_behind_is_replaced() {
	two_backends
	lbd_start
	stop "$lbd" KILL
	[ -S "$LBD_SOCKET" ]
	lbd_start
	is "$(get 127.96.1.1:80 | cut -c1)" b
}

test_the_directory_is_made() {
	export LBD_SOCKET=$dir/run/lbd.sock LBD_ADMIN=$dir/run/admin.sock
	b1_alone
	is "$(stat -c '%a %F' "$dir/run")" "755 directory"
	is "$(stat -c %a "$LBD_SOCKET") $(stat -c %a "$LBD_ADMIN")" "666 600"
	is "$(get 127.96.1.1:80)" b1
}

test_what_cannot_be_made_is_said() {
	[ "$(id -u)" = 0 ] && run=(setpriv --reuid=65534 --regid=65534 --clear-groups) || run=()
	mkdir -p "$dir/locked"
	chmod 555 "$dir/locked"
	export LBD_SOCKET=$dir/locked/run/lbd.sock
	conf </dev/null
	status=0
	"${run[@]}" "$BUILD/lbd" -c "$dir/lbd.ini" 2>"$dir/said" || status=$?
	is "$status" 1
	matches "$(cat "$dir/said")" "cannot create $dir/locked/run: Permission denied \(set socket in \[lbd\] and LBD_SOCKET to a path of yours\)"
}

test_programs_closing_all_descriptors_lose_nothing() {
	two_backends
	lbd_start
	shimmed python3 -c '
import os, socket
socket.socket()
os.closerange(3, 4096)
for i in range(4):
    s = socket.socket(); s.connect(("127.96.1.1", 80)); s.sendall(b"x\n")
    assert s.recv(9) in (b"b1\n", b"b2\n"); s.close()'
}

test_a_program_without_descriptors_goes_on() {
	two_backends
	lbd_start
	# 0, 1, 2 and one for the socket: none is left for the table
	shimmed python3 -c '
import errno, resource, socket
resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4))
s = socket.socket()
assert s.fileno() == 3
assert s.connect_ex(("127.96.1.1", 80)) == errno.ECONNREFUSED
try:
    socket.socket()
except OSError as e:
    assert e.errno == errno.EMFILE'
}

test_forked_children_attach_and_count() {
	two_backends
	lbd_start
	shimmed python3 -c '
import os, socket
def ask():
    s = socket.socket(); s.connect(("127.96.1.1", 80)); s.sendall(b"x\n")
    ok = s.recv(9) in (b"b1\n", b"b2\n"); s.close(); return ok
assert ask()
for i in range(50):
    pid = os.fork()
    if pid == 0: os._exit(0 if ask() else 1)
    assert os.waitpid(pid, 0)[1] == 0'
	sleep 0.3
	matches "$("$BUILD/lbctl" status web --json | tr -d ' \n')" '"attempts":51,'
}

test_the_service_manager_is_told() {
	two_backends
	spawn python3 -u -c "
import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind('$dir/notify'); print('bound', flush=True)
print(s.recv(100).decode(), flush=True)" >"$dir/notified"
	eventually grep -q bound "$dir/notified"
	NOTIFY_SOCKET=$dir/notify lbd_start
	eventually grep -q READY=1 "$dir/notified"
}

test_lbd_itself_is_left_alone_by_the_library() {
	two_backends
	LD_PRELOAD=$preload lbd_start
	is "$(get 127.96.1.1:80 | cut -c1)" b
	matches "$("$BUILD/lbctl" status web --json | tr -d ' \n')" '"state":"ok"'
}

# A program that has locked itself in is killed by the first system call it did
# not expect. It attaches right before, and never again.
locked_in() { # prctl|seccomp
	[ "$SAN" = "" ] || skip "a sanitizer makes calls of its own"
	two_backends
	lbd_start
	LD_PRELOAD=$shim spawn "$BUILD/locked" "$1" 9 127.96.1.1 80 >"$dir/asked"
	locked=$pid
	eventually grep -q b1 "$dir/asked"
	stop "$lbd" KILL
	sleep 4
	lbd_start
	wait "$locked"
	[ "$(wc -l <"$dir/asked")" -ge 90 ]
	is "$(sort -u "$dir/asked" | tr '\n' ' ')" "b1 b2 "
}

test_a_program_that_locks_itself_in_by_prctl_lives_on() {
	locked_in prctl
}

test_a_program_that_locks_itself_in_by_seccomp_lives_on() {
	locked_in seccomp
}

test_a_program_that_locks_itself_in_follows_health() {
	[ "$SAN" = "" ] || skip "a sanitizer makes calls of its own"
	backend b1
	one=$pid
	backend b2
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	interval = 100ms
	backend = $lan.1:8000
	backend = $lan.2:8000
	END
	lbd_start
	LD_PRELOAD=$shim spawn "$BUILD/locked" seccomp 6 127.96.1.1 80 \
		>"$dir/asked"
	locked=$pid
	eventually grep -q b1 "$dir/asked"
	stop "$one" KILL
	sleep 1
	before=$(wc -l <"$dir/asked")
	wait "$locked"
	fails grep -q failed "$dir/asked"
	is "$(tail -n +$((before + 1)) "$dir/asked" | sort -u)" b2
}

test_a_chroot_keeps_the_table() {
	[ "$(id -u)" = 0 ] || skip "needs root, to chroot"
	two_backends
	lbd_start
	shimmed python3 -c '
import os, socket, encodings.idna
os.chroot("/proc"); os.chdir("/")
for i in range(4):
    s = socket.socket(); s.connect(("127.96.1.1", 80)); s.sendall(b"x\n")
    assert s.recv(9) in (b"b1\n", b"b2\n")'
}
