# A program that may call, and tries to change what lbd gave it to read.

test_what_a_caller_reads_it_cannot_change() {
	[ "$(id -u)" = 0 ] || skip "needs root, to be several users"
	setpriv --reuid=1234 true 2>/dev/null || skip "setpriv is not allowed here"
	local stranger=(setpriv --reuid=1234 --regid=1234 --clear-groups)
	backend b1
	backend b2
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	interval = 200ms
	backend = $lan.1:8000
	backend = $lan.2:8000
	[service other]
	address = 127.96.1.2:80
	permit = user 1234
	backend = $lan.2:8000
	END
	lbd_start
	# of the same user as the stranger, so that it shares its counters
	LD_PRELOAD=$preload spawn "${stranger[@]}" python3 -u -c '
import socket, time
while True:
    s = socket.socket()
    try:
        s.connect(("127.96.1.1", 80)); s.sendall(b"x\n")
        print(s.recv(100).decode().strip())
    except OSError as e:
        print(e.strerror)
    s.close()
    time.sleep(0.01)' >"$dir/asked"
	honest=$pid
	eventually grep -q b2 "$dir/asked"
	for _ in 1 2 3; do
		is "$("${stranger[@]}" "$BUILD/tamper" "$LBD_SOCKET")" \
			"4 descriptors, 0 complaints"
		before=$(wc -l <"$dir/asked")
		eventually bash -c "[ \$(wc -l <$dir/asked) -gt $((before + 20)) ]"
		# "$lbd" reads what is in the counters ten times a second
		"$BUILD/lbctl" status --json | python3 -m json.tool >"$dir/status"
		is "$(get 127.96.1.1:80 | cut -c1)" b
	done
	kill -0 "$honest"
	kill -0 "$lbd"
	is "$(sort -u "$dir/asked" | tr '\n' ' ')" "b1 b2 "
	is "$(state_of web "$lan.1:8000") $(state_of web "$lan.2:8000")" "up up"
}
