# calls.sh: what the library adds to single calls, to those that it is there for
# and to those that it only passes on. Sourced.

connect_rows() {
	client=("$BUILD/cost" udp)
	direct=(127.0.0.1 9 9) routed=(127.0.0.1 9 9)
	row 'connect() to an address that is not virtual' \
		ns 10 21 ten "$shim"
	direct=("$far" 8000 8000 100) routed=("$vip" 80 8000)
	row 'connect() to a virtual one, 1 service x 100' \
		ns 100 21 one "$shim"
	row "the same, $Many services x 100 backends" \
		ns 100 21 many "$shim"
	direct=("$far" 8000 8000 "$many" 100) routed=("$vip" 80 8000 "$many")
	row "each connect() to another of the $Many" \
		ns 600 21 many "$shim"
	client=("$BUILD/cost" pending)
	direct=("$lan.1" 8001 8001 2) routed=("$mute" 80 8001)
	row 'non-blocking TCP connect() to a virtual one' ns 350 21 ten "$shim"
}

# With nothing under way; a connection that stands was made before.
wait_rows() {
	local call budget
	direct=("$lan.1" 8000) routed=("$echo" 80)
	for call in poll:3 select:3 epoll_wait:15 epoll_ctl:5; do
		budget=${call#*:} call=${call%:*}
		client=("$BUILD/waits" "$call" 1)
		row "$call(), nothing under way" ns "$budget" 15 ten "$shim"
	done
	client=("$BUILD/waits" epoll_wait 100000)
	row 'epoll_wait(), 100,000 idle registrations' \
		ns 15 11 ten "$shim"
}

# Client and server on one core: a core that must be woken up first takes more
# time than everything else, and never the same.
exchange_rows() {
	client=("$BUILD/trips" once 1 200 "$last")
	direct=("$lan.1" 8000 3) routed=("$echo" 80)
	taskset -apc "$last" "$server" >/dev/null
	row 'connect, 64 bytes there and back, close' \
		share 0.99 61 ten "$shim"
	client=("$BUILD/trips" kept 1 200 "$last")
	row '64 bytes there and back, one connection' \
		share 1 21 ten "$shim"
	taskset -apc "$cores" "$server" >/dev/null
	client=("$BUILD/trips" once 8 500 -1)
	row 'connect ... close, 8 threads on all cores' \
		share - 15 ten "$shim"
}

bench_calls() {
	export SERVERS="$lan.1:8001 $lan.2:8001" # cost listens there
	spawn "$BUILD/echo" 8000 8 "$lan.1" "$lan.2" "$lan.3"
	server=$pid
	eventually listens "$lan.3" 8000 &&
		table_one && table_ten && table_many || return 1
	heading 'What is added to calls'
	connect_rows
	wait_rows
	exchange_rows
	footing
	unset SERVERS
}
