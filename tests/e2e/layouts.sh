# Programs outlive upgrades of lbd: those with the library of the layout before
# go on with the lbd of the next, and whoever cannot be served is told.

# The next major, of the same source: $next_lbd and $next_shim. ($shim, $BUILD/lbd
# are the one before then.)
next_major() {
	[ "$SAN" = "" ] || skip "a sanitizer's library must come first"
	local to=${BUILD#"$PWD"/}/next
	flock "$BUILD/next.lock" make -s -j2 SAN= BUILD="$to" \
		CFLAGS="-O0 -DTABLE_TEST_MAJOR" "$to/lbd" "$to/liblbshim.so" \
		>"$dir/made" 2>&1 || {
		cat "$dir/made"
		return 1
	}
	next_lbd=$BUILD/next/lbd
	next_shim=$BUILD/next/liblbshim.so
	: >"$dir/lbd.log"
}

starts() { # LBD
	: >"$dir/lbd.log"
	spawn "$1" -c "$dir/lbd.ini" 2>>"$dir/lbd.log"
	lbd=$pid
	eventually is_ready
}

# asker LIBRARY NAME: asks every 20 ms or so, and writes down to whom it got. Not
# on the beat: two that take turns with one cursor each get the same answer for ever.
asker() {
	LBSHIM_LOG=debug LD_PRELOAD=$1 spawn python3 -u -c '
import errno, random, socket, time
while True:
    s = socket.socket()
    e = s.connect_ex(("127.96.1.1", 80))
    if e:
        print(errno.errorcode[e])
    else:
        s.sendall(b"x\n")
        print(s.recv(100).decode().strip())
    s.close()
    time.sleep(random.uniform(0.01, 0.03))' >"$dir/$2" 2>"$dir/$2.said"
	eventually grep -q . "$dir/$2"
}

last_answers_are() { # NAME ANSWERS
	[ "$(tail -n 6 "$dir/$1" | sort -u | xargs)" = "$2" ]
}

both_are_answered() {
	eventually last_answers_are old "$1"
	eventually last_answers_are new "$1"
}

never() { # WORD: was either answered
	fails grep -h "$1" "$dir/old" "$dir/new"
}

attaches() {
	grep -c ": attached" "$dir/$1.said"
}

two_backends() { # RULES...
	{
		cat <<-END
		[service web]
		address = 127.96.1.1:80
		name = web.internal
		balance = round-robin
		interval = 100ms
		backend = $lan.1:8000
		backend = $lan.2:8000
		END
		printf '%s\n' "$@"
	} | conf
}

# Programs of either layout ask: the one of the next is $new, and b2 is $two.
both_ask() { # RULES...
	next_major
	backend b1
	backend b2
	two=$pid
	two_backends "$@"
	starts "$next_lbd"
	asker "$shim" old
	asker "$next_shim" new
	new=$pid
	both_are_answered "b1 b2"
}

test_both_layouts_lead_to_the_same_at_the_same_time() {
	both_ask
	stop "$two"
	both_are_answered b1
	backend b2
	both_are_answered "b1 b2"
	"$BUILD/lbctl" drain "web/$lan.1:8000"
	both_are_answered b2
	"$BUILD/lbctl" ready "web/$lan.1:8000"
	both_are_answered "b1 b2"
	backend b3
	printf 'backend = %s.3:8000\n' "$lan" >>"$dir/lbd.ini"
	"$BUILD/lbctl" reload
	both_are_answered "b1 b2 b3"
	"$BUILD/lbctl" weight "web/$lan.3:8000" 256
	both_are_answered b3
	never E
	is "$(attaches old) $(attaches new)" "1 1"
	for library in "$shim" "$next_shim"; do
		is "$(LD_PRELOAD=$library curl -sS http://web.internal/ | cut -c1)" b
	done
}

grow() {
	for i in $(seq 3000); do
		printf '[service s%d]\naddress = 127.96.%d.%d:80\nprobe = none\n' \
			"$i" $((2 + i / 250)) $((i % 250))
		printf 'backend = %s.%d:80\n' "$lan" $((i % 250 + 4))
	done >>"$dir/lbd.ini"
}

# words <SCRIPT: with what either major is given, by offset and in words.
words() {
	cat >"$dir/words.py" <<-'END'
	import os, socket, struct, subprocess, sys
	def attach(major):
	    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
	    s.connect(os.environ["LBD_SOCKET"])
	    s.sendall(struct.pack("QIIQ", 0x3168636174746162, major, 1, 0))
	    keys, _, region = socket.recv_fds(s, 4096, 100)[1]
	    return keys, region
	def words(fd):
	    b = os.pread(fd, 1 << 30, 0)
	    return struct.unpack(f"{len(b) // 8}Q", b)
	def flags(fd):
	    return words(fd)[34]
	def backends(major):
	    w = words(attach(major)[1])
	    assert w[1] >> 32 == major
	    slot = w[5 + w[32] % 3] // 8
	    at, n = divmod(w[slot + 5], 1 << 32)
	    return [w[slot + at // 8 + 4 * i:][:4] for i in range(n)]
	def reload():
	    subprocess.run([sys.argv[1] + "/lbctl", "reload"], check=True,
	        stdout=subprocess.DEVNULL)
	def both():
	    return attach(1) + attach(2)
	END
	cat >>"$dir/words.py"
	python3 "$dir/words.py" "$BUILD"
}

test_what_health_changes_is_the_same_in_both_layouts() {
	next_major
	backend b1
	backend b2
	two=$pid
	two_backends
	starts "$next_lbd"
	down() {
		words <<-'END'
		old = backends(1)
		new = [(hi, lo, where, state) for state, where, lo, hi in backends(2)]
		assert old == new and len(old) == 2, (old, new)
		print(*(state & 1 for _, _, _, state in old))
		END
	}
	is "$(down)" "0 0"
	stop "$two"
	eventually backend_is web "$lan.2:8000" down
	is "$(down)" "0 1"
	backend b2
	eventually backend_is web "$lan.2:8000" up
	is "$(down)" "0 0"
}

# Who is asleep may come when lbd is gone.
test_what_is_taken_back_is_gone_in_both_layouts() {
	next_major
	two_backends "permit = any"
	starts "$next_lbd"
	two_backends "deny = any"
	is "$(words <<-'END'
	keys, region, new_keys, new_region = both()
	assert flags(region) == flags(new_region) == 4 # it has rules
	reload()
	for fd in region, new_region:
	    assert flags(fd) & 3 == 3, flags(fd)
	    assert not any(words(fd)[512:])
	print("gone")
	END
	)" gone
}

test_what_was_outgrown_says_so_in_both_layouts() {
	next_major
	two_backends
	starts "$next_lbd"
	grow
	is "$(words <<-'END'
	had = both()
	assert not any(map(flags, had))
	reload()
	for fd in had:
	    assert flags(fd) & 1, flags(fd)
	assert not any(map(flags, both()))
	print("said")
	END
	)" said
}

test_rules_hold_in_both_layouts() {
	both_ask "permit = any"
	two_backends "deny = any"
	"$BUILD/lbctl" reload
	both_are_answered EACCES
	two_backends
	"$BUILD/lbctl" reload
	both_are_answered "b1 b2"
	never ECONN
}

test_a_table_that_grows_moves_in_both_layouts() {
	both_ask
	grow
	"$BUILD/lbctl" reload
	eventually sh -c '[ "$(cat "$@" | grep -c ": attached")" = 4 ]' - \
		"$dir/old.said" "$dir/new.said"
	"$BUILD/lbctl" drain "web/$lan.1:8000"
	both_are_answered b2
	never E
}

# From one lbd to the next and back, under programs of either.
test_a_program_keeps_its_table_where_lbd_has_another_layout() {
	both_ask
	stop "$lbd"
	backend b3
	two_backends "backend = $lan.3:8000"
	starts "$BUILD/lbd"
	eventually last_answers_are old "b1 b2 b3"
	eventually grep -q "different layouts" "$dir/new.said"
	last_answers_are new "b1 b2"
	matches "$(cat "$dir/lbd.log")" \
		"asked for table layout 2; this is 1.* pid=$new"
	matches "$("$BUILD/lbctl" status)" \
		"^1 program with a library of another layout than lbd's: pid $new \(layout 2\)$"
	never E
	stop "$lbd"
	starts "$next_lbd"
	PATIENCE=400 both_are_answered "b1 b2 b3"
	never E
}
