# connect() at a virtual address is connect() at the backend, bit for bit.

test_arguments_are_judged_by_the_kernel() {
	b1_alone
	"$BUILD/oracle" "$lan.1" 8000 >"$dir/kernel"
	shimmed "$BUILD/oracle" 127.96.1.1 80 >"$dir/shim"
	diff "$dir/kernel" "$dir/shim"
	[ "$(wc -l <"$dir/kernel")" -gt 150 ]
}

test_a_dead_backend_is_judged_by_the_kernel_too() {
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	probe = none
	retries = 0
	backend = $lan.1:8000
	END
	lbd_start
	"$BUILD/oracle" "$lan.1" 8000 >"$dir/kernel"
	shimmed "$BUILD/oracle" 127.96.1.1 80 >"$dir/shim"
	diff "$dir/kernel" "$dir/shim"
}

test_other_addresses_are_untouched() {
	b1_alone
	"$BUILD/oracle" "$lan.1" 8000 >"$dir/kernel"
	shimmed "$BUILD/oracle" "$lan.1" 8000 >"$dir/shim"
	diff "$dir/kernel" "$dir/shim"
}

# A denied address: EACCES where a connection was asked for, and the kernel's
# own word where the descriptor is not one to connect.
test_a_denied_address_is_refused_after_the_kernel() {
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	deny = any
	backend = $lan.1:8000
	END
	lbd_start
	shimmed "$BUILD/oracle" 127.96.1.1 80 >"$dir/shim"
	matches "$(cat "$dir/shim")" '^no such fd -1: EBADF$'
	matches "$(cat "$dir/shim")" '^file 0: ENOTSOCK$'
	matches "$(cat "$dir/shim")" '^pipe 0: ENOTSOCK$'
	matches "$(cat "$dir/shim")" '^ipv4 length 15: EINVAL$'
	matches "$(cat "$dir/shim")" '^ipv4 length 16: EACCES$'
	matches "$(cat "$dir/shim")" '^udp 0: EACCES$'
	matches "$(cat "$dir/shim")" '^mapped length 28: EACCES$'
	matches "$(cat "$dir/shim")" '^pointer 0: EFAULT$'
	matches "$(cat "$dir/shim")" '^non-blocking 1: EACCES$'
}

test_a_blocking_connect_takes_the_next_backend() {
	backend b3
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	balance = round-robin
	probe = none
	eject-after = 1000
	backend = $lan.1:8000
	backend = $lan.2:8000
	backend = $lan.3:8000
	[service stubborn]
	address = 127.96.1.2:80
	probe = none
	retries = 0
	backend = $lan.1:8000
	END
	lbd_start
	is "$(shimmed "$BUILD/load" count=50 127.96.1.1 80 | head -3)" \
		$'b3 50\nrequests 50\nfailed connects 0'
	matches "$(shimmed "$BUILD/load" count=5 127.96.1.2 80)" \
		'failed connects 5'
	LBSHIM_LOG=error shimmed "$BUILD/load" count=3 127.96.1.1 80 \
		2>"$dir/said" >/dev/null
	matches "$(cat "$dir/said")" "lbshim\[[0-9]+\]: fd [0-9]+ 127.96.1.1:80 -> $lan.[12]:8000 \(web\) try [12]: Connection refused"
}

test_retries_bound_the_tries() {
	backend b4
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	probe = none
	balance = first
	retries = 2
	backend = $lan.1:8000 name=one
	backend = $lan.2:8000 name=two
	backend = $lan.3:8000 name=three
	backend = $lan.4:8000 name=four
	END
	lbd_start
	LBSHIM_LOG=error shimmed "$BUILD/load" count=1 127.96.1.1 80 \
		>"$dir/out" 2>"$dir/said"
	matches "$(cat "$dir/out")" 'failed connects 1'
	is "$(sed 's/.*(web\/\([a-z]*\)) try \([0-9]\).*/\1 \2/' "$dir/said")" \
		$'one 1\ntwo 2\nthree 3'
}

test_ipv6_and_mapped_addresses() {
	[ -e /proc/net/if_inet6 ] && grep -q ' lo$' /proc/net/if_inet6 ||
		skip "no IPv6 on the loopback interface"
	backend b1
	spawn "$BUILD/hello" ::1 $((20000 + $$ % 10000)) six
	eventually listens ::1 $((20000 + $$ % 10000))
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	address = [fd96::1]:80
	backend = $lan.1:8000
	backend = [::1]:$((20000 + $$ % 10000))
	END
	lbd_start
	is "$(get 127.96.1.1:80)" b1
	is "$(get '[fd96::1]:80')" six
	is "$(get '[::ffff:127.96.1.1]:80')" b1
}

test_connect_timeout_leaves_a_black_hole() {
	backend b2
	# a listener that takes nothing: its queue is full, SYNs are dropped
	spawn python3 -c "
import socket, time
s = socket.socket(); s.bind(('$lan.1', 8000)); s.listen(0)
keep = []
for i in range(3):
    c = socket.socket(); c.setblocking(False)
    c.connect_ex(('$lan.1', 8000)); keep.append(c)
print('full', flush=True)
time.sleep(100)" >"$dir/full"
	eventually grep full "$dir/full"
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	probe = none
	balance = first
	connect-timeout = 200ms
	backend = $lan.1:8000
	backend = $lan.2:8000
	[service hole]
	address = 127.96.1.2:80
	probe = none
	connect-timeout = 200ms
	backend = $lan.1:8000
	END
	lbd_start
	is "$(shimmed "$BUILD/load" count=3 127.96.1.1 80 | head -3)" \
		$'b2 3\nrequests 3\nfailed connects 0'
	shimmed python3 - <<-'END'
	import errno, socket, struct, signal, time
	s = socket.socket()
	own = struct.pack("ll", 60, 0)
	s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, own)
	assert s.connect_ex(("127.96.1.2", 80)) == errno.ETIMEDOUT
	assert s.getsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, 16) == own
	s = socket.socket()                      # the host's own limit holds
	s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 0, 50000))
	assert s.connect_ex(("127.96.1.2", 80)) == errno.EINPROGRESS
	s = socket.socket()                      # a port chosen by bind() stays
	s.bind(("127.0.0.1", 0)); port = s.getsockname()
	assert s.connect_ex(("127.96.1.1", 80)) == 0
	assert s.getsockname() == port
	s = socket.socket(); s.setblocking(False)
	assert s.connect_ex(("127.96.1.2", 80)) == errno.EINPROGRESS
	END
}

test_descriptors_are_as_without_the_shim() {
	b1_alone
	shimmed python3 - <<-'END'
	import os, socket
	before = sorted(os.listdir("/proc/self/fd"))
	first = socket.socket(); a = first.fileno(); first.connect(("127.96.1.1", 80))
	second = socket.socket(); b = second.fileno(); second.connect(("127.96.1.1", 80))
	assert b == a + 1, (a, b)
	first.close(); second.close()
	assert sorted(os.listdir("/proc/self/fd")) == before
	assert len(os.listdir("/proc/self/task")) == 1
	END
}

# What the shim asks of the kernel is in the manual; a connection to a virtual
# address in use adds nothing to what the program does.
test_a_connection_adds_no_system_call() {
	command -v strace >/dev/null || skip "no strace"
	strace -o /dev/null true 2>/dev/null || skip "strace is not allowed here"
	b1_alone
	calls() { # COUNT ADDRESS PORT
		strace -f -o "$dir/trace" env LD_PRELOAD="$preload" \
			"$BUILD/load" count="$1" "$2" "$3" >/dev/null
		# the attach waits for its answer once, or not at all
		grep -E '^[0-9]+ +[a-z]' "$dir/trace" | grep -cvE 'recvmsg|ppoll'
	}
	virtual=$(($(calls 60 127.96.1.1 80) - $(calls 10 127.96.1.1 80)))
	direct=$(($(calls 60 "$lan.1" 8000) - $(calls 10 "$lan.1" 8000)))
	is "$virtual" "$direct"
}
