# probes.sh: 10,000 TCP probes a second: 1,000 servers, each every 100 ms.
# Sourced.
PROBED=1000 PROBE_SECONDS=$((ROUNDS < 3 ? 3 : 10))
PROBE_ROUNDS=$(((ROUNDS + 2) / 3))

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

# probe_columns: the median, and what lies between the quartiles if there was
# more than one round.
probe_columns() { # FILE
	local n
	for n in 1 2 3; do
		cut -d' ' -f$n "$1" | quartiles | awk -v n=$n -v rounds=$PROBE_ROUNDS '
		function form(x) {
			if (n == 1 && x >= 1000)
				return sprintf("%d,%03d", x / 1000, x % 1000)
			return sprintf(n == 2 ? "%.3f" : "%.1f", x)
		}
		{
			span = " (" form($1) " .. " form($3) ")"
			printf "%27s", form($2) (rounds > 1 ? span : "")
		}'
	done
	echo
}

probe_row() { # WHO FILE
	printf '%-8s' "$1"
	if ! [ -s "$dir/$2" ]; then
		printf '%27s\n' SKIP
		return
	fi
	probe_columns "$dir/$2"
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
	echo "$((PROBED / 1000)),000 servers, each probed by tcp every 100 ms"
	printf '%-8s%27s%27s%27s\n' '' 'probes a second' 'cores' 'us a probe'
	probe_row lbd ours
	probe_row HAProxy theirs
	without_theirs
	cut -d' ' -f2 "$dir/ours" | quartiles | awk '{
		print "lbd, budget half a core: " ($2 <= .5 ? "met" : "not met")
	}'
}
