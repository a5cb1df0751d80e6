# Many at the admin socket, none of whom means well: lbctl is answered within
# moments, programs attach, and when they have left lbd is as it was.
. tests/e2e/siege.sh

# Its user alone may come in, so they are of lbd's own user.
stranger=()
loiterers() {
	one_backend
	{
		cat <<-'END'
		import errno
		ASK = b"GET /api/v1/services HTTP/1.1\r\nHost: a\r\n"
		def come(text=b""):
		    s = socket.socket(socket.AF_UNIX)
		    s.settimeout(20)
		    s.connect(os.environ["LBD_ADMIN"])
		    if text:
		        s.sendall(text)
		    return s
		END
		cat
	} >"$dir/loiterers.py"
	besiege <"$dir/loiterers.py"
}

lbctl_is_quick() {
	timeout 3 "$BUILD/lbctl" status
}

memory() { # PID: KiB
	awk '/^VmRSS/ { print $2 }' "/proc/$1/status"
}

# For each of them 32 KiB at most, and no more than 256 at a time.
lbctl_works() {
	for _ in 1 2 3; do
		lbctl_is_quick >/dev/null
		is "$(get 127.96.1.1:80)" b1
	done
	# a sanitizer keeps what was freed
	[ "$SAN" != "" ] || [ "$(memory "$lbd")" -lt $((used + 30000)) ] ||
		fail "$(memory "$lbd") KiB, after $used"
	others_are_served 300
}

test_a_thousand_who_say_nothing_keep_no_lbctl_waiting() {
	ulimit -n 4096
	loiterers <<-'END'
	crowd = []
	def all_in():
	    while len(crowd) < 1000:
	        crowd.append(come(ASK if len(crowd) % 3 == 0 else b""))
	all_in()
	at_work()
	while True:
	    crowd.pop(0).close() # they come again, faster than they are let go
	    all_in()
	    time.sleep(0.01)
	END
	used=$(memory "$lbd")
	lbctl_works
}

test_junk_at_the_admin_socket_ends_with_the_connection() {
	loiterers <<-'END'
	import random
	random.seed(7)
	WHOLE = ASK + b"\r\n"
	def text():
	    kind = random.randrange(6)
	    if kind == 0:
	        return random.randbytes(random.randrange(1, 4000))
	    if kind == 1:
	        b = bytearray(WHOLE)
	        b[random.randrange(len(b))] ^= 1 << random.randrange(8)
	        return bytes(b)
	    if kind == 2:
	        return WHOLE[:random.randrange(len(WHOLE))]
	    if kind == 3: # a request line without end
	        return b"GET /" + b"a" * 40000
	    if kind == 4:
	        return WHOLE * random.randrange(1, 50)
	    return b"\0" * random.randrange(1, 4000)
	def round():
	    s = come()
	    try:
	        s.sendall(text())
	        if random.randrange(2):
	            s.shutdown(socket.SHUT_WR)
	            while s.recv(65536):
	                pass
	    except OSError:
	        pass # shown out
	    s.close()
	for i in range(2000):
	    round()
	at_work()
	while True:
	    round()
	    time.sleep(0.005)
	END
	used=$(memory "$lbd")
	lbctl_works
}

test_headers_and_bodies_without_end_are_cut_off() {
	loiterers <<-'END'
	def pour(text, more):
	    """How many bytes were taken until it was cut off; what was said."""
	    s, sent, said = come(text), 0, b""
	    try:
	        while sent < 64 << 20:
	            s.sendall(more)
	            sent += len(more)
	    except OSError:
	        pass
	    try:
	        said = s.recv(4096)
	    except OSError:
	        pass
	    s.close()
	    return sent, said
	POST = b"POST /api/v1/reload HTTP/1.1\r\nHost: a\r\n"
	CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
	ENDLESS = [
	    (ASK, b"X: " + b"y" * 1000 + b"\r\n"),
	    (ASK + b"X: ", b"y" * 1000),
	    (POST + b"Content-Length: 999999999\r\n\r\n", b"z" * 1000),
	    (POST + CHUNKED, b"3e8\r\n" + b"z" * 1000 + b"\r\n"),
	]
	for text, more in ENDLESS * 20:
	    sent, said = pour(text, more)
	    assert sent < 4 << 20, f"{sent} bytes were taken after {text}"
	    assert b" 200 " not in said, said
	at_work()
	while True:
	    for text, more in ENDLESS:
	        pour(text, more)
	    time.sleep(0.005)
	END
	used=$(memory "$lbd")
	fails grep -q event=reloaded "$dir/lbd.log"
	lbctl_works
}

test_a_byte_now_and_then_holds_no_place() {
	ulimit -n 4096
	loiterers <<-'END'
	slow = [come() for i in range(400)]
	at_work()
	while True:
	    for i in range(400):
	        try:
	            slow[i].send(b"G")
	        except OSError:
	            slow[i].close()
	            slow[i] = come()
	    time.sleep(0.2)
	END
	used=$(memory "$lbd")
	lbctl_works
}

# Who has closed one half and asked is answered; who has not is let go of.
test_half_closed_connections_are_answered_or_let_go() {
	loiterers <<-'END'
	def half(text):
	    s = come(text)
	    s.shutdown(socket.SHUT_WR)
	    said = b""
	    while block := s.recv(65536):
	        said += block
	    s.close()
	    return said
	for i in range(50):
	    said = half(ASK + b"Connection: close\r\n\r\n")
	    assert b" 200 " in said and said.endswith(b"}\n"), said
	    half(ASK)
	    half(b"")
	deaf = []
	for i in range(200): # they ask, and hear nothing of it
	    s = come(ASK + b"\r\n")
	    s.shutdown(socket.SHUT_RD)
	    deaf.append(s)
	at_work()
	while True:
	    half(ASK + b"\r\n")
	    time.sleep(0.005)
	END
	used=$(memory "$lbd")
	lbctl_works
}

# The room that a loiterer has is a caller's who needs it.
test_without_descriptors_loiterers_go_first() {
	one_backend
	prlimit --pid "$lbd" --nofile="$(($(first_free "$lbd") + 4)):"
	besiege <<-'END'
	def come():
	    s = socket.socket(socket.AF_UNIX)
	    s.connect(os.environ["LBD_ADMIN"])
	    return s
	slow = [come() for i in range(100)] # a byte in time: not silent for 3 s
	at_work()
	while True:
	    for i in range(100):
	        try:
	            slow[i].send(b"G")
	        except OSError:
	            slow[i].close()
	            slow[i] = come()
	    time.sleep(0.2)
	END
	for _ in 1 2 3; do
		eventually is_served
		lbctl_is_quick >/dev/null
	done
	stop "$siege" KILL
	eventually descriptors_are "$lbd" $((before + 1))
	is "$(state_of web "$lan.1:8000")" up
}
