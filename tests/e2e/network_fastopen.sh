# Fast Open: the first bytes go along with the SYN. Such a connection is
# balanced like any other, and sent on only while no byte has been taken.
. tests/e2e/veth.sh

# A server that takes such SYNs and answers its name and what it was sent.
opens() { # N
	program open_server <<-'END'
	import socket, sys
	s = socket.socket()
	s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
	s.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 16)
	s.bind((sys.argv[1], 8000))
	s.listen(16)
	while True:
	    c, _ = s.accept()
	    c.sendall(sys.argv[2].encode() + b" " + c.recv(100))
	    c.close()
	END
	spawn_far python3 "$dir/open_server" "$lan.$1" "b$1"
	eventually far bash -c "echo >/dev/tcp/$lan.$1/8000"
}

# service of b1 .. b3, in this order
three() {
	sysctl -qw net.ipv4.tcp_fastopen=3
	far sysctl -qw net.ipv4.tcp_fastopen=3
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	probe = none
	balance = first
	eject-after = 1000
	backend = $lan.1:8000
	backend = $lan.2:8000
	backend = $lan.3:8000
	END
	lbd_start
	program client <<-'END'
	import errno, select, socket, sys
	vip = ("127.96.1.1", 80)
	def wait(s, what=select.POLLOUT):
	    p = select.poll()
	    p.register(s, what)
	    return p.poll(10000)[0][1] & (select.POLLERR | select.POLLHUP)
	def rest(s):
	    s.setblocking(True)
	    return s.recv(100).decode()
	def sendto(s):
	    return s.sendto(b"hello", socket.MSG_FASTOPEN, vip)
	def sendmsg(s):
	    return s.sendmsg([b"hel", b"lo"], [], socket.MSG_FASTOPEN, vip)
	def option(s):
	    s.setsockopt(socket.IPPROTO_TCP, 30, 1) # TCP_FASTOPEN_CONNECT
	    s.connect(vip)
	    return s.send(b"hello")
	s = socket.socket()
	if sys.argv[2] == "pending":
	    s.setblocking(False)
	try:
	    print("took", globals()[sys.argv[1]](s))
	    wait(s, select.POLLIN)
	    print(rest(s))
	except BlockingIOError:
	    print("told", wait(s), s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
	    print(s.send(b"hello"), rest(s))
	except OSError as e:
	    print(errno.errorcode[e.errno])
	END
}

client() { # CALL blocking|pending
	shimmed python3 "$dir/client" "$1" "$2"
}

test_the_first_bytes_go_to_the_next_backend() {
	local call
	opens 3
	three
	for call in sendto sendmsg option; do
		echo "$call"
		is "$(client $call blocking)" $'took 5\nb3 hello'
	done
}

# Nobody has heard of the client yet, so the kernel asks before it sends.
test_without_a_cookie_it_is_under_way_like_any_other() {
	opens 3
	three
	is "$(client sendto pending)" $'told 0 0\n5 b3 hello'
	ip tcp_metrics flush
	is "$(client sendmsg pending)" $'told 0 0\n5 b3 hello'
	ip tcp_metrics flush
	is "$(client option pending)" $'told 0 0\n5 b3 hello'
}

# The kernel has a cookie of b1's: it takes the bytes at once. Then b1 refuses,
# and the bytes are gone with it: the program has to know.
test_what_carries_bytes_is_not_sent_on() {
	local call
	opens 1
	opens 3
	three
	is "$(client sendto pending)" $'told 0 0\n5 b1 hello'
	is "$(client sendto pending)" $'took 5\nb1 hello'
	stop "${started[1]}" KILL
	for call in sendto sendmsg option; do
		is "$(client $call pending)" $'took 5\nECONNREFUSED'
	done
}
