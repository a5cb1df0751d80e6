# getpeername() shows the virtual address that was asked for, or the true peer;
# never another connection's.


test_arguments_end_as_they_do_without_the_library() {
	[ "$SAN" != address,undefined ] || skip "a sanitizer reads bad pointers itself"
	b1_alone 'probe = none'
	"$BUILD/peer" arguments "$lan.1" 8000 | sed "s/$lan.1:8000/PEER/" \
		>"$dir/kernel"
	shimmed "$BUILD/peer" arguments 127.96.1.1 80 |
		sed 's/127.96.1.1:80/PEER/' >"$dir/shim"
	diff "$dir/kernel" "$dir/shim"
	[ "$(wc -l <"$dir/kernel")" -gt 20 ]
}

numbered() { # WAY TYPE
	shimmed "$BUILD/peer" "$1" 127.96.1.1 80 "$lan.1" 8000 "$2"
}

test_a_number_that_is_given_out_again_shows_its_own_peer() {
	local way type
	b1_alone 'probe = none'
	for way in dup dup2 dup3 fcntl scm_rights; do
		for type in tcp pending udp; do
			echo "$way $type"
			is "$(numbered $way $type)" \
				$'used: 1 127.96.1.1:80\ngiven: 1 '"$lan.1:8000"
		done
	done
}

# By a system call of the program's own: then the kernel's word decides.
test_a_number_that_nobody_saw_given_shows_whom_the_kernel_says() {
	local type
	b1_alone 'probe = none'
	backend b2
	for type in tcp pending udp; do
		echo "$type"
		is "$(shimmed "$BUILD/peer" unseen 127.96.1.1 80 "$lan.2" 8000 \
			"$type")" \
			$'used: 1 127.96.1.1:80\ngiven: 1 '"$lan.2:8000"
	done
}

test_a_child_sees_the_true_peer_of_what_it_inherited() {
	local type
	b1_alone 'probe = none'
	for type in tcp pending udp; do
		echo "$type"
		is "$(numbered fork $type)" "the parent: 127.96.1.1:80
a child: $lan.1:8000
its own: 127.96.1.1:80"
	done
}

test_the_last_connect_counts() {
	b1_alone 'probe = none'
	is "$(numbered connect tcp)" "anew: 127.96.1.1:80"
	is "$(numbered connect udp)" "anew: $lan.1:8000"
}

test_another_program_sees_the_true_peer_of_what_it_inherited() {
	b1_alone 'probe = none'
	cat >"$dir/inherit" <<-END
	import os, socket, sys
	if len(sys.argv) > 1:
	    print(socket.socket(fileno=int(sys.argv[1])).getpeername())
	    sys.exit()
	s = socket.create_connection(("127.96.1.1", 80))
	print(s.getpeername(), flush=True)
	s.set_inheritable(True)
	os.execv(sys.executable, [sys.executable, sys.argv[0], str(s.fileno())])
	END
	is "$(shimmed python3 "$dir/inherit")" \
		"('127.96.1.1', 80)"$'\n'"('$lan.1', 8000)"
}
