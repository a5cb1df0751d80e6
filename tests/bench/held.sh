# held.sh: how many of 70,000 connections, from one address, can be open at once
# through one virtual address to three servers; beside them, without a balancer,
# to one server. Sourced.
HELD=70000

# The kernel's own range of ports: with a wider one it looks the longer for those
# that are left. What is the namespace's nobody else uses up.
held_possible() {
	if [ -z "${OWN_NET:-}" ]; then
		held_why='the ports are those of all'
	elif [ "$free" -lt 2500000 ]; then
		held_why='too little memory'
	else
		return 0
	fi
	return 1
}

# As many proxies as it takes, at one address: the kernel shares out who comes.
held_proxies() {
	local n
	n=$(proxies_for $HELD)
	case $1 in
	haproxy)
		for _ in $(seq "$n"); do
			start_haproxy 1 $(((most_fds - 500) / 2))
			proxies+=("$pid")
		done
		;;
	nginx)
		start_nginx "$n"
		proxies+=("$pid")
		;;
	esac
}

held_one() { # WAY
	local pid proxies=() server n what
	spawn "$BUILD/held" serve 8000 0.0.0.0
	server=$pid
	eventually listens "$lan.1" 8000 || return 1
	held_proxies "$1"
	take "$1"
	[ "$1" != nft ] || nft_on
	read -r n what < <(timeout 240 "${with[@]}" "$BUILD/held" open $HELD \
		"$at" "$port" 2>"$dir/said")
	[ "$1" != nft ] || nft_off
	for pid in "${proxies[@]}" "$server"; do stop "$pid"; done
	if [ -z "${n:-}" ]; then
		what=$(last_line "$dir/said")
		why[$1]="open at once: ${what:-not done in 240 s}"
		return 1
	fi
	echo "$n" >"$dir/held.$1"
	held_end[$1]=$what
}

declare -A held_end=()
held_why=''
measure_held() {
	local way
	held_possible || return 0
	for way in $WAYS; do
		sensible held "$way" || continue
		[ -z "${why[$way]:-}" ] || continue
		held_one "$way" || ! is_ours "$way" || : >"$dir/missing"
	done
}

held_notes() {
	local way
	if [ -n "$held_why" ]; then
		echo "SKIP open at once: $held_why"
		return
	fi
	echo "Open at once: from one address with $(awk '{
		print $2 - $1 + 1
	}' /proc/sys/net/ipv4/ip_local_port_range | thousands) ports;" \
		'direct: to one of the servers.'
	for way in $WAYS; do
		[ -z "${held_end[$way]:-}" ] ||
			echo "    ${label[$way]}, then: ${held_end[$way]}"
	done
}
