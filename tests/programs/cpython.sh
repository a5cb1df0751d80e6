# CPython's own tests of sockets, selectors and asyncio, as Debian ships them,
# end with the library as they do without: test by test, be it ok, a failure or
# a skip. They ask the kernel a thousand odd questions that nobody here would
# think of.

modules=(test_socket test_selectors test_asyncio)

# Begins to connect and then waits in accept() for the other end, in the same
# thread: if the first backend is dead, nobody sends the connection on.
waits_for_itself='*.test_sock_client_racing'

# questions NAME ARGS...: runs them; how each ended comes to $dir/NAME.xml.
questions() {
	local name=$1
	shift
	mkdir -p "$dir/$name"
	(cd "$dir/$name" && exec timeout 300 env TMPDIR="$dir/$name" \
		/usr/bin/python3 -m test --tempdir "$dir/$name" --timeout 240 \
		--junit-xml "$dir/$name.xml" -i '*VSOCK*' "$@") \
		>"$dir/$name.out" 2>&1 || true
	[ -s "$dir/$name.xml" ] || fail "no results: $(tail -20 "$dir/$name.out")"
}

differences() { # PLAIN OTHER
	python3 tests/programs/cpython_results.py alike "$dir/$1.xml" \
		"$dir/$2.xml"
}

# Some of these tests look at the clock: those that differ are asked again, by
# themselves, and count if they differ once more.
asked_again() { # NAME
	local modules
	cut -d' ' -f1 "$dir/$1.differs" >"$dir/$1.again"
	mapfile -t modules < <(cut -d. -f2 "$dir/$1.again" | sort -u)
	questions "$1-plain" --matchfile "$dir/$1.again" "${modules[@]}"
	LD_PRELOAD=$preload questions "$1-again" \
		--matchfile "$dir/$1.again" "${modules[@]}"
	differences "$1-plain" "$1-again"
}

# as_plain NAME: whether that run ended as the one without the library did.
as_plain() {
	local count
	differences plain "$1" | grep -v "${waits_for_itself#\*}.* missing$" \
		>"$dir/$1.differs" || true
	count=$(wc -l <"$dir/$1.differs")
	[ "$count" != 0 ] || return 0
	head -40 "$dir/$1.differs" | sed "s/^/$1: /"
	[ "$count" -le 40 ] || fail "$1: $count tests ended otherwise"
	asked_again "$1" >"$dir/$1.differs"
	[ -s "$dir/$1.differs" ] || return 0
	sed "s/^/$1, asked again: /" "$dir/$1.differs"
	return 1
}

used() { # SERVICE FIGURE: attempts through it, or failovers
	"$BUILD/lbctl" status "$1" --json | python3 -c 'import json, sys
print(json.load(sys.stdin)[sys.argv[1]])' "$2"
}

# Services that are where they were: every connect() on this host is balanced.
# Those of TCP may have a dead backend before; what UDP sends there is lost.
services_everywhere() { # BACKEND-OF-IPV4...
	printf '[defaults]\nprobe = none\nbalance = first\n'
	printf 'eject-after = 1000\n'
	printf '[service udp]\nprotocol = udp\n'
	printf 'address = 127.0.0.1:*\nbackend = 127.0.0.1:*\n'
	printf '[service everywhere]\naddress = 127.0.0.1:*\n'
	printf 'backend = %s:*\n' "$@"
	if grep -qs ' lo$' /proc/net/if_inet6; then
		printf 'address = [::1]:*\nbackend = [::1]:*\n'
	fi
}

# lbd_for NAME: an lbd for that run alone, with what standard input says.
lbd_for() {
	LBD_SOCKET=$dir/$1/lbd.sock LBD_ADMIN=$dir/$1/admin.sock
	mkdir -p "$dir/$1"
	conf
	lbd_start
}

test_each_ends_as_without_the_library() {
	local run runs=() bad=0 count
	questions plain -j2 "${modules[@]}" &
	runs+=($!)

	lbd_for attached <<-END
	[service web]
	address = 127.96.1.1:80
	backend = $lan.1:8000
	END
	matches "$(LBSHIM_LOG=debug shimmed python3 -c \
		'import socket; socket.socket()' 2>&1)" "attached .*: 1 service"
	LD_PRELOAD=$preload questions attached -j2 "${modules[@]}" &
	runs+=($!)
	for run in "${runs[@]}"; do wait "$run"; done
	runs=()

	for run in identity dead-first; do
		lbd_for $run < <(
			if [ $run = identity ]; then
				services_everywhere 127.0.0.1
			else
				services_everywhere 127.0.0.250 127.0.0.1
			fi
		)
		LD_PRELOAD=$preload questions $run -j2 \
			-i "$([ $run = identity ] || echo "$waits_for_itself")" \
			"${modules[@]}" &
		runs+=($!)
	done
	for run in "${runs[@]}"; do wait "$run"; done

	count=$(python3 tests/programs/cpython_results.py count "$dir/plain.xml")
	[ "$count" -gt 3000 ]
	for run in attached identity dead-first; do
		LBD_SOCKET=$dir/$run/lbd.sock LBD_ADMIN=$dir/$run/admin.sock
		[ $run = attached ] || [ "$(used everywhere attempts)" -gt 100 ]
		[ $run != dead-first ] ||
			[ "$(used everywhere failovers)" -gt 100 ]
		as_plain $run || bad=1
	done
	[ $bad = 0 ]
	echo "$count tests end as without the library"
}
