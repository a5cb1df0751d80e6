# procs.sh: where a bench works, and the programs it starts and ends. Sourced.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
BUILD=${BUILD:-build}
case $BUILD in /*) ;; *) BUILD=$PWD/$BUILD ;; esac
shim=$BUILD/liblbshim.so
dir=$(mktemp -d "${TMPDIR:-/tmp}/lbd-bench.XXXXXX")
started=()
unset LD_PRELOAD LBSHIM LBSHIM_LOG

cleanup() {
	local pid
	trap - EXIT
	for pid in "${started[@]}"; do
		kill "$pid" 2>/dev/null
	done
	wait
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# spawn COMMAND...: in the background; its pid is in $pid.
spawn() {
	"$@" &
	pid=$!
	started+=("$pid")
}

# stop PID: and wait until it is gone.
stop() {
	kill "$1"
	wait "$1" 2>/dev/null || true
}

# stop_all: whatever is still there.
stop_all() {
	local pid
	for pid in "${started[@]}"; do
		kill "$pid" 2>/dev/null
	done
	for pid in "${started[@]}"; do
		wait "$pid" 2>/dev/null
	done
	started=()
}

eventually() {
	for _ in $(seq 600); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.05
	done
	echo "never came true: $*" >&2
	return 1
}

# eventually_by PID COMMAND...: while that program lives.
eventually_by() {
	while kill -0 "$1" 2>/dev/null; do
		"${@:2}" && return
		sleep 0.05
	done
	return 1
}

listens() { # ADDRESS PORT
	(exec 3<>"/dev/tcp/$1/$2") 2>/dev/null
}

# absent PROGRAM...: which of them is not to be had, if one is not.
absent() {
	local each
	for each; do
		command -v "$each" >/dev/null && continue
		echo "there is no $each"
		return 0
	done
	return 1
}

# quartiles: of the numbers on standard input, all three.
quartiles() {
	sort -g | awk 'function at(p) {
		i = 1 + (NR - 1) * p
		k = int(i)
		return v[k] + (i - k) * (v[k + 1] - v[k])
	}
	{ v[NR] = $1; v[NR + 1] = $1 }
	END { print at(.25), at(.5), at(.75) }'
}

machine() {
	local cpu
	cpu=$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -1)
	echo "${cpu:-$(uname -m)}, $(nproc) cores, Linux $(uname -r)," \
		"$(date '+%F %H:%M'), load $(cut -d' ' -f1 /proc/loadavg)"
}
