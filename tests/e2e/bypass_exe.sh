# What a rule with exe is worth against people: whoever may run the program that
# is permitted gets what it gets, way by way; other programs of theirs do not.
. tests/e2e/rules.sh
maynot=1235

# permitted_alone PROGRAM: a copy of it is the program, at $dir/permitted.
permitted_alone() {
	root_only
	cp "$(readlink -f "$(type -P "$1")")" "$dir/permitted"
	cp "$BUILD/bypass" "$dir/bypass"
	backend b1
	conf <<-END
	[service payroll]
	address = 127.96.1.1:80
	permit = exe $dir/permitted
	backend = $lan.1:8000
	END
	lbd_start
	is "$(LD_PRELOAD=$preload as $maynot "$dir/bypass" call 127.96.1.1 80)" EACCES
}

test_arguments_have_the_program_do_what_they_want() {
	permitted_alone bash
	# shellcheck disable=SC2016
	is "$(LD_PRELOAD=$preload as $maynot "$dir/permitted" -c '
		exec 3<>/dev/tcp/127.96.1.1/80
		echo x >&3
		read -r answer <&3
		echo "$answer"')" b1
}

test_a_library_has_the_rights_of_the_program_it_is_loaded_into() {
	permitted_alone true
	"$CC" -D_GNU_SOURCE -shared -fPIC -O1 -o "$dir/parasite.so" \
		tests/e2e/preload/parasite.c
	ask() { # PROGRAM
		as $maynot env LD_PRELOAD="$preload $dir/parasite.so" \
			PARASITE=127.96.1.1 "$1"
	}
	is "$(ask "$dir/permitted")" b1
	is "$(ask "$(type -P true)")" EACCES
}

test_a_debugger_has_the_connections_of_the_program() {
	permitted_alone bash
	LD_PRELOAD=$preload as $maynot python3 -c '
import ctypes, errno, os, socket, subprocess, sys
s = socket.socket()
assert s.connect_ex(("127.96.1.1", 80)) == errno.EACCES
program = subprocess.Popen([sys.argv[1], "-c",
    "exec 3<>/dev/tcp/127.96.1.1/80; echo; read -r"],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE)
program.stdout.readline()
SYS_pidfd_getfd = 438 # asks for the rights of a debugger
libc = ctypes.CDLL(None, use_errno=True)
fd = libc.syscall(SYS_pidfd_getfd, os.pidfd_open(program.pid), 3, 0)
assert fd >= 0, os.strerror(ctypes.get_errno())
s = socket.socket(fileno=fd)
s.sendall(b"x\n")
print(s.recv(9).decode().strip())
program.communicate()' "$dir/permitted" >"$dir/said"
	is "$(cat "$dir/said")" b1
}

test_any_program_can_be_at_that_path_in_a_mount_namespace() {
	permitted_alone true
	as $maynot unshare -U -r -m true 2>/dev/null ||
		skip "users have no mount namespaces here"
	is "$(LD_PRELOAD=$preload as $maynot unshare -U -r -m bash -ec '
		mount --bind "$0/bypass" "$0/permitted"
		"$0/permitted" call 127.96.1.1 80' "$dir")" b1
}
