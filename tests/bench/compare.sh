# compare.sh: every way in turn, every measure, round after round, so that what
# else the machine does falls on all; and the table of it. Sourced.
#
# A round's figure of WAY is a line of $dir/MEASURE.WAY, or - if there is none.
ROUNDS=${ROUNDS:-9} CLIENTS=64 PATIENCE=60s

declare -A head1=(
	[udp]='UDP' [tcp]='TCP' [exchange]='connect,' [trip]='64 B'
	[crowd]='connections' [cpu]='CPU s for' [held]='of 70,000'
) head2=(
	[udp]='connect()' [tcp]='connect()' [exchange]='64 B,'
	[trip]='there and' [crowd]='a second,' [cpu]='100,000' [held]='open at'
) head3=(
	[udp]='ns' [tcp]='us' [exchange]='close, us' [trip]='back, us'
	[crowd]="$CLIENTS clients" [cpu]='connections' [held]='once'
) form=(
	[udp]=%.0f [tcp]=%.2f [exchange]=%.1f [trip]=%.2f [crowd]=%.0f
	[cpu]=%.2f [held]=%.0f
)

# The servers of these two are the client itself, so that none need be woken up.
measure_udp() {
	timeout $PATIENCE "${with[@]}" "$BUILD/cost" udp "$at" "$port" "$shown" "$count"
}

measure_tcp() {
	SERVERS=0.0.0.0:8000 timeout $PATIENCE "${with[@]}" \
		"$BUILD/cost" tcp "$at" "$port" "$shown" "$count" |
		awk '{ print $1 / 1000 }'
}

# One client, and all who work for it, on one core: a core that must be woken up
# first takes more time than everything else, and never the same.
measure_exchange() {
	timeout $PATIENCE "${with[@]}" "$BUILD/trips" once 1 300 "$last" \
		"$at" "$port" "$count" | awk '{ print 1e6 / $1 }'
}

measure_trip() {
	timeout $PATIENCE "${with[@]}" "$BUILD/trips" kept 1 200 "$last" \
		"$at" "$port" "$count" | awk '{ print 1e6 / $1 }'
}

# children PID
children() {
	cat /proc/[0-9]*/stat 2>/dev/null | awk -v of="$1" '{
		pid = $1
		sub(/.*\) /, "")
		if ($2 == of)
			print pid
	}'
}

# used PID...: clock ticks of processor time, of those and their children.
used() {
	local pid child
	for pid; do
		for child in $pid $(children "$pid"); do
			cat "/proc/$child/stat" 2>/dev/null
		done
	done | awk '{ sub(/.*\) /, ""); n += $12 + $13 } END { print n + 0 }'
}

# Where interrupts are counted apart, nobody's time has them in it.
interrupts_apart() {
	{ zcat /proc/config.gz || cat "/boot/config-$(uname -r)"; } 2>/dev/null |
		grep -q ^CONFIG_IRQ_TIME_ACCOUNTING=y
}

softirq() {
	if [ -n "$apart" ]; then
		awk '$1 == "cpu" { print $8 }' /proc/stat
	else
		echo 0
	fi
}

# Also what it cost everybody, into the column cpu.
measure_crowd() {
	local before after
	before=$(($(used "$server" "${staff[@]}") + $(softirq)))
	timeout $PATIENCE "${with[@]}" "$BUILD/trips" once $CLIENTS 700 -1 \
		"$at" "$port" "$count" >"$dir/crowd" || return 1
	after=$(($(used "$server" "${staff[@]}") + $(softirq)))
	awk -v ticks=$((after - before)) -v hz="$(getconf CLK_TCK)" '{
		print ($3 + ticks / hz) * 1e5 / $2
	}' "$dir/crowd" >>"$dir/cpu.$way"
	cut -d' ' -f1 "$dir/crowd"
}

# settle PID: until that proxy has done with what was given up in front of it.
settle() {
	local before
	for _ in $(seq 100); do
		before=$(used "$1")
		sleep 0.1
		[ "$(used "$1")" != "$before" ] || return 0
	done
}

# in_turn: the ways, each round from another on: the first meets a server that has
# just started.
in_turn() {
	local n first
	n=$(wc -w <<<"$WAYS")
	first=$((round * 3 % n + 1))
	echo "$WAYS $WAYS" | cut -d' ' -f$first-$((first + n - 1))
}

# turn MEASURE: once for each way that there is; in a round too many, for those
# without a figure. What goes wrong costs that way this round; its lines stay
# those of the others' rounds.
turn() {
	local way
	for way in $(in_turn); do
		has "$1" "$way" || continue
		if [ -n "$again" ]; then
			! measured "$1" "$way" || continue
			sed -i '$d' "$dir/$1.$way"
			[ "$1" != crowd ] || sed -i '$d' "$dir/cpu.$way"
		fi
		take "$way"
		[ "$way" != nft ] || nft_on || continue
		"measure_$1" >"$dir/figure" 2>"$dir/said" || lost "$1" $?
		cat "$dir/figure" >>"$dir/$1.$way"
		case $way in
		nft) nft_off ;;
		haproxy | nginx) settle "${staff[0]}" ;;
		esac
	done
}

lost() { # MEASURE STATUS
	local what
	what=$(last_line "$dir/said")
	[ "$2" != 124 ] || what="no answer in $PATIENCE"
	echo - >"$dir/figure"
	echo "$what" >>"$dir/lost.$1.$way"
	[ "$1" != crowd ] || echo - >>"$dir/cpu.$way"
}

# has MEASURE WAY: a question, and there is who answers.
has() {
	sensible "$1" "$2" && [ -z "${why[$2]:-}" ]
}

measured() { # MEASURE WAY
	grep -qs '[0-9]' "$dir/$1.$2"
}

# each_unmeasured COMMAND...: for what has no figure, with its MEASURE and WAY;
# false if there is none.
each_unmeasured() {
	local measure way some=1
	for measure in $measures; do
		[ "$measure" != held ] || continue
		for way in $WAYS; do
			has "$measure" "$way" || continue
			! measured "$measure" "$way" || continue
			some=0
			"$@" "$measure" "$way"
		done
	done
	return $some
}

# excuse MEASURE WAY: who lost all rounds needs one; there is none for ours.
excuse() {
	local what
	what=$(last_line "$dir/lost.$1.$2" 2>/dev/null)
	if [ -z "$what" ] || is_ours "$2"; then
		: >"$dir/missing"
	fi
}

# everybody CORES: where the server and the proxies may run.
everybody() {
	local pid
	for pid in "$server" $haproxy $nginx $(children "${nginx:-none}"); do
		taskset -apc "$1" "$pid" >/dev/null
	done
}

asked() {
	case " $measures " in *" $1 "*) ;; *) return 1 ;; esac
}

run_round() {
	asked udp && turn udp
	asked tcp && turn tcp
	spawn "$BUILD/echo" 8000 $((2 * CLIENTS)) 0.0.0.0
	server=$pid
	eventually listens "$lan.1" 8000 || return 1
	everybody "$last"
	asked exchange && turn exchange
	asked trip && turn trip
	everybody "$cores"
	asked crowd && turn crowd
	stop "$server"
}

# Two rounds more at most, if there is who has lost all of his.
run_rounds() {
	local again=''
	[ "$measures" != ' held' ] || return 0
	for round in $(seq "$((ROUNDS + 2))"); do
		if [ "$round" -gt "$ROUNDS" ]; then
			each_unmeasured true || break
			again=1
			echo 'bench: once more what was lost' >&2
		else
			echo "bench: round $round of $ROUNDS" >&2
		fi
		run_round || return 1
	done
}

bench_ways() {
	apart=''
	interrupts_apart && apart=1
	start_lbds
	start_nft
	start_ebpf
	start_proxies
	run_rounds || return 1
	stop_proxies
	each_unmeasured excuse
	if asked held; then
		echo 'bench: 70,000 connections' >&2
		measure_held
	fi
	ways_table
	stop_all
	leave_groups
}
