# Where programs that have changed find lbd: its path, or the door beside it, at
# which nobody else is believed.
. tests/e2e/identity.sh

door_of() { # PID: the name, from the inodes of its sockets
	find "/proc/$1/fd" -lname 'socket:*' -printf '%l\n' | tr -dc '0-9\n' |
		grep -wf - /proc/net/unix | grep -o '@lbd-[0-9a-f]*' | sort -u
}

# In a root of somebody else's making the path is his, too.
test_a_stranger_in_the_new_root_serves_nobody() {
	root_only
	services
	mkdir -p "$dir/jail$dir"
	spawn python3 -u -c '
import os, socket, sys
os.chown(os.path.dirname(sys.argv[1]), 99, 99); os.setuid(99)
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind(sys.argv[1]); os.chmod(sys.argv[1], 0o666); s.listen(9); print("bound")
while True:
    c = s.accept()[0]
    print("asked", len(c.recv(99)))' "$dir/jail$LBD_SOCKET" >"$dir/stranger"
	eventually grep -q bound "$dir/stranger"
	becomes "b1 $user" ask=4 chroot="$dir/jail" uid=1234 $every
	fails grep -q "asked [1-9]" "$dir/stranger"
}

# The name is free once lbd has ended; who takes it is not whom lbd was.
test_a_stranger_at_the_door_serves_nobody() {
	root_only
	services
	mkdir "$dir/empty"
	LD_PRELOAD=$preload spawn "$BUILD/becomes" ask=4 chroot="$dir/empty" \
		stop uid=1234 $every >"$dir/said"
	dropper=$pid
	eventually grep -q "State:.T" "/proc/$dropper/status"
	door=$(door_of "$lbd")
	matches "$door" "^@lbd-[0-9a-f]{32}$"
	stop "$lbd" KILL
	spawn setpriv --reuid=99 --regid=99 --clear-groups python3 -u -c '
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind("\0" + sys.argv[1][1:]); s.listen(9); print("bound")
while True:
    c = s.accept()[0]
    print("asked", len(c.recv(99)))' "$door" >"$dir/stranger"
	eventually grep -q bound "$dir/stranger"
	kill -CONT "$dropper"
	wait "$dropper"
	is "$(xargs <"$dir/said")" "b1 $other"
	fails grep -q "asked [1-9]" "$dir/stranger"
}

test_the_name_of_the_door_may_be_taken() {
	root_only
	services
	door=$(door_of "$lbd")
	stop "$lbd"
	spawn setpriv --reuid=99 --regid=99 --clear-groups python3 -u -c '
import socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind("\0" + sys.argv[1][1:]); s.listen(9); print("bound")
time.sleep(60)' "$door" >"$dir/stranger"
	eventually grep -q bound "$dir/stranger"
	lbd_start
	matches "$(door_of "$lbd")" "^@lbd-[0-9a-f]{32}$"
	[ "$(door_of "$lbd")" != "$door" ]
	mkdir "$dir/empty"
	becomes "$root $user" $every chroot="$dir/empty" uid=1234 $every
}

test_a_socket_that_is_not_for_all_has_no_door() {
	closed() {
		{
			echo "socket-mode = $1"
			printf '[service web]\naddress = 127.96.1.1:80\n'
		} | conf
		lbd_start
		door_of "$lbd"
		stop "$lbd"
	}
	matches "$(closed 0666)" "^@lbd-"
	is "$(closed 0660)" ""
	mkdir "$dir/closed" "$dir/closed/open"
	chmod 750 "$dir/closed"
	export LBD_SOCKET=$dir/closed/open/s
	is "$(closed 0666)" ""
	chmod 751 "$dir/closed"
	matches "$(closed 0666)" "^@lbd-"
}
