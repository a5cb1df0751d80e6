# tables.sh: where everything is, and the lbds with their files. Sourced.
#
# Each service of "many" has 100 backends of its own, from $far on. Behind $echo
# are three, and behind $mute two, that really answer.
vip=127.96.1.0 far=127.100.0.0 echo=127.96.0.1 mute=127.96.0.2
lan=127.99.$(($$ % 250 + 1)) front=127.94.$(($$ % 250 + 1))

# A machine that has not that much to spare gets a tenth, and the table says so.
many=10000
free=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)
[ "${free:-0}" -gt 2500000 ] || many=1000
Many=${many%000},000

# lbd stays on the first core, what is measured, where it matters, on the last.
cores=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status)
core=${cores%%[-,]*} last=${cores##*[-,]}

# services COUNT: each with an address and 100 backends of its own.
services() {
	awk -v count="$1" 'function ip(n) {
		return 127 "." int(n / 65536) % 256 "." int(n / 256) % 256 "." n % 256
	}
	BEGIN {
		for (i = 0; i < count; i++) {
			printf "[service s%d]\naddress = %s:80\n", i, ip(96 * 65536 + 256 + i)
			for (j = 0; j < 100; j++)
				printf "backend = %s:8000\n", ip(100 * 65536 + i * 100 + j)
		}
	}'
}

answering() { # NAME ADDRESS PORT BACKENDS
	printf '[service %s]\naddress = %s:80\n' "$1" "$2"
	printf "backend = $lan.%s:$3\n" $(seq "$4")
}

# table NAME: an lbd with the services on standard input; its pid is in $pid.
# What is there already stays.
declare -A lbd_of=()
table() {
	local name=$1 began=$EPOCHREALTIME
	pid=${lbd_of[$name]:-}
	[ -n "$pid" ] && kill -0 "$pid" 2>/dev/null && return
	mkdir -p "$dir/$name"
	{
		printf '[lbd]\nsocket = %s/lbd.sock\nadmin = %s/admin.sock\n' \
			"$dir/$name" "$dir/$name"
		printf '[defaults]\nprobe = none\n'
		cat
	} >"$dir/$name/lbd.ini"
	: >"$dir/$name/log"
	spawn taskset -c "$core" "$BUILD/lbd" -c "$dir/$name/lbd.ini" \
		2>"$dir/$name/log"
	lbd_of[$name]=$pid
	eventually_by "$pid" grep -q event=ready "$dir/$name/log" || return 1
	awk -v from="$began" -v to="$EPOCHREALTIME" 'BEGIN {
		printf "%.1f", to - from
	}' >"$dir/$name/ready"
}

table_one() {
	table one < <(services 1)
}

table_ten() {
	table ten < <(
		services 8
		answering echo "$echo" 8000 3
		answering mute "$mute" 8001 2
	)
}

table_many() {
	table many < <(services "$many")
}
