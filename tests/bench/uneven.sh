# uneven.sh: three servers that are not alike, and requests that come whether
# or not those before were answered. Sourced.
UNEVEN_RATE=400 UNEVEN_SECONDS=$((ROUNDS < 8 ? ROUNDS : 8))

uneven_head() { # WHAT
	echo "$UNEVEN_RATE requests a second for $UNEVEN_SECONDS s to three" \
		"servers; $1"
	printf '%-20s %12s %12s %8s   %s\n' '' median '99 %' failed \
		's1, s2, s3 had, %'
}

# uneven_row WHO COMMAND...: where the command is the client.
uneven_row() {
	local said
	said=$("${@:2}") || return 1
	awk -v who="$1" '{
		for (i = 4; i < NF; i += 2) {
			n[$i] = $(i + 1)
			sum += $(i + 1)
		}
		printf "%-20s %9.1f ms %9.0f ms %8d  ", who, $1, $2, $3
		for (i = 1; i <= 3; i++)
			printf " %5.1f", sum ? 100 * n["s" i] / sum : 0
		print ""
	}' <<<"$said"
}

uneven_ours() { # BALANCE
	ours uneven < <(
		printf '[service web]\naddress = %s:80\n' "$vip"
		printf 'balance = %s\nprobe = none\n' "$1"
		printf "backend = $lan.%s:8000\n" 1 2 3
	) || return 1
	uneven_row "lbd, $1" env LD_PRELOAD="$shim" "$BUILD/requests" \
		$UNEVEN_RATE $UNEVEN_SECONDS $vip 80 || return 1
	stop "$pid"
}

uneven_theirs() { # BALANCE
	if ! theirs 2 < <(
		printf ' balance %s\n' "$1"
		printf " server s%s $lan.%s:8000\n" 1 1 2 2 3 3
	); then
		printf '%-20s %12s\n' "HAProxy, $1" SKIP
		return
	fi
	uneven_row "HAProxy, $1" "$BUILD/requests" \
		$UNEVEN_RATE $UNEVEN_SECONDS "$front.1" 80 || return 1
	stop "$pid"
}

uneven_all() {
	uneven_ours p2c && uneven_theirs 'random(2)' &&
		uneven_ours least-conn && uneven_theirs leastconn &&
		uneven_ours round-robin && uneven_theirs roundrobin || return 1
	without_theirs
}

bench_uneven() {
	servers 10000 10000 100000 || return 1
	uneven_head 's3 takes 100 ms, the others 10'
	uneven_all || return 1
	no_servers
	servers 10000 10000 10000 || return 1
	stop "${served[2]}"
	unset 'served[2]'
	echo
	uneven_head 's3 refuses, and nobody probes'
	uneven_all || return 1
	no_servers
}
