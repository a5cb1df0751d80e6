# away.sh: one of three backends goes and comes back every second, while curl,
# asyncio and node ask 5,000 times each. Nobody may meet a refusal, and where
# the backend ends as it should, no connection may break either. Sourced by
# matrix.sh.
#
# Nothing is probed, and every third connection goes to that backend by turns,
# so that they all meet it while it is away.
away_vip=127.96.250.1 away_net=127.91.1 away_count=5000

away_service() {
	cat <<-END
	[service away]
	address = $away_vip:80
	balance = round-robin
	backend = $away_net.1:8000
	backend = $away_net.2:8000
	backend = $away_net.3:8000
	END
}

# Half a second there, half a second not, until it is ended itself.
come_and_go() { # SIGNAL
	local server=
	trap 'kill $server; exit' TERM
	while :; do
		"$BUILD/hello" $away_net.3 8000 b3 &
		server=$!
		sleep 0.5
		kill "-$1" $server
		wait $server
		sleep 0.5
	done 2>/dev/null
}

# One process per request; the outcome is curl's own word on it. Where lbd did
# not get its turn within the fifth of a second that a program waits for it, as
# on a crowded machine, that program was on its own: those are counted apart,
# wherever in a line that was said, for curl writes its own in pieces.
many_curl() {
	seq $away_count | LBSHIM_LOG=debug xargs -P 8 -I{} curl -sS \
		-o /dev/null -w '%{exitcode}\n' "http://$away_vip/{}" \
		>"$dir/away.codes" 2>"$dir/away.log"
	awk -v apart="$(grep -c 'lbshim.* not attached' "$dir/away.log")" '
		{ n[$1 ? ($1 == 7 || $1 == 28 ? "no" : "broken") : "yes"]++ }
		END { print n["yes"] + 0, n["no"] - apart, n["broken"] + 0, apart }' \
		"$dir/away.codes"
	failed_processes >&2
}

# What was said where no connection came about; elsewhere a try that is under
# way has the last word.
failed_processes() {
	awk '!/lbshim\[/ { print; next }
		{ sub(/.*lbshim\[/, "lbshim[")
		said[$1] = said[$1] $0 "\n"; last[$1] = $0 }
		END { for (p in last) if (last[p] !~ /(in progress|ok)$/)
			printf "%s", said[p] }' "$dir/away.log"
}

many_asyncio() {
	echo "$(python3 $here/many.py $away_vip 80 $away_count 200) -"
}

many_node() {
	echo "$(node $here/many.js $away_vip 80 $away_count 200) -"
}

moved() {
	"$BUILD/lbctl" status away --json |
		python3 -c 'import json, sys; print(json.load(sys.stdin)["failovers"])'
}

# A line per program: ENDING PROGRAM ANSWERED UNCONNECTED BROKEN UNATTACHED.
while_one_is_away() { # ENDING SIGNAL
	local asking=() each before here_and_there
	before=$(moved)
	spawn come_and_go "$2"
	here_and_there=$pid
	for each in curl asyncio node; do
		LD_PRELOAD=$shim many_$each >"$dir/away.$each" \
			2>"$dir/away.$each.err" &
		asking+=($!)
	done
	wait "${asking[@]}"
	stop "$here_and_there"
	sleep 0.3 # what was counted last is known
	for each in curl asyncio node; do
		echo "$1 $each $(cat "$dir/away.$each")"
		[ ! -s "$dir/away.$each.err" ] || sort "$dir/away.$each.err" |
			uniq -c | sort -rn | head -5 | sed 's/^/     | /' >&2
	done
	echo "$1 moved $(($(moved) - before)) - - -"
}

away() {
	local n
	for n in 1 2; do
		spawn "$BUILD/hello" $away_net.$n 8000 b$n
		eventually listens $away_net.$n 8000 || return
	done
	{
		while_one_is_away ends TERM
		while_one_is_away killed KILL
	} >"$dir/away"
	{
		echo "backend program answered unconnected broken unattached"
		cat "$dir/away"
	} | column -t
	awk -v all=$away_count '
	$2 == "moved" { bad += $3 < all / 10; next }
	$4 || $3 + $5 + $6 != all || ($1 == "ends" && $5) { bad++ }
	$6 > all / 10 { bad++ }
	END { exit bad || NR != 8 }' "$dir/away" ||
		{ echo "FAIL while one backend was away"; return 1; }
}
