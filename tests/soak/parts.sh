# parts.sh: what the soak is made of: servers, lbd, clients, mischief. Sourced by
# run.sh, whose variables these are.

web=127.96.1.1 shut=127.96.1.2 none=127.96.1.3 # by the names of the services

cleanup() {
	local pid
	trap - EXIT
	exec 2>/dev/null # the shell tells of whom it has killed
	for pid in "${started[@]}"; do
		kill -CONT "$pid" 2>/dev/null
		kill -KILL "$pid" 2>/dev/null
	done
	wait 2>/dev/null
	rm -rf "$dir"
}

spawn() {
	"$@" &
	pid=$!
	started+=("$pid")
}

eventually() {
	for _ in $(seq 400); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.05
	done
	echo "never came true: $*" >&2
	exit 1
}

complain() {
	bad[${#bad[@]}]=$*
}

did() {
	done[$1]=$((${done[$1]:-0} + 1))
}

ctl() {
	"$BUILD/lbctl" "$@" >>"$dir/lbctl.log" 2>&1
}

listens() {
	(exec 3<>"/dev/tcp/$1/$2") 2>/dev/null
}

# --- servers

serve() { # NUMBER
	spawn "$BUILD/served" "$lan.$1" 8000 "b$1" 2000 4 >>"$dir/served"
	server[$1]=$pid
	eventually listens "$lan.$1" 8000
}

any_but_the_first() {
	n=${backends[RANDOM % (${#backends[@]} - 1) + 1]}
}

end_server() { # NUMBER: without a good-bye
	kill -KILL "${server[$1]}"
	wait "${server[$1]}" 2>/dev/null
	unset "server[$1]"
}

do_kill() {
	any_but_the_first
	[ -n "${server[$n]:-}" ] || return 0
	end_server "$n"
	did killed
}

do_restart() {
	any_but_the_first
	[ -z "${server[$n]:-}" ] || return 0
	serve "$n"
	did restarted
}

do_pause() {
	any_but_the_first
	[ -n "${server[$n]:-}" ] || return 0
	kill -STOP "${server[$n]}"
	sleep "$((RANDOM % 2)).$((RANDOM % 9 + 1))"
	kill -CONT "${server[$n]}"
	did stopped
}

# --- what an operator does

do_drain() {
	any_but_the_first
	ctl drain "web/b$n" && did drained
}

do_ready() {
	any_but_the_first
	ctl ready "web/b$n"
}

# Nobody is cut off: it is killed once it has no connections left.
do_drained() {
	any_but_the_first
	[ -n "${server[$n]:-}" ] || return 0
	ctl drain "web/b$n" || return 0
	if ctl wait-drained "web/b$n" --timeout 3s; then
		end_server "$n"
		serve "$n"
		did emptied
	fi
	ctl ready "web/b$n"
}

do_weight() {
	any_but_the_first
	ctl weight "web/b$n" $((RANDOM % 256 + 1)) && did weighted
}

write_conf() {
	local balance=(p2c round-robin least-conn random maglev) n
	{
		printf '[lbd]\nsocket = %s\nadmin = %s\n' \
			"$LBD_SOCKET" "$LBD_ADMIN"
		printf '[defaults]\ninterval = 200ms\nrise = 1\nfall = 2\n'
		printf '[service shut]\naddress = %s:80\ndeny = any\n' "$shut"
		printf 'backend = %s:8000\n' "$lan.1"
		printf '[service none]\naddress = %s:80\n' "$none"
		printf '[service web]\naddress = %s:80\nretries = 6\n' "$web"
		echo "balance = ${balance[RANDOM % ${#balance[@]}]}"
		for n in "${backends[@]}"; do
			[ "$n" = 1 ] || [ $((RANDOM % 5)) != 0 ] || continue
			echo "backend = $lan.$n:8000 name=b$n weight=$((RANDOM % 9 + 1))"
		done
	} >"$dir/next.ini"
	mv "$dir/next.ini" "$dir/lbd.ini"
}

do_reload() {
	write_conf
	ctl reload || complain "a reload failed: $(tail -1 "$dir/lbctl.log")"
	did reloaded
}

# --- lbd

is_ready() {
	tail -n +"$log_from" "$dir/lbd.log" | grep -q event=ready
}

start_lbd() {
	touch "$dir/lbd.log"
	log_from=$(($(wc -l <"$dir/lbd.log") + 1))
	spawn "$BUILD/lbd" -c "$dir/lbd.ini" 2>>"$dir/lbd.log"
	lbd=$pid
	eventually is_ready
}

replace_lbd() { # SIGNAL
	kill "-$1" "$lbd"
	wait "$lbd" 2>/dev/null
	sleep "$((RANDOM % 2)).$((RANDOM % 9 + 1))"
	start_lbd
	did lbd_replaced
}

do_end_lbd() {
	replace_lbd TERM
}

do_kill_lbd() {
	replace_lbd KILL
}

descriptors() {
	ls "/proc/$lbd/fd" | wc -l
}

memory_kib() {
	sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$lbd/status"
}

measure_lbd() {
	fds=$(descriptors) kib=$(memory_kib)
}

# --- clients

# client HALF NAME KIND WORKERS RATE ADDRESS
client() {
	LD_PRELOAD=$BUILD/liblbshim.so spawn "$BUILD/numbered" "$3" "$4" "$5" \
		1000000000 "$6" 80 >"$dir/$1.$2"
	clients+=("$pid")
}

start_clients() { # HALF
	: >"$dir/$1.programs"
	client "$1" threads threads 6 200 $web
	client "$1" processes processes 4 50 $web
	client "$1" polling polling 16 100 $web
	client "$1" denied threads 1 10 $shut
	client "$1" without polling 4 10 $none
}

# A program that starts now, and ends soon.
do_program() {
	LD_PRELOAD=$BUILD/liblbshim.so "$BUILD/numbered" threads 2 200 20 \
		$web 80 >>"$dir/$half.programs"
	did programs
}

stop_clients() {
	local pid
	for pid in "${server[@]}"; do kill -CONT "$pid"; done
	kill "${clients[@]}"
	for pid in "${clients[@]}"; do
		wait "$pid" || complain "a client ended with status $?"
	done
	clients=()
}
