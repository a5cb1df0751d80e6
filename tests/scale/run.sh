#!/bin/bash
# run.sh [SERVICES [BACKENDS [ROUNDS [LISTS]]]]: lbd with a file of that size,
# 10,000 x 100 under 200 rules where nothing is said: started, with half of it
# and with all, then reloaded, unchanged and edited in turn, while clients of all
# services connect, others attach, and some backends are probed often; then what
# a connect() costs, and how soon it hears of a backend that is gone. Prints a table, also in $BUILD/scale.txt. A figure over its
# budget is said and no failure; the exit status is 1 where a connect() failed
# or went to a backend of another service, or something could not be measured.
#
# All of it is in a network of its own, which nothing leaves: as root, or where
# users may have namespaces.
set -uo pipefail
if [ -z "${SCALE_NETWORK:-}" ]; then
	own=(unshare --net)
	[ "$(id -u)" = 0 ] || own=(unshare --user --map-root-user --net)
	if ! "${own[@]}" true 2>/dev/null; then
		echo "SKIP no network of its own is to be had here"
		exit 0
	fi
	SCALE_NETWORK=own exec "${own[@]}" bash "$0" "$@"
fi
# shellcheck source=/dev/null
. "$(dirname "$0")/../bench/procs.sh"
services=${1:-10000} backends=${2:-100} rounds=${3:-6} lists=${4:-200}
watched=127.96.0.1 flipped=127.96.0.2 far=127.100.0.0 port=8099
total=$((services * backends)) half=$(((services + 1) / 2))
export LBD_SOCKET=$dir/lbd.sock LBD_ADMIN=$dir/admin.sock
ulimit -n "$(ulimit -Hn)"
wrong=0

free=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)
if [ "${free:-0}" -lt $((total * 3)) ]; then
	echo "SKIP $total backends take 3 GB of memory a million"
	exit 0
fi

complain() {
	echo "scale: $*" >&2
	wrong=1
}

# conf TURN SERVICES: the file of that turn.
conf() {
	{
		printf '[lbd]\nsocket = %s\nadmin = %s\nlog-level = debug\n' \
			"$LBD_SOCKET" "$LBD_ADMIN"
		python3 tests/scale/generate.py "$2" "$backends" "$lists" \
			"$1"
		printf '[service watched]\naddress = %s:80\n' $watched
		printf 'probe = tcp\ninterval = 100ms\ninterval-idle = 100ms\n'
		printf "backend = 127.99.0.%d:$((port + 1))\n" $(seq 20)
		printf '[service flipped]\naddress = %s:80\n' $flipped
		printf 'balance = round-robin\n'
		printf "backend = 127.99.1.%d:$port\n" 1 2
	}
}

seconds_of() { # COMMAND...
	local began=$EPOCHREALTIME
	"$@" || return 1
	awk -v from="$began" -v to="$EPOCHREALTIME" 'BEGIN {
		printf "%.2f\n", to - from
	}'
}

line() {
	printf '%-60s %22s  %-10s %s\n' "$@"
}

# row WHAT MEASURED UNIT [BUDGET]
row() {
	local met=
	[ -z "${4:-}" ] || met=$(awk -v m="$2" -v b="$4" 'BEGIN {
		print m <= b ? "met" : "NOT MET"
	}')
	line "$1" "$2 $3" "${4:+<= $4 $3}" "$met"
}

memory_of() { # FIELD of lbd, in MB
	awk -v field="$1:" '$1 == field { printf "%.0f", $2 / 1024 }' \
		"/proc/$lbd/status"
}

# The longest of a field of lbd's lines about what it published, in ms.
published() { # FIELD
	sed -n "s/.*event=published.* $1=\([0-9.]*\).*/\1/p" "$dir/log" |
		sort -g | tail -1
}

start() { # FILE
	local began=$EPOCHREALTIME
	cp "$1" "$dir/lbd.ini"
	spawn "$BUILD/lbd" -c "$dir/lbd.ini" 2>"$dir/log"
	lbd=$pid
	eventually grep -q event=ready "$dir/log" || return 1
	ready=$(awk -v from="$began" -v to="$EPOCHREALTIME" 'BEGIN {
		printf "%.2f", to - from
	}')
}

# ended PROGRAM-PID: waits for what SIGTERM makes it print.
ended() {
	kill "$1"
	wait "$1"
}

probes_seen() { # the file's next line
	local had
	had=$(wc -l <"$dir/listener")
	kill -USR1 "$listener"
	more() { [ "$(wc -l <"$dir/listener")" -gt "$had" ]; }
	eventually more && tail -1 "$dir/listener"
}

reload() {
	seconds_of "$BUILD/lbctl" reload >"$dir/reload.out" || {
		complain "a reload failed: $(head -3 "$dir/reload.out")"
		return 1
	}
	sed -n '$p' "$dir/reload.out" >>"$dir/reloads"
}

# under_load SERVICES COMMAND...: while everybody is at work, with so many of the
# services.
under_load() {
	local clients=() n
	for n in 1 2; do
		LD_PRELOAD=$shim spawn "$BUILD/everybody" "$1" "$backends" \
			>"$dir/clients.$1.$n"
		clients+=("$pid")
	done
	spawn "$BUILD/knocker" "$LBD_SOCKET" >"$dir/knocker.$1"
	knocker=$pid
	sleep 1
	probes_seen >/dev/null
	"${@:2}"
	probes_seen >>"$dir/probes"
	ended "$knocker" || complain "attaching failed"
	for n in 1 2; do
		ended "${clients[n - 1]}" || complain \
			"connects failed: $(cat "$dir/clients.$1.$n")"
	done
}

grow() {
	cp "$dir/conf.0" "$dir/lbd.ini"
	reload
	sleep 0.3
}

edit() { # every second reload is of a file that has not changed
	local n file
	for n in $(seq "$rounds"); do
		file=$dir/conf.$(((n + 1) / 2 % 2))
		cp "$file" "$dir/next" && mv "$dir/next" "$dir/lbd.ini"
		reload
		sleep 0.3
	done
}

under_loads() {
	under_load $half grow
	under_load "$services" edit
	read -r attaches given usual longest < <(awk '{ n += $1; usual = $3
		if ($2 > given) given = $2
		if ($4 > longest) longest = $4
	} END { print n, given, usual, longest }' "$dir/knocker.$half" \
		"$dir/knocker.$services")
	read -r made failed astray < <(awk '{ m += $1; f += $2; a += $3 }
		END { print m, f, a }' "$dir"/clients.*)
	# An interval of 100 ms is spread by a tenth.
	read -r probes late < <(awk '{ n += $1; if ($2 > most) most = $2 }
		END { if (most < 110) most = 110
		printf "%d %.1f\n", n, most - 110 }' \
		"$dir/probes")
	[ "$given" -ge "$lists" ] ||
		complain "$given lists were given, of $lists and more"
}

# cost ADDRESS VIP-PORT COUNT STRIDE: ns of a connect() by UDP.
cost() {
	"$BUILD/cost" udp "$1" "$2" $port "$3" "$4"
}

# added FAR-COUNT STRIDE COUNT: the median of what the library adds.
added() {
	for _ in 1 2 3 4 5 6 7; do
		paste <(cost $far $port "$1" "$2") \
			<(LD_PRELOAD=$shim cost 127.96.1.0 80 "$3" 1) || return 1
	done | awk '{ printf "%.0f\n", $2 - $1 }' | quartiles | awk '{ print $2 }'
}

prepare() {
	ip link set lo up &&
		ip -6 route add local fd00:100::/32 dev lo || return 1
	spawn "$BUILD/listener" $port $((port + 1)) >"$dir/listener"
	listener=$pid
	eventually listens 127.99.0.1 $((port + 1)) &&
		conf 0 "$services" >"$dir/conf.0" &&
		conf 1 "$services" >"$dir/conf.1" &&
		conf 0 $half >"$dir/half" &&
		checked=$(seconds_of "$BUILD/lbd" -t -c "$dir/conf.0") &&
		start "$dir/conf.0" && stop "$lbd" && whole=$ready &&
		start "$dir/half"
}

report() {
	local median worst
	machine
	echo "$services services x $backends backends, half of them IPv4, under" \
		"$lists rule$([ "$lists" = 1 ] || echo s); $(wc -c <"$dir/conf.0") bytes"
	echo
	line '' measured budget ''
	row 'lbd -t: the file is read and checked' "$checked" s
	row 'lbd starts, until it is ready' "$whole" s
	row "lbctl reload, longest of $((rounds + 1))" \
		"$(sort -g "$dir/reloads" | tail -1)" s 5
	row 'of that: a table of its own is written, longest' "$(published write)" \
		ms 1000
	row 'the same, processor time' "$(published write_cpu)" ms 1000
	row 'all that a reload takes, processor time' "$(published work_cpu)" ms 5000
	row 'the longest piece of it, between two turns of the loop' \
		"$(published piece_cpu)" ms 100
	row 'an attach meanwhile, median' "$usual" ms
	row "the same, longest of $attaches" "$longest" ms 100
	row "the longest that one of $probes probes was late" "$late" ms 100
	row "connects meanwhile, by all services and families" "$made" ''
	row 'of those failed' "$failed" '' 0
	row 'of those at a backend of another service' "$astray" '' 0
	row 'a virtual address in use: one connect(), added' \
		"$(added 1 1 1)" ns 100
	row 'each connect() to another of them, added' \
		"$(added "$services" "$backends" "$services")" ns 600
	read -r median worst < <(LD_PRELOAD=$shim "$BUILD/flip" "$LBD_ADMIN" \
		$flipped api/v1/services/flipped/backends/127.99.1.1:$port \
		127.99.1.1 51)
	row 'a drain, from the question to the last caller, median' \
		"${median:-?}" ms 1
	row 'the same, longest of 51' "${worst:-?}" ms
	row 'memory of regions, in all callers together' "$(memory_of RssShmem)" MB
	row "lbd's own memory" "$(memory_of RssAnon)" MB
	row 'at most, regions and all' "$(memory_of VmHWM)" MB
}

if ! prepare; then
	echo 'scale: nothing measured: lbd or a server did not start' >&2
	tail -n 3 "$dir/log" >&2
	exit 1
fi
under_loads
report | tee "$BUILD/scale.txt"
kill -0 "$lbd" 2>/dev/null || complain "lbd is gone: $(tail -3 "$dir/log")"
exit $wrong
