# Many at once at lbd's socket, none of whom means well: others go on being
# served, and when they have left lbd is as it was.
. tests/e2e/siege.sh

test_ten_thousand_connects() {
	one_backend
	besiege <<-'END'
	import resource
	most = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 11000)
	resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
	at_work()
	keep = []
	while True:
	    keep.append(knock())
	    if len(keep) > most - 50:
	        keep.clear()
	END
	others_are_served
}

test_connects_that_do_not_wait_for_their_turn() {
	one_backend
	besiege <<-'END'
	os.fork()
	at_work()
	while True:
	    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
	    s.setblocking(False)
	    s.connect_ex(os.environ["LBD_SOCKET"])
	    s.close()
	END
	other=$(pgrep -P "$siege")
	started+=("$other")
	for _ in 1 2 3; do
		eventually is_served
	done
	stop "$other" KILL
	others_are_served
}

test_a_byte_now_and_then() {
	one_backend
	besiege <<-'END'
	slow = []
	at_work()
	while True:
	    slow.append(knock())
	    if len(slow) > 800:
	        slow.pop(0).close()
	    for s in slow[::50]:
	        try:
	            s.send(request()[:1])
	        except OSError:
	            pass # shown out
	END
	others_are_served
}

# Stopped or dead in the middle: connected, asked, or with half of the answer.
test_callers_that_stop_or_die_half_way() {
	one_backend
	besiege <<-'END'
	def half_way(how, end):
	    pid = os.fork()
	    if pid:
	        return pid
	    s = knock()
	    if how > 0:
	        s.sendall(request())
	    if how > 1:
	        s.recv(1, socket.MSG_PEEK)
	    if how > 2:
	        s.shutdown(socket.SHUT_WR)
	    if how > 3:
	        s.shutdown(socket.SHUT_RDWR)
	    os.kill(os.getpid(), end)
	stopped = [half_way(i % 5, signal.SIGSTOP) for i in range(50)]
	at_work()
	try:
	    while os.getppid() > 1:
	        os.waitpid(half_way(int(time.time() * 1000) % 5, signal.SIGKILL), 0)
	finally:
	    for pid in stopped:
	        os.kill(pid, signal.SIGKILL)
	END
	others=$(pgrep -P "$siege")
	for _ in 1 2 3; do
		eventually is_served
	done
	# shellcheck disable=SC2086
	kill -9 "$siege" $others
	eventually descriptors_are "$lbd" $((before + 2))
	is "$(get 127.96.1.1:80)" b1
}

# What the kernel says of a caller is what counts, not what it says itself.
test_callers_that_look_twice_and_lie() {
	[ ${#stranger[@]} != 0 ] || skip "needs root, to be several users"
	backend b1
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	deny = user 1234
	backend = $lan.1:8000
	END
	lbd_start
	is "$(get 127.96.1.1:80)" b1
	before=$(descriptors "$lbd")
	besiege <<-'END'
	def permitted(s):
	    seen = []
	    for flags in socket.MSG_PEEK, socket.MSG_PEEK, 0:
	        reply, control, _, _ = s.recvmsg(4096, 4096, flags)
	        fds = array.array("i", control[0][2])
	        for fd in fds:
	            os.close(fd)
	        seen.append((reply, len(fds)))
	    assert seen == [(reply, len(fds))] * 3
	    return len(fds) - 2, struct.unpack_from("I", reply, 52)[0]
	s = knock()
	s.sendall(request())
	assert permitted(s) == (0, 0)
	try:
	    s = knock()
	    s.sendmsg([request()], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS,
	        struct.pack("iii", os.getpid(), 0, 0))])
	    assert False, "it is not root"
	except PermissionError:
	    pass
	s = knock()
	s.sendmsg([request()], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS,
	    struct.pack("iii", os.getpid(), 1234, 1234))])
	assert permitted(s) == (0, 0)
	at_work()
	while True:
	    s = knock()
	    s.sendall(request())
	    permitted(s)
	    time.sleep(0.002)
	END
	others_are_served
}

test_twenty_thousand_messages_at_random() {
	one_backend
	besiege <<-'END'
	import random
	whole = request()
	def message():
	    kind = random.randrange(4)
	    if kind == 0:
	        return random.randbytes(random.randrange(64))
	    if kind == 1: # a bit is wrong
	        b = bytearray(whole)
	        b[random.randrange(24)] ^= 1 << random.randrange(8)
	        return bytes(b)
	    if kind == 2: # a word is
	        b = bytearray(whole)
	        struct.pack_into("I", b, 4 * random.randrange(6),
	            random.choice([0, 1, 2, 0x7fffffff, 0xffffffff]))
	        return bytes(b)
	    return whole[:random.randrange(25)] + bytes(random.randrange(9))
	at_work()
	for i in range(20000):
	    s = knock()
	    try:
	        for j in range(random.randrange(1, 4)):
	            s.send(message())
	    except OSError:
	        pass # shown out
	    s.close()
	print("all sent", flush=True)
	time.sleep(100)
	END
	PATIENCE=1200 eventually grep -q "all sent" "$dir/siege.log"
	others_are_served
}

# One is in reserve, for one caller at a time.
test_an_lbd_without_descriptors_answers_who_asks() {
	one_backend
	prlimit --pid "$lbd" --nofile="$(first_free "$lbd"):"
	besiege <<-'END'
	silent = [knock() for i in range(30)]
	at_work()
	while True:
	    silent.append(knock())
	    silent.pop(0).close()
	    time.sleep(0.005)
	END
	for _ in 1 2 3; do
		eventually is_served
	done
	descriptors_are "$lbd" "$before"
	stop "$siege" KILL
	# what lbd cannot ask says nothing about a backend
	is "$(state_of web "$lan.1:8000")" up
	is "$(get 127.96.1.1:80)" b1
}

# Comes back with lbd: each in its own time, and nobody goes without.
test_a_crowd_finds_a_new_lbd() {
	one_backend
	cat >"$dir/crowd.py" <<-'END'
	import os, socket, sys, time
	def ask():
	    s = socket.socket()
	    try:
	        s.connect(("127.96.1.1", 80)); s.sendall(b"x\n")
	        return s.recv(9) == b"b1\n"
	    except OSError:
	        return False
	    finally:
	        s.close()
	assert ask()
	for i in range(int(sys.argv[1])):
	    if os.fork() == 0:
	        while not os.path.exists(sys.argv[2]):
	            if not ask():
	                os._exit(1)
	            time.sleep(0.5)
	        os._exit(0 if ask() else 1)
	print("asking", flush=True)
	bad = 0
	try:
	    while True:
	        bad += os.wait()[1] != 0
	except ChildProcessError:
	    print("bad", bad, flush=True)
	END
	LD_PRELOAD=$preload spawn python3 "$dir/crowd.py" 150 "$dir/end" \
		>"$dir/crowd"
	eventually grep -q asking "$dir/crowd"
	stop "$lbd" KILL
	sleep 3.5 # all find it gone
	lbd_start
	sleep 2
	touch "$dir/end"
	eventually grep -q "bad 0" "$dir/crowd"
	fails grep -q caller-not-answered "$dir/lbd.log"
}
