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
three() { # LINE...
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
	$*
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

swallow() { # N: no packet reaches b-N
	tamper far "ip daddr $lan.$1 tcp flags syn drop"
}

# A connect() that waits keeps to connect-timeout, by whatever call it is made;
# and what the program has set is as it was.
test_a_black_hole_is_left_by_a_call_that_waits() {
	opens 3
	three connect-timeout = 200ms
	swallow 1
	swallow 2
	program waits <<-'END'
	import socket, struct, sys, time
	s = socket.socket()
	own = struct.pack("ll", 60, 0)
	s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, own)
	s.setsockopt(socket.IPPROTO_TCP, socket.TCP_SYNCNT, 6)
	began = time.monotonic()
	if sys.argv[1] == "sendto":
	    s.sendto(b"hello", socket.MSG_FASTOPEN, ("127.96.1.1", 80))
	else:
	    s.sendmsg([b"hello"], [], socket.MSG_FASTOPEN, ("127.96.1.1", 80))
	print(s.recv(100).decode(), time.monotonic() - began < 10)
	print(s.getsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, 16) == own)
	END
	for call in sendto sendmsg; do
		is "$(shimmed python3 "$dir/waits" $call)" $'b3 hello True\nTrue'
	done
}

# Who repeats the call to learn what has become of it sees to what is late.
test_a_black_hole_is_left_by_a_call_that_is_repeated() {
	opens 3
	three connect-timeout = 200ms
	swallow 1
	swallow 2
	program repeats <<-'END'
	import errno, socket, time
	s = socket.socket()
	s.setblocking(False)
	took = None
	for i in range(1000):
	    try:
	        took = s.sendto(b"hello", socket.MSG_FASTOPEN, ("127.96.1.1", 80))
	        break
	    except OSError as e:
	        if e.errno not in (errno.EINPROGRESS, errno.EALREADY):
	            raise
	    time.sleep(0.01)
	s.setblocking(True)
	print(took, s.recv(100).decode())
	END
	is "$(shimmed python3 "$dir/repeats")" "5 b3 hello"
}

# The call names another service, and says that one is under way: the first.
test_fast_open_elsewhere_while_under_way_changes_nothing() {
	opens 3
	three connect-timeout = 200ms
	swallow 1
	swallow 2
	cat >>"$dir/lbd.ini" <<-END
	[service other]
	address = 127.96.1.2:80
	probe = none
	backend = $lan.1:8000
	END
	"$BUILD/lbctl" reload
	program elsewhere <<-'END'
	import errno, select, socket
	s = socket.socket()
	s.setblocking(False)
	print(errno.errorcode[s.connect_ex(("127.96.1.1", 80))])
	try:
	    s.sendto(b"hello", socket.MSG_FASTOPEN, ("127.96.1.2", 80))
	except OSError as e:
	    print(errno.errorcode[e.errno])
	p = select.poll()
	p.register(s, select.POLLOUT)
	print(p.poll(9000)[0][1], s.getpeername())
	END
	is "$(shimmed python3 "$dir/elsewhere")" \
		$'EINPROGRESS\nEALREADY\n4 (\'127.96.1.1\', 80)'
}

# As connect() does: the kernel's own word where the descriptor is not one.
test_a_denied_address_is_refused_after_the_kernel_saw_the_descriptor() {
	three "deny = any"
	program denied <<-'END'
	import ctypes, errno, os, socket, struct
	libc = ctypes.CDLL(None, use_errno=True)
	at = struct.pack("=H", socket.AF_INET) + struct.pack(">H", 80) + \
	    socket.inet_aton("127.96.1.1") + bytes(8)
	s, f = socket.socket(), os.open("/dev/null", os.O_RDWR)
	for fd in -1, f, s.fileno():
	    rc = libc.sendto(fd, b"x", 1, socket.MSG_FASTOPEN, at, 16)
	    print(rc, errno.errorcode[ctypes.get_errno()])
	END
	is "$(shimmed python3 "$dir/denied" | xargs)" \
		"-1 EBADF -1 ENOTSOCK -1 EACCES"
}
