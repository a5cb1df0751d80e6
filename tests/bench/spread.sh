# spread.sh: how evenly maglev spreads callers over ten backends, and how many
# of them move when one goes, and when it comes back. Sourced.
SPREAD_CALLERS=4000

spread_conf() { # BACKENDS
	printf '[lbd]\nsocket = %s\nadmin = %s\n' \
		"$dir/spread/lbd.sock" "$dir/spread/admin.sock"
	printf '[service web]\naddress = %s:80\nprotocol = udp\n' "$vip"
	printf 'balance = maglev\nhash-on = process\n'
	printf "backend = $lan.%s:8000\n" $(seq "$1")
}

# spread_row WHAT [MOVED]: asks everybody once.
spread_row() {
	local least most backends moved
	echo >&8
	read -r -t 60 least most backends moved <&9 || return 1
	moved=${2:-$(awk -v n=$SPREAD_CALLERS -v moved="$moved" 'BEGIN {
		printf "%.1f", 100 * moved / n
	}')}
	awk -v what="$1" -v n=$SPREAD_CALLERS -v least="$least" -v most="$most" \
		-v backends="$backends" -v moved="$moved" 'BEGIN {
		printf "%-24s %8d %11.1f .. %-5.1f %10s\n", what, backends,
			100 * least / n, 100 * most / n, moved
	}'
}

spread_reload() { # BACKENDS
	spread_conf "$1" >"$dir/spread/lbd.ini"
	"$BUILD/lbctl" reload >/dev/null || return 1
	sleep 0.2 # it is published within a tenth
}

bench_spread() {
	mkdir "$dir/spread"
	spread_conf 10 >"$dir/spread/lbd.ini"
	spawn "$BUILD/lbd" -c "$dir/spread/lbd.ini" 2>"$dir/spread/log"
	export LBD_SOCKET=$dir/spread/lbd.sock LBD_ADMIN=$dir/spread/admin.sock
	eventually grep -q event=ready "$dir/spread/log" || return 1
	coproc crowd {
		LD_PRELOAD=$shim exec "$BUILD/crowd" $SPREAD_CALLERS $vip 80
	}
	started+=("$crowd_PID")
	exec 8>&"${crowd[1]}" 9<&"${crowd[0]}"
	echo "$((SPREAD_CALLERS / 1000)),000 processes call by maglev; chance" \
		"alone spreads their shares by 0.5 either way"
	printf '%-24s %8s %20s %10s\n' '' backends 'share of each, %' 'moved, %'
	spread_row 'ten backends' - &&
		"$BUILD/lbctl" drain "web/$lan.4:8000" >/dev/null &&
		sleep 0.2 && spread_row 'one is drained' &&
		"$BUILD/lbctl" ready "web/$lan.4:8000" >/dev/null &&
		sleep 0.2 && spread_row 'it comes back' &&
		spread_reload 9 && spread_row 'the last leaves the file' &&
		spread_reload 10 && spread_row 'it comes back' &&
		spread_row 'nothing has changed'
}
