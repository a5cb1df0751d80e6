#!/bin/bash
# matrix.sh [WORD]: programs of Debian's, unmodified, ask a virtual address once,
# and the first backends cannot be connected to. Prints a table, a row per
# program and a column per case, and what was said in the cells that failed.
#
#	dead		the first backend refuses
#	dead-dead	so does the second
#	all-dead	so do all: the program says what it says of any refusal
#	hole		nothing comes back from the first, connect-timeout = 200ms
#	late		the first refuses 40 ms later
#	hole-late	first the one, then the other
#
# Then the same with many requests, while a backend comes and goes (away.sh).
# WORD picks programs with that word in their name, or "away". All of it runs in
# a network of its own, in which there is nothing but loopback.
set -uo pipefail

# shellcheck source=/dev/null
. "$(dirname "$0")/../bench/own_net.sh"
[ -n "${OWN_NET:-}" ] || {
	echo "SKIP no network of its own is to be had here"
	[ "${CI:-}" != true ]
	exit
}

# shellcheck source=/dev/null
. "$(dirname "$0")/../bench/procs.sh"
here=tests/programs word=${1:-} good=127.91.0.1
PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin # Debian's programs
export dir shim BUILD LBD_SOCKET=$dir/lbd.sock LBD_ADMIN=$dir/admin.sock
chmod 755 "$dir"
mkdir "$dir/cells" "$dir/java"
cases="dead dead-dead all-dead hole late hole-late"
sed -n 's/^ask_\([a-z0-9_]*\)().*/\1/p' $here/ask.sh >"$dir/programs"

# --- what cannot be connected to, by the network it is in

dead() { # NUMBER
	echo "backend = 127.90.$row.$((column * 10 + $1)):8000"
}

hole() {
	echo "connect-timeout = 200ms"
	echo "backend = 127.98.$row.$column:8000"
}

late() {
	echo "backend = 127.97.$row.$column:8000"
}

# SYNs to the last two get no answer of the kernel's.
bad_networks() {
	nft 2>"$dir/nft" 'table ip bad { chain in {
		type filter hook input priority 0;
		ip daddr { 127.97.0.0/16, 127.98.0.0/16 } tcp flags syn drop;
	}; }' || {
		echo "SKIP hole, late, hole-late: $(head -1 "$dir/nft")"
		[ "${CI:-}" != true ] || return
		cases="dead dead-dead all-dead"
		return 0
	}
	spawn python3 -u $here/late.py 97 40 >"$dir/late"
	eventually grep -q "at work" "$dir/late"
}

# --- the services

service() { # PROGRAM CASE
	echo "[service $1.$2]"
	echo "address = 127.96.$row.$column:80"
	case $2 in
	dead) dead 1 ;;
	dead-dead) dead 1; dead 2 ;;
	all-dead) dead 1; dead 2; dead 3; return ;;
	hole) hole ;;
	late) late ;;
	hole-late) hole; late ;;
	esac
	case $1 in
	hiredis*) echo "backend = $good:6379" ;;
	*) echo "backend = $good:8000" ;;
	esac
}

services() {
	local row=0 column program case
	printf '[lbd]\nsocket = %s\nadmin = %s\n' "$LBD_SOCKET" "$LBD_ADMIN"
	printf '[defaults]\nbalance = first\nprobe = none\neject-after = 1000\n'
	while read -r program; do
		row=$((row + 1)) column=0
		while read -r case; do
			column=$((column + 1))
			service "$program" "$case"
		done <"$dir/cases"
	done <"$dir/programs"
	away_service
}

start_all() {
	bad_networks || return
	printf '%s\n' $cases >"$dir/cases"
	spawn "$BUILD/hello" $good 8000 good
	spawn redis-server --bind $good --port 6379 --save "" --dir "$dir" \
		--protected-mode no >/dev/null
	javac -d "$dir/java" $here/*.java || return
	eventually listens $good 8000 || return
	eventually redis-cli -h $good set who good || return
	services >"$dir/lbd.ini"
	spawn "$BUILD/lbd" -c "$dir/lbd.ini" 2>"$dir/lbd.log"
	eventually grep -q event=ready "$dir/lbd.log"
}

# --- the table

# fill PROGRAM...: as many cells at a time as there are processors.
fill() {
	local program case
	for program; do
		while read -r case; do echo "$program $case"; done <"$dir/cases"
	done | xargs -r -n 2 -P "$(nproc)" bash $here/cell.sh
}

# False if a cell is not as it should be.
show() { # PROGRAM...
	local program case bad=0
	{
		echo "program $(xargs <"$dir/cases")"
		for program; do
			echo "$program $(cd "$dir/cells" && sed "s/^/$program./" \
				"$dir/cases" | xargs cat | xargs)"
		done
	} | column -t | tee "$dir/table"
	for program; do
		while read -r case; do
			case=$program.$case
			[ "$(cat "$dir/cells/$case")" = FAIL ] || continue
			echo "FAIL $case"
			cat "$dir/cells/$case.said"
			bad=1
		done <"$dir/cases"
	done
	for program; do sed -n "s/^$program: /limit &/p" $here/limits; done
	return $bad
}

# shellcheck source=/dev/null
. $here/away.sh

start_all || {
	echo "FAIL the servers did not start"
	tail -n 5 "$dir/lbd.log"
	exit 1
}
status=0
mapfile -t chosen < <(grep -F -- "$word" "$dir/programs")
if [ ${#chosen[@]} -gt 0 ]; then
	fill "${chosen[@]}"
	show "${chosen[@]}" || status=1
fi
case away in *"$word"*)
	away || status=1
	;;
esac
echo "done in $SECONDS s"
exit $status
