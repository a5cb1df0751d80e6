# For tests in which somebody at lbd's socket means no good: a file that sources
# this has an lbd with one backend, and a Python that besieges it.
descriptors() { # PID
	find "/proc/$1/fd" -type l 2>/dev/null | wc -l
}

descriptors_are() { # PID MOST
	[ "$(descriptors "$1")" -le "$2" ]
}

first_free() { # PID: the number that its next descriptor would have
	find "/proc/$1/fd" -type l -printf '%f\n' | sort -n |
		awk '$1 == n { n++ } END { print n + 0 }'
}

one_backend() {
	b1_alone
	is "$(get 127.96.1.1:80)" b1
	before=$(descriptors "$lbd") # with what lbd keeps for this user
}

# besiege: what comes in as Python runs until the test ends; it has knock(),
# a new connection to lbd, and says when it is at work. It is another user, if
# it can be.
stranger=()
[ "$(id -u)" != 0 ] ||
	stranger=(setpriv --reuid=1234 --regid=1234 --clear-groups)
besiege() {
	{
		cat <<-'END'
		import array, os, signal, socket, struct, sys, time
		MAGIC = 0x3168636174746162
		def request(magic=MAGIC, major=1, minor=0):
		    return struct.pack("QIIQ", magic, major, minor, 0)
		def knock():
		    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
		    s.connect(os.environ["LBD_SOCKET"])
		    return s
		def at_work():
		    print("at work", flush=True)
		END
		cat
	} >"$dir/siege.py"
	: >"$dir/siege.log"
	spawn "${stranger[@]}" python3 -u "$dir/siege.py" >"$dir/siege.log" 2>&1
	siege=$pid
	eventually grep -q "at work" "$dir/siege.log" || cat "$dir/siege.log"
}

is_served() {
	[ "$(get 127.96.1.1:80)" = b1 ]
}

# Others are served meanwhile, and lbd is as it was when the strangers left.
others_are_served() { # [MOST descriptors more than before]
	local i
	for i in 1 2 3; do
		eventually is_served # one may come late on a busy machine
	done
	descriptors_are "$lbd" $((before + ${1:-4200})) ||
		fail "$(descriptors "$lbd") descriptors, after $before"
	kill -0 "$siege" || fail "$(cat "$dir/siege.log")"
	"$BUILD/lbctl" status >/dev/null
	stop "$siege" KILL
	eventually descriptors_are "$lbd" $((before + 2)) # their counters
	is "$(get 127.96.1.1:80)" b1
	kill -0 "$lbd"
}
