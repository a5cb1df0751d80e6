# on-down = reset: connections to a backend that went down are ended.

may_reset() {
	python3 -c '
import sys
caps = [l for l in open("/proc/self/status") if l.startswith("CapEff")][0]
sys.exit(not int(caps.split()[1], 16) >> 12 & 1)' ||
		skip "needs CAP_NET_ADMIN, to end other programs' connections"
}

# A program with a connection to HOST:PORT, once as IPv4 and once mapped, says
# what becomes of each.
talker() { # HOST PORT
	spawn python3 -u -c '
import select, socket, sys
host, port = sys.argv[1], int(sys.argv[2])
four = socket.create_connection((host, port))
six = socket.socket(socket.AF_INET6); six.connect(("::ffff:" + host, port))
print("talking", flush=True)
for name, s in (("four", four), ("six", six)):
    try:
        s.recv(1); print(name, "closed", flush=True)
    except OSError as e:
        print(name, e.strerror, flush=True)' "$@" >"$dir/talker.$1"
	eventually grep -q talking "$dir/talker.$1"
}

# keeper NAME: a server at $lan.NAME-number:8000 that keeps what it accepts, and
# from SIGUSR1 on takes nothing more; its pid is in $pid.
keeper() {
	spawn python3 -u -c '
import signal, socket, sys, time
s = socket.create_server((sys.argv[1], 8000))
signal.signal(signal.SIGUSR1, lambda *_: s.close())
held = []
try:
    while True: held.append(s.accept())
except OSError:
    time.sleep(600)' "$lan.${1//[^0-9]/}"
	eventually listens "$lan.${1//[^0-9]/}" 8000
}

# b1 and b2, and a program that talks to both; then b1 is down.
one_of_two_goes_down() { # ON-DOWN COMMAND...
	keeper b2
	keeper b1
	one=$pid
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	interval = 100ms
	on-down = $1
	backend = $lan.1:8000 name=b1
	backend = $lan.2:8000 name=b2
	END
	: >"$dir/lbd.log"
	spawn "${@:2}" "$BUILD/lbd" -c "$dir/lbd.ini" 2>>"$dir/lbd.log"
	eventually is_ready
	talker "$lan.1" 8000
	talker "$lan.2" 8000
	kill -USR1 "$one"
	eventually backend_is web b1 down
}

test_connections_to_a_backend_that_went_down_are_reset() {
	may_reset
	one_of_two_goes_down reset
	eventually grep -q "^six " "$dir/talker.$lan.1"
	is "$(tr '\n' ' ' <"$dir/talker.$lan.1")" "talking four Software caused connection abort six Software caused connection abort "
	matches "$(grep event=connections-reset "$dir/lbd.log")" \
		" reset 2 connections to backend b1 of service web .*event=connections-reset service=web backend=b1"
}

test_connections_to_other_backends_are_left_alone() {
	may_reset
	one_of_two_goes_down reset
	eventually grep -q event=connections-reset "$dir/lbd.log"
	is "$(cat "$dir/talker.$lan.2")" talking
}

test_without_it_connections_are_kept() {
	one_of_two_goes_down keep
	sleep 0.5
	is "$(cat "$dir/talker.$lan.1")" talking
	fails grep -q event=connections-reset "$dir/lbd.log"
}

# In $run: what makes a process one that may not.
without_right() {
	run=()
	[ "$(id -u)" != 0 ] ||
		run=(setpriv --bounding-set -net_admin --inh-caps -net_admin)
}

test_a_process_that_may_not_is_warned() {
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	on-down = reset
	backend = $lan.1:8000 name=b1
	[service api]
	address = 127.96.1.2:80
	backend = $lan.1:8000 name=b1
	END
	without_right
	"${run[@]}" "$BUILD/lbd" -t -c "$dir/lbd.ini" 2>"$dir/said"
	is "$(cat "$dir/said")" "lbd: warning: [service web] on-down = reset needs CAP_NET_ADMIN, which this process does not have"
	: >"$dir/lbd.log"
	spawn "${run[@]}" "$BUILD/lbd" -c "$dir/lbd.ini" 2>>"$dir/lbd.log"
	eventually is_ready
	matches "$(grep event=no-reset "$dir/lbd.log")" "service=web"
}

test_what_may_not_be_reset_is_said() {
	without_right
	one_of_two_goes_down reset "${run[@]}"
	eventually grep -q event=reset-failed "$dir/lbd.log"
	matches "$(cat "$dir/lbd.log")" 'could not reset 2 connections to backend b1 of service web .*reason="?Operation not permitted'
	is "$(cat "$dir/talker.$lan.1")" talking
}
