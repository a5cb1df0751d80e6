# What the library cannot do. Each of these gets past it, on purpose: rules
# stand between honest programs and their mistakes, not before an attacker.

web() { # RULES...
	{
		printf '[service web]\naddress = 127.96.1.1:80\nbackend = %s:8000\n' \
			"$lan.1"
		printf '%s\n' "$@"
	} | conf
}

test_a_static_program_is_not_caught() {
	"$CC" -D_GNU_SOURCE -static -o "$dir/static" tests/e2e/load.c \
		2>"$dir/said" || skip "no static libc"
	"$CC" -D_GNU_SOURCE -o "$dir/dynamic" tests/e2e/load.c
	backend b1
	web
	lbd_start
	is "$(shimmed "$dir/dynamic" count=1 127.96.1.1 80 | head -1)" "b1 1"
	matches "$(shimmed "$dir/static" count=1 127.96.1.1 80)" \
		"connect: Connection refused 1"
	is "$(shimmed "$dir/static" count=1 "$lan.1" 8000 | head -1)" "b1 1"
	matches "$(shimmed readelf -lW "$dir/dynamic")" INTERP
	fails grep -q INTERP <<<"$(readelf -lW "$dir/static")"
}

test_a_raw_system_call_is_not_caught() {
	backend b1
	web
	lbd_start
	case $(uname -m) in
	x86_64) number=42 ;;
	aarch64 | riscv64) number=203 ;;
	*) skip "the number of connect is not known here" ;;
	esac
	is "$(shimmed python3 - $number <<-'END'
	import ctypes, errno, socket, struct, sys
	libc = ctypes.CDLL(None, use_errno=True)
	at = struct.pack("=H", socket.AF_INET) + struct.pack(">H", 80) + \
	    socket.inet_aton("127.96.1.1") + bytes(8)
	def word(rc):
	    return errno.errorcode[ctypes.get_errno()] if rc else "connected"
	s = socket.socket()
	print(word(libc.connect(s.fileno(), at, 16)))
	s = socket.socket()
	print(word(libc.syscall(int(sys.argv[1]), s.fileno(), at, 16)))
	END
	)" $'connected\nECONNREFUSED'
}

test_a_program_started_without_the_library_is_not_caught() {
	backend b1
	web "deny = any"
	lbd_start
	denied='exec 3<>/dev/tcp/127.96.1.1/80'
	fails shimmed bash -c "$denied" 2>"$dir/said"
	matches "$(cat "$dir/said")" "Permission denied"
	for way in "env -u LD_PRELOAD" "env -i" "env LBSHIM=off"; do
		# shellcheck disable=SC2086
		fails shimmed $way bash -c "$denied" 2>"$dir/said"
		matches "$(cat "$dir/said")" "Connection refused"
	done
}

# A rule is about the virtual address, not about the machine behind it.
test_the_backend_of_a_denied_service_can_be_reached_directly() {
	backend b1
	web "deny = any"
	lbd_start
	fails get 127.96.1.1:80 2>"$dir/said"
	is "$(shimmed curl -sS "http://$lan.1:8000/")" b1
	is "$(shimmed "$BUILD/load" count=3 "$lan.1" 8000 | head -1)" "b1 3"
	shimmed python3 -c '
import errno, socket, sys
assert socket.socket().connect_ex(("127.96.1.1", 80)) == errno.EACCES
assert socket.socket().connect_ex((sys.argv[1], 8000)) == 0' "$lan.1"
}

# The right of a program is everybody's who may start it.
test_a_permitted_program_serves_whoever_runs_it() {
	backend b1
	web "permit = exe $(readlink -f "$BUILD/load")"
	lbd_start
	fails shimmed bash -c 'exec 3<>/dev/tcp/127.96.1.1/80' 2>"$dir/said"
	matches "$(cat "$dir/said")" "Permission denied"
	is "$(shimmed bash -c '"$1" count=1 127.96.1.1 80' - "$BUILD/load" |
		head -1)" "b1 1"
}

test_a_new_denial_does_not_close_what_is_open() {
	backend b1
	web "permit = any"
	lbd_start
	coproc program {
		LD_PRELOAD=$preload exec python3 -u -c '
import errno, socket, sys
old = socket.socket()
old.connect(("127.96.1.1", 80))
print("open")
for line in sys.stdin:
    print(errno.errorcode.get(socket.socket().connect_ex(("127.96.1.1", 80)), "open"))
    if line == "end\n":
        break
old.sendall(b"x\n")
print(old.recv(99).decode().strip())'
	}
	started+=("$program_PID")
	exec 8>&"${program[1]}" 9<&"${program[0]}"
	answer=
	read -r -t 10 answer <&9
	is "$answer" open
	web "deny = any"
	"$BUILD/lbctl" reload >/dev/null
	for _ in $(seq 100); do
		echo >&8
		read -r -t 10 answer <&9
		[ "$answer" = open ] || break
		sleep 0.05
	done
	is "$answer" EACCES
	echo end >&8
	read -r -t 10 answer <&9
	is "$answer" EACCES
	read -r -t 10 answer <&9
	is "$answer" b1
}
