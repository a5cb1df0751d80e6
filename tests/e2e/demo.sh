# The demo is the first thing a new user types: it works, for everybody, and
# leaves nothing behind.

# What it starts carries this in its environment.
mark=LBD_TEST_DEMO=$$-$test

left_processes() {
	grep -lszxF "$mark" /proc/[0-9]*/environ
}

nothing_is_left() {
	! left_processes && [ -z "$(ls -A "$dir/tmp")" ]
}

# demo COMMAND...: the command, which runs tests/demo.sh in the end.
demo() {
	env -u LBD_SOCKET -u LBD_ADMIN "$mark" TMPDIR="$dir/tmp" "$@"
}

prepare() {
	[ "$SAN" = "" ] || skip "the demo is for a build without sanitizers"
	mkdir "$dir/tmp"
	chmod 1777 "$dir/tmp"
}

test_it_works() {
	prepare
	demo tests/demo.sh >"$dir/out" || fail "$(tail -20 "$dir/out")"
	matches "$(cat "$dir/out")" '^3,000 connects, 0 failed\.$'
	matches "$(tail -4 "$dir/out")" '^[0-9]+\. That was it'
	nothing_is_left
}

test_it_works_without_root() {
	prepare
	[ "$(id -u)" = 0 ] || skip "not root: the other test has just done that"
	nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	"${nobody[@]}" test -x tests/demo.sh -a -r "$BUILD/liblbshim.so" ||
		skip "nobody may not read $BUILD"
	demo "${nobody[@]}" env HOME=/nonexistent tests/demo.sh >"$dir/out" ||
		fail "$(tail -20 "$dir/out")"
	matches "$(tail -4 "$dir/out")" '^[0-9]+\. That was it'
	nothing_is_left
}

# A background job of bash is born deaf to SIGINT.
test_it_can_be_interrupted() {
	prepare
	for at in INT:130 TERM:143 HUP:129; do
		spawn env -u LBD_SOCKET -u LBD_ADMIN --default-signal=INT \
			"$mark" TMPDIR="$dir/tmp" tests/demo.sh >"$dir/out"
		eventually grep -q '^4\. ' "$dir/out"
		status=0
		kill "-${at%:*}" "$pid"
		wait "$pid" || status=$?
		is "$status" "${at#*:}"
		nothing_is_left
	done
}

test_a_reader_that_goes_away_ends_it() {
	prepare
	demo tests/demo.sh 2>/dev/null | head -3 >"$dir/out" || true
	eventually nothing_is_left
}

test_what_does_not_show_is_a_failure() {
	prepare
	mkdir "$dir/build"
	ln -s "$BUILD"/* "$dir/build/"
	rm "$dir/build/liblbshim.so"
	echo "not a library" >"$dir/build/liblbshim.so"
	if BUILD=$dir/build demo tests/demo.sh >"$dir/out"; then
		fail "ended with 0"
	fi
	matches "$(cat "$dir/out")" '^This went another way than it should: '
	nothing_is_left
}
