#!/bin/bash
# cell.sh PROGRAM CASE: one cell of the table. Leaves its word in
# $dir/cells/PROGRAM.CASE: ok, FAIL or limit; in PROGRAM.CASE.said the reason and
# all that the program said.
#
# A cell has a service of its own, and dead backends of its own: none of them is
# ejected for what another cell met. The first in the file is the first tried.
set -u
program=$1 case=$2
row=$(grep -nxF "$program" "$dir/programs" | cut -d: -f1)
column=$(grep -nxF "$case" "$dir/cases" | cut -d: -f1)
cell=$dir/cells/$program.$case
vip=127.96.$row.$column:80
ask=$(dirname "$0")/ask.sh

# verdict WORD INSTEAD: the second one where the program is known not to work.
verdict() {
	if grep -q "^$program: " "$(dirname "$0")/limits"; then
		echo "$2" >"$cell"
	else
		echo "$1" >"$cell"
	fi
	exit
}

fail() {
	{
		echo "$*"
		cat "$cell.out" "$cell.err"
	} | sed 's/^/     | /' >"$cell.said"
	verdict FAIL limit
}

# asked PRELOAD AT FRONT-NETWORK: what it prints is in .out and .err.
asked() {
	local status=0
	preload=$1 timeout -k 1 8 bash "$ask" "$program" "${2%:*}" "${2#*:}" \
		"127.$3.$row.$column:8080" \
		>"$cell.out" 2>"$cell.err" </dev/null || status=$?
	return $status
}

# What the program said, with nothing in it that differs from run to run.
gist() { # STATUS
	echo "status $1"
	sed -E 's/127\.[0-9]+\.[0-9]+\.[0-9]+/IP/g; s/(IP:|port )[0-9]+/\1PORT/g
		s/after [0-9]+ ms/after N ms/
		s/^[0-9/]+ [0-9:]+ //; s/\[[0-9]+\]/[PID]/' "$cell.out" "$cell.err"
}

figures() {
	"$BUILD/lbctl" status "$program.$case" --json | python3 -c 'import json, sys
s = json.load(sys.stdin)
print("attempts", s["attempts"], "failovers", s["failovers"])'
}

# So many backends were tried, in one attempt: the dead were met, and the
# program did not come twice. lbd hears of it within a tenth of a second.
check_figures() { # TRIED
	local i
	for i in $(seq 40); do
		[ "$(figures)" = "attempts 1 failovers $(($1 - 1))" ] && return
		sleep 0.05
	done
	fail "not one attempt and $1 backends tried: $(figures)"
}

check_answer() {
	asked "$shim" "$vip" 93 || fail "status $?"
	[ "$(sed '/^peer /d' "$cell.out")" = good ] || fail "not the answer"
	grep '^peer ' "$cell.out" | grep -qvxF "peer $vip" && fail "not $vip"
	return 0
}

# The same program at an address where nobody is, without the library.
check_refusal() {
	local status=0 plain
	asked "" "127.92.$row.$column:80" 94 || status=$?
	[ $status != 0 ] || fail "a refused program does not fail"
	plain=$(gist $status)
	status=0
	asked "$shim" "$vip" 93 || status=$?
	[ "$(gist $status)" = "$plain" ] || fail "status $status; plainly $plain"
}

case $case in
dead | hole | late) check_answer && check_figures 2 ;;
dead-dead | hole-late) check_answer && check_figures 3 ;;
all-dead) check_refusal && check_figures 3 ;;
esac
echo "it works, and stands in limits" >"$cell.said"
verdict ok FAIL
