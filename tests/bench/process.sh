# process.sh: what a program pays once, and what lbd does for it. Sourced.

process_rows() {
	client=("$BUILD/starts" "$BUILD/nothing")
	direct=("$dir/empty.so") routed=("$shim")
	row 'start of a program, against an empty library' \
		times 1.05 21 ten ''
	direct=('')
	row 'start of a program, against none' times - 21 ten ''
	client=("$BUILD/first") direct=() routed=()
	row 'first internet socket: attach, 10 services' \
		us 120 101 ten "$shim"
	row "first internet socket, $Many services" \
		us 120 101 many "$shim"
	client=("$BUILD/footprint") direct=("$lan.1" 8000) routed=("$echo" 80)
	row 'private memory after 100 connects' \
		KiB 40 15 ten "$shim"
	client=("$BUILD/attaches" 4 500) direct=() routed=()
	row 'programs that open a socket, so attach' \
		share - 15 ten "$shim"
}

# attach_line: lbd's side of it.
attach_line() {
	local before after n rate
	before=$(used "${lbd_of[ten]}")
	read -r rate n < <(LBD_SOCKET=$dir/ten/lbd.sock LD_PRELOAD=$shim \
		"$BUILD/attaches" 4 2000) || return 1
	after=$(used "${lbd_of[ten]}")
	awk -v ticks=$((after - before)) -v hz="$(getconf CLK_TCK)" \
		-v rate="$(printf %.0f "$rate" | thousands)" -v n="$n" 'BEGIN {
		printf "lbd: %s attaches a second, for each %.0f us of one core\n",
			rate, ticks / hz * 1e6 / n
	}'
}

table_line() {
	awk -v many="$Many" -v ready="$(cat "$dir/many/ready")" '/^VmRSS:/ {
		printf "lbd: %s services x 100 backends: ready after %s s, %.0f MB\n",
			many, ready, $2 * 1024 / 1e6
	}' "/proc/${lbd_of[many]}/status"
}

bench_process() {
	# Another program with the library: its text is then nobody's own memory.
	spawn env LD_PRELOAD="$shim" sleep 600
	spawn "$BUILD/echo" 8000 8 "$lan.1" "$lan.2" "$lan.3"
	"${CC:-cc}" -shared -nostdlib -o "$dir/empty.so" -x c /dev/null &&
		eventually listens "$lan.3" 8000 &&
		table_ten && table_many || return 1
	heading 'What a program pays once'
	process_rows
	footing
	attach_line && table_line
}
