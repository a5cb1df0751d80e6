#!/bin/bash
# run.sh: what the shim costs, beside the same program without it, as a table;
# also in $BUILD/bench.txt. The two run in turn, a fresh process each, so that
# what else the machine does falls on both. Figures over budget are said and
# no failure; the exit status is 1 only where something could not be measured.
#
# Virtual addresses are in 127.96.0.0/16, everything else is loopback too.
set -uo pipefail
# shellcheck source=/dev/null
. "$(dirname "$0")/procs.sh"

# 100 backends of each service, from $far on, and two that really listen:
# echo answers, mute is cost's own.
vip=127.96.1.0 far=127.100.0.0 echo=127.96.0.1 mute=127.96.0.2
lan=127.99.$(($$ % 250 + 1))
export SERVERS="$lan.1 $lan.2" # cost listens there

# A machine that has not that much to spare gets a tenth, and the table says so.
many=10000
free=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)
[ "${free:-0}" -gt 1500000 ] || many=1000

# lbd stays on the first core, what is measured, where it matters, on the last.
cores=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status)
core=${cores%%[-,]*} last=${cores##*[-,]}

# services COUNT: each with an address and 100 backends of its own.
services() {
	awk -v count="$1" 'function ip(n) {
		return 127 "." int(n / 65536) % 256 "." int(n / 256) % 256 "." n % 256
	}
	BEGIN {
		for (i = 0; i < count; i++) {
			printf "[service s%d]\naddress = %s:80\n", i, ip(96 * 65536 + 256 + i)
			for (j = 0; j < 100; j++)
				printf "backend = %s:8000\n", ip(100 * 65536 + i * 100 + j)
		}
	}'
}

two() { # NAME ADDRESS PORT
	printf '[service %s]\naddress = %s:80\n' "$1" "$2"
	printf "backend = %s:$3\n" "$lan.1" "$lan.2"
}

# table NAME: an lbd with the services on standard input; its pid in $pid, and
# the seconds until it was ready in $ready.
table() {
	local began=$EPOCHREALTIME
	mkdir "$dir/$1"
	{
		printf '[lbd]\nsocket = %s/lbd.sock\nadmin = %s/admin.sock\n' \
			"$dir/$1" "$dir/$1"
		printf '[defaults]\nprobe = none\n'
		cat
	} >"$dir/$1/lbd.ini"
	spawn taskset -c "$core" "$BUILD/lbd" -c "$dir/$1/lbd.ini" 2>"$dir/$1/log"
	eventually grep -q event=ready "$dir/$1/log" || return 1
	ready=$(awk -v from="$began" -v to="$EPOCHREALTIME" 'BEGIN {
		printf "%.1f", to - from
	}')
}

# once OUTPUT COMMAND...: its one figure to the end of OUTPUT.
once() {
	timeout 20 "${@:2}" >>"$1" 2>"$dir/why"
}

# pairs ROUNDS TABLE PRELOAD: runs "${client[@]}" with "${direct[@]}" as it is,
# and with "${routed[@]}" under the shim, in turn.
pairs() {
	: >"$dir/direct"
	: >"$dir/routed"
	: >"$dir/why"
	for _ in $(seq "$1"); do
		once "$dir/direct" "${client[@]}" "${direct[@]}" &&
			once "$dir/routed" env LBD_SOCKET="$dir/$2/lbd.sock" \
				${3:+LD_PRELOAD="$3"} \
				"${client[@]}" "${routed[@]}" || return 1
	done
}

line() {
	printf '%-53s %9s %9s  %-29s %-11s %s\n' "$@"
}

# verdict UNIT BUDGET QUARTILES... ROUNDS: with a ? if the budget is nearer to
# the median than that is certain: 1.57 x interquartile range / sqrt(rounds).
verdict() {
	awk -v unit="$1" -v budget="$2" -v q1="$3" -v m="$4" -v q3="$5" -v n="$6" '
	BEGIN {
		if (budget == "-")
			exit
		off = m - budget
		printf unit == "share" ? (off < 0 ? "over" : "ok") : \
			(off > 0 ? "over" : "ok")
		if ((off < 0 ? -off : off) < 1.57 * (q3 - q1) / sqrt(n))
			printf "?"
	}'
}

# report WHAT UNIT BUDGET [GOAL]: a line about the pairs. UNIT ns, us, KiB:
# what is added; times: the ratio, more is worse; share: more is better.
report() {
	local q1 q2 q3 d r format='%+.1f' sign=+ unit=" $2" verdict
	read -r q1 q2 q3 < <(paste "$dir/direct" "$dir/routed" |
		awk -v unit="$2" '{
			print unit == "times" || unit == "share" ? $2 / $1 : $2 - $1
		}' | quartiles)
	read -r _ d _ < <(quartiles <"$dir/direct")
	read -r _ r _ < <(quartiles <"$dir/routed")
	case $2 in
	times | share) format='%.3f' sign='' unit='' ;;
	esac
	verdict=$(verdict "$2" "$3" "$q1" "$q2" "$q3" "$(wc -l <"$dir/direct")")
	[ "$3" = - ] && sign='' && unit=''
	# shellcheck disable=SC2059
	line "$1" "$(printf %.5g "$d")" "$(printf %.5g "$r")" \
		"$(printf "$format ($format .. $format)" "$q2" "$q1" "$q3")" \
		"$sign$3$unit" "$verdict${4:+ (goal $4)}"
}

# row WHAT UNIT BUDGET GOAL ROUNDS TABLE PRELOAD
row() {
	if pairs "$5" "$6" "$7"; then
		report "$1" "$2" "$3" "$4"
	else
		: >"$dir/missing"
		line "$1" '' '' "not measured: $(tail -1 "$dir/why")" '' ''
	fi
}

heading() {
	machine
	echo
	line '' direct 'with shim' 'cost: median (quartiles)' budget verdict
}

connect_rows() {
	client=("$BUILD/cost" udp)
	direct=(127.0.0.1 9 9) routed=(127.0.0.1 9 9)
	row 'connect() to an address that is not virtual, ns' \
		ns 10 +5 21 ten "$shim"
	direct=("$far" 8000 8000 100) routed=("$vip" 80 8000)
	row 'connect() to a virtual one of 1 x 100 backends, ns' \
		ns 100 +50 21 one "$shim"
	row "the same, of $many x 100 backends, ns" \
		ns 100 +50 21 many "$shim"
	direct=("$far" 8000 8000 "$many" 100) routed=("$vip" 80 8000 "$many")
	row "each connect() to another of the $many, ns" \
		ns 600 '' 21 many "$shim"
	client=("$BUILD/cost" tcp)
	direct=("$lan.1" 8001 8001 2) routed=("$mute" 80 8001)
	row 'non-blocking connect(), TCP, ns' ns 350 '' 21 ten "$shim"
}

# With nothing under way; a connection that stands was made before.
wait_rows() {
	local call budget
	direct=("$lan.1" 8000) routed=("$echo" 80)
	for call in poll:3 select:3 epoll_wait:15 epoll_ctl:5; do
		budget=${call#*:} call=${call%:*}
		client=("$BUILD/waits" "$call" 1)
		row "$call(), nothing under way, ns" ns "$budget" '' 21 ten "$shim"
	done
	client=("$BUILD/waits" epoll_wait 100000)
	row 'epoll_wait() among 100,000 idle registrations, ns' \
		ns 15 '' 11 ten "$shim"
}

# Client and server on one core: a core that must be woken up first takes more
# time than everything else, and never the same.
exchange_rows() {
	client=("$BUILD/trips" 1 200 "$last")
	direct=("$lan.1" 8000 2) routed=("$echo" 80)
	taskset -apc "$last" "$server" >/dev/null
	row 'connect + 64 B there and back + close, per second' \
		share 0.99 '' 61 ten "$shim"
	taskset -apc "$cores" "$server" >/dev/null
	client=("$BUILD/trips" 8 500 -1)
	row 'the same from 8 threads, on all cores, per second' \
		share - '' 15 ten "$shim"
}

process_rows() {
	client=("$BUILD/starts" "$BUILD/nothing")
	direct=("$dir/empty.so") routed=("$shim")
	row 'a program from fork to exit, empty library | shim, us' \
		times 1.05 '' 21 ten ''
	client=("$BUILD/first") direct=() routed=()
	row 'first socket(): the attach, 10 services, us' \
		us 120 '' 101 ten "$shim"
	row "first socket(): the attach, $many services, us" \
		us 120 '' 101 many "$shim"
	client=("$BUILD/footprint") direct=("$lan.1" 8000) routed=("$echo" 80)
	row 'private memory after 100 connects, KiB' \
		KiB 40 '' 15 ten "$shim"
}

prepare() {
	# Another program with the shim: its text is then nobody's own memory.
	spawn env LD_PRELOAD="$shim" sleep 600
	"${CC:-cc}" -shared -nostdlib -o "$dir/empty.so" -x c /dev/null &&
		spawn "$BUILD/echo" 8000 8 "$lan.1" "$lan.2" &&
		server=$pid &&
		eventually listens "$lan.2" 8000 &&
		table one < <(services 1) &&
		table ten < <(services 8; two echo "$echo" 8000; two mute "$mute" 8001) &&
		table many < <(services "$many") &&
		many_lbd=$pid
}

footer() {
	echo
	echo '? = too close to the budget for the spread of this run'
	echo "$many x 100 backends: lbd ready after $ready s with" \
		"$(sed -n 's/^VmRSS:[[:space:]]*//p' "/proc/$many_lbd/status")"
}

if ! prepare; then
	echo 'bench: nothing measured: lbd or a server did not start' >&2
	tail -n 3 "$dir"/*/log >&2
	exit 1
fi
{
	heading
	connect_rows
	wait_rows
	exchange_rows
	process_rows
	footer
} | tee "$BUILD/bench.txt"
[ ! -e "$dir/missing" ]

