# process.sh: what a program pays once, and what lbd does for it. Sourced.

process_rows() {
	client=("$BUILD/starts" "$BUILD/nothing")
	direct=("$dir/empty.so") routed=("$shim")
	row 'a program, against an empty library; us' \
		times 1.05 '' 21 ten ''
	direct=('')
	row 'a program, against none at all; us' times - '' 21 ten ''
	client=("$BUILD/first") direct=() routed=()
	row 'first socket(): attach, 10 services; us' \
		us 120 '' 101 ten "$shim"
	row "first socket(): attach, $Many services; us" \
		us 120 '' 101 many "$shim"
	client=("$BUILD/footprint") direct=("$lan.1" 8000) routed=("$echo" 80)
	row 'private memory after 100 connects; KiB' \
		KiB 40 '' 15 ten "$shim"
	client=("$BUILD/attaches" 4 500) direct=() routed=()
	row 'programs with a socket, forked by 4; a second' \
		share - '' 15 ten "$shim"
}

# attach_line: lbd's side of it.
attach_line() {
	local before after n rate
	before=$(used "${lbd_of[ten]}")
	read -r rate n < <(LBD_SOCKET=$dir/ten/lbd.sock LD_PRELOAD=$shim \
		"$BUILD/attaches" 4 2000) || return 1
	after=$(used "${lbd_of[ten]}")
	awk -v ticks=$((after - before)) -v hz="$(getconf CLK_TCK)" \
		-v rate="$rate" -v n="$n" 'BEGIN {
		printf "lbd: %d attaches a second, %.0f us of its processor time each\n",
			rate, ticks / hz * 1e6 / n
	}'
}

table_line() {
	echo "lbd: $Many x 100 backends: ready after $(cat "$dir/many/ready") s with" \
		"$(sed -n 's/^VmRSS:[[:space:]]*//p' "/proc/${lbd_of[many]}/status")"
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
