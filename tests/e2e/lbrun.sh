# lbrun becomes the program it was given, with the library in front of it.

test_its_exit_is_the_programs_or_says_why_not() {
	for n in 0 1 42 125 255; do
		exits $n "$BUILD/lbrun" sh -c "exit $n"
	done
	exits 143 bash -c '"$1" sh -c "kill -TERM \$\$" || exit $?' - \
		"$BUILD/lbrun"
	printf '#!/bin/sh\n' >"$dir/script"
	exits 126 "$BUILD/lbrun" "$dir/script"
	matches "$(cat "$dir/said")" "^lbrun: .*$dir/script.*Permission denied"
	exits 126 "$BUILD/lbrun" "$dir"
	exits 127 "$BUILD/lbrun" "$dir/none"
	matches "$(cat "$dir/said")" "^lbrun: .*$dir/none.*No such file"
	exits 127 "$BUILD/lbrun" no-such-program-here
	exits 127 "$BUILD/lbrun" ""
	exits 2 "$BUILD/lbrun"
	exits 2 "$BUILD/lbrun" --
	exits 2 "$BUILD/lbrun" -s
	exits 2 "$BUILD/lbrun" -s "$LBD_SOCKET"
	exits 2 "$BUILD/lbrun" -s "" true
	exits 2 "$BUILD/lbrun" -s "/$(printf %0107d 0)" true
	matches "$(cat "$dir/said")" "1 to 107 bytes"
	exits 0 "$BUILD/lbrun" -s "/$(printf %0106d 0)" true
	exits 2 "$BUILD/lbrun" --nosuch true
}

# 125 is lbrun's own: it was the program that could not be started right.
test_without_its_library_it_starts_nothing() {
	mkdir "$dir/a blank" "$dir/alone" "$dir/gone"
	cp "$BUILD/lbrun" "$BUILD/liblbshim.so" "$dir/a blank"
	exits 125 "$dir/a blank/lbrun" echo started
	matches "$(cat "$dir/said")" "^lbrun: LD_PRELOAD cannot hold \"$dir/a blank"
	cd "$dir/gone" || exit
	rmdir "$dir/gone"
	exits 125 "$BUILD/lbrun" -s relative.sock echo started
	matches "$(cat "$dir/said")" "^lbrun: current directory: No such file"
	exits 0 "$BUILD/lbrun" -s /absolute.sock true
	cd "$dir" || exit
	exits 125 bash -c '"$1" --help >/dev/full' - "$BUILD/lbrun"
	cp "$BUILD/lbrun" "$dir/alone"
	installed=$(strings -a "$BUILD/lbrun" | grep -xE '/.*lib[^.]*' | head -1)
	[ ! -e "$installed/liblbshim.so" ] ||
		skip "the library is installed at $installed"
	exits 125 "$dir/alone/lbrun" echo started
	matches "$(cat "$dir/said")" "^lbrun: no liblbshim.so in $dir/alone or /"
	fails grep -q started "$dir/said"
}

preloaded() { # COMMAND... that runs what it is given
	"$@" sh -c 'echo "$LD_PRELOAD"' 2>/dev/null
}

test_what_is_preloaded_stays_and_it_adds_itself_once() {
	lib=$BUILD/liblbshim.so
	is "$(LD_PRELOAD='' preloaded "$BUILD/lbrun")" "$lib"
	is "$(env -u LD_PRELOAD "$BUILD/lbrun" sh -c 'echo "$LD_PRELOAD"')" "$lib"
	is "$(LD_PRELOAD=/a.so preloaded "$BUILD/lbrun")" "/a.so:$lib"
	is "$(LD_PRELOAD="/a.so /b.so" preloaded "$BUILD/lbrun")" \
		"/a.so /b.so:$lib"
	is "$(preloaded "$BUILD/lbrun" "$BUILD/lbrun" -- "$BUILD/lbrun")" "$lib"
	is "$(LD_PRELOAD="/a.so:$lib:/b.so" preloaded "$BUILD/lbrun")" \
		"/a.so:$lib:/b.so"
	is "$(LD_PRELOAD="$lib /b.so" preloaded "$BUILD/lbrun")" "$lib /b.so"
	# another copy that can be read is enough; one that is gone is not
	cp "$lib" "$dir"
	is "$(LD_PRELOAD="$dir/liblbshim.so" preloaded "$BUILD/lbrun")" \
		"$dir/liblbshim.so"
	is "$(LD_PRELOAD="$dir/none/liblbshim.so" preloaded "$BUILD/lbrun")" \
		"$dir/none/liblbshim.so:$lib"
	is "$(LD_PRELOAD="/x/not-liblbshim.so" preloaded "$BUILD/lbrun")" \
		"/x/not-liblbshim.so:$lib"
}

test_a_relative_socket_is_where_lbrun_stood() {
	b1_alone
	mkdir "$dir/elsewhere"
	cd "$dir" || exit
	for socket in lbd.sock ./lbd.sock elsewhere/../lbd.sock; do
		is "$(env -u LBD_SOCKET "$BUILD/lbrun" -s "$socket" sh -c \
			'cd / && curl -sS http://127.96.1.1/')" b1
	done
	# an outer one is overruled, LBD_SOCKET alone is left as it is
	is "$("$BUILD/lbrun" -s /nowhere "$BUILD/lbrun" -s lbd.sock \
		curl -sS http://127.96.1.1/)" b1
	is "$(LBD_SOCKET=relative "$BUILD/lbrun" sh -c 'echo $LBD_SOCKET')" relative
	is "$("$BUILD/lbrun" curl -sS http://127.96.1.1/)" b1
}

test_the_programs_options_are_its_own() {
	is "$("$BUILD/lbrun" echo --help --version -s x)" "--help --version -s x"
	is "$("$BUILD/lbrun" -s "$LBD_SOCKET" printf '%s|' -s a -- b)" "-s|a|--|b|"
	is "$("$BUILD/lbrun" -- printf '%s|' --help)" "--help|"
	matches "$("$BUILD/lbrun" curl --help)" "Usage: curl"
	is "$("$BUILD/lbrun" bash -c 'echo "$0 $# $2"' "" "a b" "")" " 2 "
	# its place in the process table, and its descriptors, are lbrun's
	is "$(exec 7</dev/null; "$BUILD/lbrun" readlink /proc/self/fd/7)" /dev/null
	spawn "$BUILD/lbrun" sleep 60
	eventually grep -qx sleep "/proc/$pid/comm"
}
