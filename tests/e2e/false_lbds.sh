# Whatever answers in lbd's place must leave a program as it is without the
# library.

one_backend() {
	b1_alone
	is "$(get 127.96.1.1:80)" b1
}

# False lbds: one for each way that standard input has, see false_lbds.py.
false_lbds() {
	mkdir "$dir/false"
	cat >"$dir/ways.py"
	spawn python3 -u tests/e2e/false_lbds.py "$dir/false" "$dir/ways.py" \
		>"$dir/false.log" 2>&1
	eventually grep -q listening "$dir/false.log" || cat "$dir/false.log"
}

# meets WAY SAW SAID: the program that has WAY for an lbd, and its log. SAID is
# empty where it attaches, and else a pattern.
meets() {
	local status=0 saw
	saw=$(LBD_SOCKET=$dir/false/$1 LBSHIM_LOG=error shimmed \
		python3 tests/e2e/seen.py "$lan.1" 2>"$dir/said") || status=$?
	is "$1: $status $saw $(grep -v lbshim "$dir/said" || true)" "$1: 0 $2 "
	# both connects may come more than a second apart, and ask twice
	is "$1: $(sed 's/^lbshim\[[0-9]*\]: //' "$dir/said" | sort -u)" \
		"$1: ${3:+not attached $dir/false/$1: $3}"
}

refused="b1 ECONNREFUSED ECONNREFUSED" # as without the library

test_a_false_lbd_that_answers_truly_serves() {
	one_backend
	false_lbds <<-'END'
	way("copies", lambda: [memfd(KEYS_BYTES), COUNTERS, memfd(LIST_BYTES)])
	way("second-header", lambda: [memfd(header(KEYS_BYTES, copies=[0], magic=0)), COUNTERS, LIST])
	way("first-header", lambda: [memfd(header(KEYS_BYTES, copies=[128], magic=0)), COUNTERS, LIST])
	way("more-than-it-needs", lambda: fds_true() + [os.dup(0) for i in range(63)])
	way("no-counters", lambda: [KEYS, KEYS, LIST])
	way("strange-counters", lambda: [KEYS, os.open("/dev/zero", os.O_RDWR), LIST])
	way("short-counters", lambda: [KEYS, memfd(bytes(16)), LIST])
	def greedy(services):
	    b = bytearray(os.pread(COUNTERS, os.fstat(COUNTERS).st_size, 0))
	    struct.pack_into("Q", b, 16, services)
	    return lambda: [KEYS, memfd(b), LIST]
	way("greedy-counters", greedy(1 << 40))
	way("wrapping-counters", greedy(1 << 58))
	END
	for way in copies second-header first-header more-than-it-needs \
		no-counters strange-counters short-counters greedy-counters \
		wrapping-counters; do
		meets $way "b1 b1 b1" ""
	done
}

test_files_that_are_no_region() {
	one_backend
	false_lbds <<-'END'
	way("plain-file", first(plain_file))
	way("pipe", first(lambda: os.pipe()[0]))
	way("folder", first(lambda: os.open("/", os.O_RDONLY)))
	way("dev-zero", first(lambda: os.open("/dev/zero", os.O_RDWR)))
	way("a-socket", first(lambda: socket.socket().detach()))
	way("path-only", first(lambda: os.open("/", os.O_PATH)))
	way("unsealed", first(lambda: memfd(KEYS_BYTES, 0)))
	way("may-shrink", first(lambda: memfd(KEYS_BYTES, GROW)))
	way("may-grow", first(lambda: memfd(KEYS_BYTES, SHRINK)))
	way("write-only", first(write_only))
	way("empty", first(lambda: memfd(b"")))
	way("short", first(lambda: memfd(KEYS_BYTES[:100])))
	way("half", first(lambda: memfd(KEYS_BYTES[:SIZE // 2])))
	way("a-page-short", first(lambda: memfd(KEYS_BYTES[:-4096])))
	way("a-byte-longer", first(lambda: memfd(KEYS_BYTES + b"\0")))
	way("zeros", first(lambda: memfd(bytes(SIZE))))
	way("ones", first(lambda: memfd(b"\xff" * SIZE)))
	way("noise", first(lambda: memfd(os.urandom(SIZE))))
	way("list-first", lambda: [LIST, COUNTERS, KEYS])
	way("keys-as-list", lambda: [KEYS, COUNTERS, KEYS])
	way("pipe-as-list", lambda: [KEYS, COUNTERS, os.pipe()[0]])
	END
	is "$(python3 tests/e2e/seen.py "$lan.1")" "$refused"
	for way in plain-file pipe folder dev-zero a-socket path-only unsealed \
		may-shrink may-grow write-only empty pipe-as-list; do
		meets $way "$refused" "cannot map the table"
	done
	for way in short half a-page-short a-byte-longer zeros ones noise \
		list-first keys-as-list; do
		meets $way "$refused" \
			"the table is not one this library can read"
	done
}

test_headers_that_do_not_add_up() {
	one_backend
	false_lbds <<-'END'
	way("magic", keys(magic=0x656c62617464626d))
	way("major-0", keys(layout=0))
	way("major-2", keys(layout=2 << 32))
	way("swapped", keys(magic=0x6c62647461626c65, layout=1))
	way("kind", keys(kind=3))
	way("sum", keys(sum=1, right_sum=False))
	way("capacity-less", keys(capacity=SIZE - 1))
	way("capacity-more", keys(capacity=SIZE + 1))
	way("capacity-most", keys(capacity=M))
	way("slot-beyond", keys(slot1=SIZE))
	way("slot-at-end", keys(slot2=SIZE - 64))
	way("slot-in-header", keys(slot0=0))
	way("slot-odd", keys(slot0=4097))
	way("slot-wraps", keys(slot0=-64))
	way("slot-size-0", keys(slot_size=0))
	way("slot-size-most", keys(slot_size=M))
	way("slot-size-wraps", keys(slot_size=-4096))
	way("slot-size-all", keys(slot_size=SIZE))
	way("stride-0", keys(stride0=0))
	way("stride-odd", keys(stride0=65))
	way("stride-small", keys(stride1=8))
	way("stride-most", keys(stride0=M - 7))
	END
	for way in magic major-0 major-2 swapped kind sum capacity-less \
		capacity-more capacity-most slot-beyond slot-at-end \
		slot-in-header slot-odd slot-wraps slot-size-0 slot-size-most \
		slot-size-wraps slot-size-all stride-0 stride-odd stride-small \
		stride-most; do
		meets $way "$refused" \
			"the table is not one this library can read"
	done
}

# The header is right, what it leads to is not.
test_slots_that_make_no_sense() {
	one_backend
	false_lbds <<-'END'
	G = struct.unpack_from("Q", KEYS_BYTES, 256)[0]
	AT = struct.unpack_from("3Q", KEYS_BYTES, 40)[G % 3]
	def patched(region, *changes):
	    b = bytearray(region)
	    for at, word in changes:
	        struct.pack_into("Q", b, at, word & M)
	    return b
	def parts(bytes, of=lambda p: 0):
	    g = struct.unpack_from("Q", bytes, 256)[0]
	    at = struct.unpack_from("3Q", bytes, 40)[g % 3]
	    return patched(bytes, *((at + 32 + 8 * p, of(p)) for p in range(4)))
	def both(change):
	    return lambda: [memfd(change(KEYS_BYTES)), COUNTERS, memfd(change(LIST_BYTES))]
	way("noise-in-keys", lambda: [noise(KEYS_BYTES), COUNTERS, LIST])
	def noise(bytes):
	    return memfd(bytes[:4096] + os.urandom(len(bytes) - 4096))
	way("noise-in-list", lambda: [KEYS, COUNTERS, noise(LIST_BYTES)])
	way("no-generation", both(lambda b: patched(b, (256, 0))))
	way("next-generation", both(lambda b: patched(b, (256, G + 1))))
	def torn(bytes): # the slot is of another generation than was announced
	    g = struct.unpack_from("Q", bytes, 256)[0]
	    return patched(bytes, (struct.unpack_from("3Q", bytes, 40)[g % 3], g + 1))
	way("torn-keys", lambda: [memfd(torn(KEYS_BYTES)), COUNTERS, LIST])
	way("torn-list", lambda: [KEYS, COUNTERS, memfd(torn(LIST_BYTES))])
	way("parts-beyond", both(lambda b: parts(b, lambda p: 0x7fffff00 << 32 | 64)))
	way("parts-wrap", both(lambda b: parts(b, lambda p: M)))
	way("parts-odd", both(lambda b: parts(b, lambda p: 1 << 32 | 1)))
	way("countless", both(lambda b: parts(b, lambda p: 64 << 32 | 1 << 30)))
	def entries(change):
	    """Every used key, its words changed."""
	    b = bytearray(KEYS_BYTES)
	    where, n = divmod(struct.unpack_from("Q", b, AT + 32)[0], 1 << 32)
	    for i in range(n):
	        at = AT + where + 64 * i
	        if struct.unpack_from("Q", b, at + 16)[0]:
	            for word, value in change.items():
	                struct.pack_into("Q", b, at + 8 * word, value & M)
	    return lambda: [memfd(b), COUNTERS, LIST]
	way("list-of-nobody", entries({3: M}))
	way("other-service", entries({4: M}))
	END
	for way in noise-in-keys no-generation next-generation torn-keys \
		torn-list parts-beyond parts-wrap parts-odd countless; do
		LBD_SOCKET=$dir/false/$way shimmed python3 tests/e2e/seen.py \
			"$lan.1" >"$dir/saw" 2>&1 ||
			fail "$way: $(cat "$dir/saw")"
		is "$way: $(cat "$dir/saw")" "$way: $refused"
	done
	# a list that was never given, of a service that another list has
	is "$(LBD_SOCKET=$dir/false/list-of-nobody shimmed \
		python3 tests/e2e/seen.py "$lan.1")" "b1 b1 b1"
	# the address is virtual here, and no backend can be found
	for way in noise-in-list other-service; do
		LBD_SOCKET=$dir/false/$way shimmed python3 tests/e2e/seen.py \
			"$lan.1" >"$dir/saw" 2>&1 ||
			fail "$way: $(cat "$dir/saw")"
		is "$way: $(cut -c1-2 "$dir/saw")" "$way: b1"
	done
}

test_answers_that_are_not_lbds() {
	one_backend
	false_lbds <<-'END'
	way("no-descriptors", lambda: [])
	way("one-descriptor", lambda: [KEYS])
	way("too-many", lambda: fds_true() + [os.dup(0) for i in range(100)])
	way("truncated", reply=REPLY[:100])
	way("one-byte", reply=b"x")
	way("too-long", reply=REPLY + bytes(8))
	way("giant", reply=REPLY + bytes(100000))
	way("text", reply=b"HTTP/1.1 400 Bad Request\r\n\r\n")
	way("magic", reply=reply(magic=1))
	way("other-layout", reply=reply(status=2))
	way("status-0", reply=reply(status=0))
	way("status-99", reply=reply(status=99))
	way("count-65", reply=reply(count=65, lists=65))
	way("count-most", reply=reply(count=0xffffffff))
	way("count-over", reply=reply(count=2))
	way("count-none", reply=reply(count=0), more=[reply(count=0), REPLY])
	way("lists-most", reply=reply(lists=0xffffffff))
	way("lists-65537", reply=reply(lists=65537))
	way("first-5", reply=reply(first=5))
	way("more-lists", reply=reply(lists=2), more=[reply(lists=2, first=0)])
	way("more-without", reply=reply(lists=2), more=[reply(lists=2, first=1)])
	END
	for way in truncated one-byte text magic status-0 \
		status-99 count-65 count-most count-over count-none lists-most \
		lists-65537 first-5 more-lists; do
		meets $way "$refused" "the answer is not lbd's"
	done
	for way in no-descriptors one-descriptor more-without; do
		meets $way "$refused" "cannot map the table"
	done
	meets too-many "$refused" "no file descriptors left"
	meets other-layout "$refused" \
		"lbd and this library are of different layouts"
	for way in too-long giant; do
		LBD_SOCKET=$dir/false/$way LBSHIM_LOG=error shimmed \
			python3 tests/e2e/seen.py "$lan.1" >"$dir/saw" 2>"$dir/said"
		is "$way: $(cat "$dir/saw")" "$way: $refused"
		matches "$(cat "$dir/said")" "not attached $dir/false/$way: "
	done
}

test_descriptors_that_come_without_an_answer_are_closed() {
	one_backend
	false_lbds <<-'END'
	way("nothing-but-rights", reply=b"")
	way("many-rights", lambda: fds_true() + [os.dup(0) for i in range(100)], reply=b"")
	END
	for way in nothing-but-rights many-rights; do
		meets $way "$refused" "lbd closed the connection"
	done
}

test_lbds_that_do_not_answer() {
	one_backend
	false_lbds <<-'END'
	ways["silent"] = lambda c: time.sleep(100)
	ways["never-accepts"] = None
	ways["half"] = lambda c: (socket.send_fds(c, [reply(lists=2)], fds_true()), time.sleep(100))
	ways["slow"] = lambda c: [(time.sleep(0.09), socket.send_fds(c, [reply(lists=99, first=i)],
	    fds_true() if i == 0 else [LIST])) for i in range(99)]
	ways["closes"] = lambda c: None
	ways["shuts"] = lambda c: (c.shutdown(socket.SHUT_RDWR), time.sleep(100))
	END
	for way in silent half slow; do
		meets $way "$refused" "lbd did not answer in time"
	done
	meets never-accepts "$refused" "lbd is too busy"
	for way in closes shuts; do
		meets $way "$refused" "lbd closed the connection"
	done
	# another program, and every wrong argument, as the kernel has it
	"$BUILD/oracle" 127.96.1.1 80 >"$dir/kernel"
	for way in silent never-accepts closes; do
		is "$(LBD_SOCKET=$dir/false/$way shimmed \
			curl -sS "http://$lan.1:8000/")" b1
		LBD_SOCKET=$dir/false/$way fails get 127.96.1.1:80 2>/dev/null
		LBD_SOCKET=$dir/false/$way shimmed \
			"$BUILD/oracle" 127.96.1.1 80 >"$dir/shim"
		diff "$dir/kernel" "$dir/shim"
	done
}

test_paths_that_are_no_lbds() {
	one_backend
	false_lbds </dev/null
	touch "$dir/false/file"
	mkdir "$dir/false/folder"
	mkfifo "$dir/false/fifo"
	ln -s loop "$dir/false/loop"
	ln -s "$LBD_ADMIN" "$dir/false/stream"
	python3 -c '
import socket, sys
socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).bind(sys.argv[1])' \
		"$dir/false/dead"
	for way in file folder fifo dead; do
		meets $way "$refused" "Connection refused (lbd is not running)"
	done
	for way in loop file/below; do
		meets $way "$refused" "cannot connect"
	done
	meets stream "$refused" "this socket is not for programs (lbctl's?)"
	meets none "$refused" "No such file or directory"
	for socket in "$(printf "$dir/%0200d" 0)" relative . /; do
		is "$(LBD_SOCKET=$socket shimmed python3 tests/e2e/seen.py \
			"$lan.1" 2>&1)" "$refused"
	done
	# a path by another name is a path
	ln -s "$LBD_SOCKET" "$dir/false/link"
	meets link "b1 b1 b1" ""
}
