# What stands where lbd wants to listen: it takes away what the dead left, and
# nothing else.

two_doors() { # SOCKET ADMIN
	cat >"$dir/lbd.ini" <<-END
	[lbd]
	socket = $1
	admin = $2
	[service web]
	address = 127.96.1.1:80
	probe = none
	backend = $lan.1:8000
	END
}

refuses() { # SENTENCE: lbd does not start
	local status=0
	timeout 10 "$BUILD/lbd" -c "$dir/lbd.ini" 2>"$dir/said" || status=$?
	is "$status $(tail -n 1 "$dir/said")" "1 lbd: $1"
}

test_a_file_where_a_socket_is_to_be_is_left_alone() {
	echo precious >"$dir/file"
	mkdir "$dir/folder"
	ln -s "$dir/file" "$dir/link"
	for at in file folder link; do
		two_doors "$dir/$at" "$LBD_ADMIN"
		refuses "cannot listen at $dir/$at: what is there is no socket"
		two_doors "$LBD_SOCKET" "$dir/$at"
		refuses "cannot listen at $dir/$at: what is there is no socket"
	done
	is "$(cat "$dir/file" "$dir/link" | sort -u)" precious
	test -d "$dir/folder"
}

test_a_socket_of_the_living_is_left_alone() {
	for type in STREAM SEQPACKET DGRAM; do
		spawn python3 -c "
import socket, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_$type)
s.bind('$dir/$type')
if '$type' != 'DGRAM': s.listen(9)
time.sleep(60)"
		eventually test -S "$dir/$type"
		two_doors "$dir/$type" "$LBD_ADMIN"
		refuses "cannot listen at $dir/$type: another program does"
		two_doors "$LBD_SOCKET" "$dir/$type"
		refuses "cannot listen at $dir/$type: another program does"
		test -S "$dir/$type"
		stop "$pid" KILL
	done
	two_doors "$dir/STREAM" "$dir/DGRAM" # nobody's now
	lbd_start
	"$BUILD/lbctl" -s "$dir/DGRAM" status >/dev/null
}

# Of a killed lbd, the lock may end before its sockets do.
test_a_socket_that_is_about_to_be_closed_is_waited_for() {
	conf </dev/null
	spawn python3 -c "
import signal, socket
s = socket.socket(socket.AF_UNIX)
s.bind('$LBD_ADMIN')
s.listen(9)
signal.setitimer(signal.ITIMER_REAL, 0.2) # ends it
signal.pause()"
	eventually test -S "$LBD_ADMIN"
	lbd_start
	"$BUILD/lbctl" status >/dev/null
}

test_two_lbds_do_not_share_a_control_socket() {
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	probe = none
	backend = $lan.1:8000
	END
	lbd_start
	two_doors "$dir/other.sock" "$LBD_ADMIN"
	refuses "cannot listen at $LBD_ADMIN: another program does"
	"$BUILD/lbctl" status >/dev/null
}

test_one_path_in_two_spellings_is_no_second_socket() {
	two_doors "$dir/one" "$dir/../${dir##*/}/one"
	refuses "cannot listen at $dir/../${dir##*/}/one: another program does"
}
