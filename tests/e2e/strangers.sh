# Whoever knocks at lbd's socket and means no good must not keep others from
# being served.
. tests/e2e/siege.sh

test_300_callers_that_say_nothing() {
	one_backend
	besiege <<-'END'
	silent = [knock() for i in range(300)]
	at_work()
	while True: # whoever is shown out comes back
	    silent.append(knock())
	    silent.pop(0).close()
	    time.sleep(0.002)
	END
	others_are_served
}

test_callers_that_say_nothing_are_shown_out() {
	one_backend
	besiege <<-'END'
	silent = [knock() for i in range(300)]
	at_work()
	assert all(s.recv(1) == b"" for s in silent)
	print("all out", flush=True)
	time.sleep(100)
	END
	eventually grep -q "all out" "$dir/siege.log"
	eventually descriptors_are "$lbd" $((before + 1))
	others_are_served
}

test_requests_that_are_none() {
	one_backend
	besiege <<-'END'
	whole = request()
	older = whole[:16] # of a library that did not name its namespace
	junk = [whole[:n] for n in range(1, 24) if n != 16] + [whole + b"\0", whole * 2,
	    request(magic=0), request(magic=MAGIC + 1), b"\0" * 24, b"\xff" * 24,
	    b"GET / HTTP/1.1\r\n\r\n"]
	def answer(bytes):
	    s = knock()
	    s.sendall(bytes)
	    try:
	        return s.recv(4096)
	    except ConnectionResetError:
	        return b""
	for j in junk:
	    assert len(j) > 24 or answer(j) == b"", j
	assert len(answer(whole)) == 560 # so much for a good one
	assert len(answer(older)) == 560
	at_work()
	while True:
	    for j in junk:
	        s = knock()
	        try:
	            s.send(j)
	            s.send(j)
	        except OSError:
	            pass # shown out already
	        s.close()
	    s = knock(); s.shutdown(socket.SHUT_WR); s.close()
	    knock().close()
	    time.sleep(0.005)
	END
	others_are_served
}

test_another_layout_is_refused_by_name() {
	one_backend
	besiege <<-'END'
	def ask(major):
	    s = knock()
	    s.sendall(request(major=major))
	    reply, fds, flags, who = socket.recv_fds(s, 4096, 100)
	    return struct.unpack_from("QIIIIII", reply), len(fds)
	for major in (0, 2, 0xffffffff):
	    (magic, ours, minor, status, lists, first, count), fds = ask(major)
	    assert (magic, ours, status, lists, count, fds) == (MAGIC, 1, 2, 0, 0, 0), status
	assert ask(1)[0][3] == 1 and ask(1)[1] == 3
	at_work()
	while True:
	    ask(7)
	    time.sleep(0.005)
	END
	others_are_served
	eventually grep -qE '[0-9]+ programs asked for other table layouts, the last for (7|4294967295); this is 1 level=warning' \
		"$dir/lbd.log"
	matches "$(cat "$dir/lbd.log")" \
		'a program asked for table layout 0; this is 1 level=warning event=caller-refused'
	[ "$(grep -c event=caller-refused "$dir/lbd.log")" -le $((SECONDS + 2)) ]
}

test_giant_messages_and_many_descriptors() {
	one_backend
	besiege <<-'END'
	null = [os.open("/dev/null", os.O_RDONLY) for i in range(253)]
	def rights(fds):
	    return [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))]
	def knock_with(bytes, *more):
	    s = knock()
	    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 400000)
	    try:
	        s.sendmsg([bytes], *more)
	    except PermissionError:
	        pass # a newer kernel does not let them through
	    return s
	keep = []
	at_work()
	while True:
	    keep.append(knock_with(request() + bytes(150000)))
	    keep.append(knock_with(bytes(150000), rights(null)))
	    keep.append(knock_with(request(), rights(null)))
	    keep.append(knock_with(b"x", rights(null)))
	    keep.append(knock_with(request(), rights([keep[-1].fileno()])))
	    while len(keep) > 100:
	        keep.pop(0).close()
	    time.sleep(0.005)
	END
	others_are_served
}

# Whoever closes a socket last waits for as long as it is to linger. What is
# dropped with a message is closed by whom it was sent to.
test_a_socket_that_lingers_holds_nobody_up() {
	one_backend
	besiege <<-'END'
	server = socket.create_server(("127.0.0.1", 0), backlog=99)
	def full(): # a connection with more in it than its peer will ever take
	    s = socket.create_connection(server.getsockname())
	    s.setblocking(False)
	    try:
	        while True:
	            s.send(bytes(65536))
	    except BlockingIOError:
	        pass
	    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 100))
	    return s
	def give(bytes, gift):
	    s = knock()
	    try:
	        socket.send_fds(s, [bytes], [gift.fileno()])
	    except PermissionError:
	        pass # a newer kernel does not let them through
	    gift.close()
	    return s
	keep = [give(request(), full()), give(b"", full()), give(b"x", full())]
	last = knock()
	for i in range(3):
	    last.send(b"")
	keep.append(last)
	for gift in [full() for i in range(3)]:
	    try:
	        socket.send_fds(last, [b""], [gift.fileno()])
	    except OSError:
	        pass # shown out by now, or refused
	    gift.close()
	at_work()
	time.sleep(100)
	END
	others_are_served
}

# They ask, and never take the answer.
test_callers_that_do_not_listen() {
	{
		printf '[defaults]\nprobe = none\n'
		for i in $(seq 200); do # as many lists: several replies
			printf '[service s%d]\naddress = 127.96.2.%d:80\npermit = user %d\n' \
				"$i" "$i" "$i"
			printf 'permit = any\nbackend = %s:8000\n' "$lan.1"
		done
		printf '[service web]\naddress = 127.96.1.1:80\nbackend = %s:8000\n' \
			"$lan.1"
	} | conf
	backend b1
	lbd_start
	is "$(get 127.96.2.200:80)" b1
	before=$(descriptors "$lbd")
	besiege <<-'END'
	keep = []
	most = 200 if os.getuid() == 1234 else 10 # of a user's share
	while len(keep) <= most:
	    s = knock()
	    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 0)
	    s.sendall(request())
	    keep.append(s)
	at_work()
	while True:
	    keep.pop(0).close()
	    s = knock()
	    s.sendall(request())
	    keep.append(s)
	    time.sleep(0.005)
	END
	others_are_served
}

# What is on its way counts against whom it comes from: an lbd that is not root
# has as many descriptors under way as it may have open, and cannot take back
# what was sent.
test_answers_that_nobody_reads_use_up_nobody_elses() {
	local users
	[ "$(id -u)" = 0 ] || skip "needs root, to be several users"
	setpriv --reuid=1234 true 2>/dev/null || skip "setpriv is not allowed here"
	backend b1
	mkdir "$dir/run"
	chown 4321 "$dir/run"
	export LBD_SOCKET=$dir/run/lbd.sock LBD_ADMIN=$dir/run/admin.sock
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	backend = $lan.1:8000
	END
	: >"$dir/lbd.log"
	spawn setpriv --reuid=4321 --regid=4321 --clear-groups \
		prlimit --nofile=400:400 "$BUILD/lbd" -c "$dir/lbd.ini" \
		2>>"$dir/lbd.log"
	lbd=$pid
	eventually is_ready
	stranger=()
	besiege <<-'END'
	for user in range(7001, 7006):
	    if os.fork() == 0:
	        os.setgroups([]), os.setgid(user), os.setuid(user)
	        keep = [socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
	                for i in range(150)]
	        for s in keep:
	            s.settimeout(0.02)
	            try:
	                s.connect(os.environ["LBD_SOCKET"])
	                s.sendall(request())
	            except OSError:
	                pass # shown out: too many of this user's wait
	        print("asked", flush=True)
	        time.sleep(100)
	at_work()
	for user in range(5):
	    os.wait()
	END
	users=$(pgrep -P "$siege")
	# two may say it in one line
	eventually bash -c "[ \$(grep -o asked $dir/siege.log | wc -l) = 5 ]"
	for user in 0 1234 5678; do
		is "$(LD_PRELOAD=$curl_preload setpriv --reuid=$user \
			--clear-groups curl -sS http://127.96.1.1/)" b1
	done
	# who knocked in vain has been shown out, what was sent is watched
	eventually descriptors_are "$lbd" 250
	fails grep -q caller-not-answered "$dir/lbd.log"
	"$BUILD/lbctl" status >/dev/null
	# shellcheck disable=SC2086
	kill -9 $users
	eventually descriptors_are "$lbd" 40
	is "$(get 127.96.1.1:80)" b1
}
