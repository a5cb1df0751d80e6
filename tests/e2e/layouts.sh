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

# asker LIBRARY NAME: asks every 20 ms, and writes down to whom it got.
asker() {
	LBSHIM_LOG=debug LD_PRELOAD=$1 spawn python3 -u -c '
import errno, socket, time
while True:
    s = socket.socket()
    e = s.connect_ex(("127.96.1.1", 80))
    if e:
        print(errno.errorcode[e])
    else:
        s.sendall(b"x\n")
        print(s.recv(100).decode().strip())
    s.close()
    time.sleep(0.02)' >"$dir/$2" 2>"$dir/$2.said"
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

test_both_layouts_lead_to_the_same_at_the_same_time() {
	next_major
	backend b1
	backend b2
	two=$pid
	two_backends
	starts "$next_lbd"
	asker "$shim" old
	asker "$next_shim" new
	both_are_answered "b1 b2"
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
	never E
	is "$(attaches old) $(attaches new)" "1 1"
	for library in "$shim" "$next_shim"; do
		is "$(LD_PRELOAD=$library curl -sS http://web.internal/ | cut -c1)" b
	done
}

test_rules_hold_in_both_layouts() {
	next_major
	backend b1
	backend b2
	two_backends "permit = any"
	starts "$next_lbd"
	asker "$shim" old
	asker "$next_shim" new
	both_are_answered "b1 b2"
	two_backends "deny = any"
	"$BUILD/lbctl" reload
	both_are_answered EACCES
	two_backends
	"$BUILD/lbctl" reload
	both_are_answered "b1 b2"
	never ECONN
}

test_a_table_that_grows_moves_in_both_layouts() {
	next_major
	backend b1
	backend b2
	two_backends
	starts "$next_lbd"
	asker "$shim" old
	asker "$next_shim" new
	both_are_answered "b1 b2"
	for i in $(seq 3000); do
		printf '[service s%d]\naddress = 127.96.%d.%d:80\nprobe = none\n' \
			"$i" $((2 + i / 250)) $((i % 250))
		printf 'backend = %s.%d:80\n' "$lan" $((i % 250 + 4))
	done >>"$dir/lbd.ini"
	"$BUILD/lbctl" reload
	eventually sh -c '[ "$(cat "$@" | grep -c ": attached")" = 4 ]' - \
		"$dir/old.said" "$dir/new.said"
	"$BUILD/lbctl" drain "web/$lan.1:8000"
	both_are_answered b2
	never E
}

# From one lbd to the next and back, under programs of either.
test_a_program_keeps_its_table_where_lbd_has_another_layout() {
	next_major
	backend b1
	backend b2
	two_backends
	starts "$next_lbd"
	asker "$shim" old
	asker "$next_shim" new
	new=$pid
	both_are_answered "b1 b2"
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
