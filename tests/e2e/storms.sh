# What a host does to lbd itself: signals, a second one, a log that nobody reads.

one_backend() {
	backend b1
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	interval = 200ms
	backend = $lan.1:8000
	END
}

test_a_storm_of_signals_ends_nothing() {
	one_backend
	lbd_start
	for _ in $(seq 300); do
		kill -HUP "$lbd"
		kill -PIPE "$lbd"
		kill -CHLD "$lbd"
		kill -URG "$lbd"
		kill -WINCH "$lbd"
	done
	is "$(get 127.96.1.1:80)" b1
	eventually grep -q event=reloaded "$dir/lbd.log"
	kill -TERM "$lbd"
	for _ in $(seq 20); do
		kill -TERM "$lbd" 2>/dev/null || true
		kill -INT "$lbd" 2>/dev/null || true
		kill -HUP "$lbd" 2>/dev/null || true
	done
	status=0
	wait "$lbd" || status=$?
	is "$status" 0
	is "$(grep -c event=ended "$dir/lbd.log")" 1
	[ ! -e "$LBD_SOCKET" ]
}

# Whichever wins serves; the others say so, and take nothing from it.
test_many_started_at_once_are_one() {
	one_backend
	: >"$dir/lbd.log"
	local pids=() left taken=0 status
	for _ in $(seq 12); do
		spawn "$BUILD/lbd" -c "$dir/lbd.ini" 2>>"$dir/lbd.log"
		pids+=("$pid")
	done
	eventually is_ready
	left=()
	for pid in "${pids[@]}"; do
		for _ in $(seq 100); do
			kill -0 "$pid" 2>/dev/null || break
			[ "$(grep -c "another lbd is" "$dir/lbd.log")" = 11 ] && break
			sleep 0.05
		done
		if kill -0 "$pid" 2>/dev/null; then
			left+=("$pid")
			continue
		fi
		status=0
		wait "$pid" || status=$?
		is "$status" 3
		taken=$((taken + 1))
	done
	is "${#left[@]} $taken" "1 11"
	is "$(get 127.96.1.1:80)" b1
	# who died without a word holds no lock
	stop "${left[0]}" KILL
	lbd_start
	is "$(get 127.96.1.1:80)" b1
}

# A pipe is full when its reader has been stopped.
test_a_log_that_nobody_reads_holds_nobody_up() {
	one_backend
	mkfifo "$dir/pipe"
	spawn sh -c "exec cat '$dir/pipe' >>'$dir/lbd.log'"
	reader=$pid
	: >"$dir/lbd.log"
	spawn "$BUILD/lbd" -c "$dir/lbd.ini" 2>"$dir/pipe"
	lbd=$pid
	eventually is_ready
	kill -STOP "$reader"
	# a reload is a line, and 64 KiB are soon full
	for _ in $(seq 1200); do
		"$BUILD/lbctl" reload >/dev/null || fail "no answer"
	done
	is "$(get 127.96.1.1:80)" b1
	kill -CONT "$reader"
	eventually grep -q event=reloaded "$dir/lbd.log"
	"$BUILD/lbctl" reload >/dev/null
	eventually grep -qE '[0-9]+ log lines were dropped level=warning event=log-dropped' \
		"$dir/lbd.log"
	# and a reader that has gone is no end
	stop "$reader" KILL
	for _ in 1 2 3; do
		"$BUILD/lbctl" reload >/dev/null
	done
	is "$(get 127.96.1.1:80)" b1
}

test_a_full_disk_under_the_log_holds_nobody_up() {
	[ -w /dev/full ] || skip "there is no /dev/full"
	one_backend
	spawn "$BUILD/lbd" -c "$dir/lbd.ini" 2>/dev/full
	lbd=$pid
	eventually "$BUILD/lbctl" status
	for _ in 1 2 3; do
		"$BUILD/lbctl" reload >/dev/null
	done
	is "$(get 127.96.1.1:80)" b1
	kill -0 "$lbd"
}
