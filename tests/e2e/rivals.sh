# Several lbds that start at the very same moment, for one place.

is_stopped() { # PID
	[ "$(sed 's/.*) //; s/ .*//' "/proc/$1/stat")" = T ]
}

# How many of $rivals run.
running() {
	local n=0 p
	for p in "${rivals[@]}"; do
		kill -0 "$p" 2>/dev/null && n=$((n + 1))
	done
	echo "$n"
}

one_is_left() {
	[ "$(running)" = 1 ]
}

# Four of them: each waits right before it becomes lbd, until all do.
start_at_once() {
	local i p
	rivals=()
	: >"$dir/lbd.log"
	for i in 1 2 3 4; do
		spawn sh -c 'kill -STOP $$; exec "$@"' sh \
			"$BUILD/lbd" -c "$dir/lbd.ini" 2>>"$dir/lbd.log"
		rivals+=("$pid")
	done
	for p in "${rivals[@]}"; do
		eventually is_stopped "$p"
	done
	kill -CONT "${rivals[@]}"
	eventually one_is_left
}

# Its number is in $lbd.
all_but_one_were_too_late() {
	local p status
	lbd=
	for p in "${rivals[@]}"; do
		if kill -0 "$p" 2>/dev/null; then
			lbd=$p
			continue
		fi
		status=0
		wait "$p" || status=$?
		is "$status" 3
	done
	is "$(grep -c "another lbd is listening at $LBD_SOCKET" \
		"$dir/lbd.log")" 3
}

test_of_lbds_that_start_at_once_one_stays() {
	local round
	backend b1
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	backend = $lan.1:8000
	END
	for round in 1 2 3 4 5; do
		start_at_once
		all_but_one_were_too_late
		eventually is_ready
		is "$(get 127.96.1.1:80)" b1
		# the next ones find its socket, with or without anybody there
		stop "$lbd" "$([ $((round % 2)) = 0 ] && echo TERM || echo KILL)"
	done
}
