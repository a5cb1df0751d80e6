# probes.sh: 10,000 TCP probes a second: 1,000 servers, each every 100 ms.
# Sourced.
PROBED=1000 PROBE_SECONDS=10 PROBE_ROUNDS=$(((ROUNDS + 2) / 3))

probed_servers() { # lines of a number and an address
	awk -v n=$PROBED 'BEGIN {
		for (i = 0; i < n; i++)
			print i, "127.100." int(i / 250) "." i % 250 + 1 ":8099"
	}'
}

# busy PID: the seconds of processor time that it has used.
busy() {
	awk -v hz="$(getconf CLK_TCK)" '{
		sub(/.*\) /, "")
		print ($12 + $13) / hz
	}' "/proc/$1/stat"
}

# Not what the target accepts: who resets a connection before he confirms it,
# as HAProxy does, is not seen there.
opened() { # connections that anybody here has begun so far
	awk '$1 == "Tcp:" && $6 ~ /^[0-9]+$/ { print $6 }' /proc/net/snmp
}

# watch PID FILE: adds a line: probes a second, processor share, us a probe.
watch() {
	local cpu=$(busy "$1") n=$(opened) from=$EPOCHREALTIME
	sleep $PROBE_SECONDS
	awk -v cpu="$cpu" -v n="$n" -v from="$from" -v cpu2="$(busy "$1")" \
		-v n2="$(opened)" -v to="$EPOCHREALTIME" 'BEGIN {
		print (n2 - n) / (to - from), (cpu2 - cpu) / (to - from),
			(cpu2 - cpu) / (n2 - n) * 1e6
	}' >>"$2"
}

probes_of_ours() {
	ours probes < <(
		printf '[service web]\naddress = %s:80\ninterval = 100ms\n' "$vip"
		printf 'interval-idle = 100ms\n'
		probed_servers | sed 's/.* /backend = /'
	) || return 1
	sleep 1
	watch "$pid" "$dir/ours"
	stop "$pid"
}

probes_of_theirs() {
	theirs 1 < <(
		printf ' timeout check 100ms\n'
		printf ' default-server inter 100\n'
		probed_servers | sed 's/.*/ server s& check/'
	) || return 0
	sleep 1
	watch "$pid" "$dir/theirs"
	stop "$pid"
}

probe_row() { # WHO FILE
	local n
	printf '%-10s' "$1"
	if ! [ -s "$dir/$2" ]; then
		printf '%10s\n' SKIP
		return
	fi
	for n in 1 2 3; do
		cut -d' ' -f$n "$dir/$2" | quartiles | awk -v n=$n '{
			printf n == 2 ? "  %6.3f (%.3f .. %.3f)" : \
				"  %8.1f (%.1f .. %.1f)", $2, $1, $3
		}'
	done
	echo
}

bench_probes() {
	local n
	spawn "$BUILD/served" 0.0.0.0 8099 target >/dev/null
	target=$pid
	eventually listens 127.0.0.1 8099 || return 1
	for n in $(seq $PROBE_ROUNDS); do
		probes_of_ours && probes_of_theirs || return 1
	done
	stop "$target"
	echo "TCP probes of $PROBED servers, each every 100 ms"
	printf '%-10s%31s%25s%31s\n' '' 'probes a second' cores 'us a probe'
	probe_row lbd ours
	probe_row HAProxy theirs
	without_theirs
	cut -d' ' -f2 "$dir/ours" | quartiles | awk '{
		print "lbd, budget half a core: " ($2 <= .5 ? "met" : "not met")
	}'
}
