# start.sh: brings up, in front of three servers at $lan, what balances them.
# What can't be had is in $why. Sourced.
haproxy='' nginx=''
cgroups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)

# loses WAYS REASON
loses() {
	local way
	for way in $1; do
		why[$way]=${2:-unknown}
	done
}

last_line() {
	tail -n 1 "$1" | cut -c 1-100
}

# That these can't be had is no excuse.
start_lbds() {
	table_ten || lacks "aside shim" "$(last_line "$dir/ten/log")"
	table_many || lacks shim_many "$(last_line "$dir/many/log")"
}

lacks() {
	loses "$@"
	: >"$dir/missing"
}

start_nft() {
	local what
	if what=$(absent nft); then
		loses nft "$what"
	elif [ -z "${OWN_NET:-}" ]; then
		loses nft 'it would be in the network of all'
	elif nft_on 2>"$dir/nft.log"; then
		nft_off
	else
		loses nft "$(last_line "$dir/nft.log")"
	fi
}

# As a cluster's nftables proxy has it: a map of services, a chain for each
# backend. Nobody else has to pass through it, so it is there only when asked.
nft_on() {
	nft -f - <<-EOF
	table ip lbd_bench {
		chain b1 { ip protocol tcp dnat to $lan.1:8000; }
		chain b2 { ip protocol tcp dnat to $lan.2:8000; }
		chain b3 { ip protocol tcp dnat to $lan.3:8000; }
		chain web {
			numgen random mod 3 vmap { 0: goto b1, 1: goto b2, 2: goto b3 }
		}
		map services {
			type ipv4_addr . inet_proto . inet_service : verdict
			elements = { $echo . tcp . 80: goto web }
		}
		chain out {
			type nat hook output priority -100;
			ip daddr . meta l4proto . th dport vmap @services
		}
	}
	EOF
}

nft_off() {
	nft delete table ip lbd_bench
}

# ebpf_group NAME SERVICE: a control group, and the program for those in it.
ebpf_group() {
	local group=$cgroups/lbd-bench-$$-$1
	mkdir "$group" 2>"$dir/ebpf.log" || return 1
	groups+=("$group")
	spawn "$BUILD/load4" "$BUILD/balance4.o" "$group" "$2" \
		>"$dir/$1.loaded" 2>"$dir/ebpf.log"
	until [ -s "$dir/$1.loaded" ]; do
		kill -0 "$pid" 2>/dev/null || return 1
		sleep 0.05
	done
}

start_ebpf() {
	if ! [ -x "$BUILD/load4" ] || ! [ -e "$BUILD/balance4.o" ]; then
		loses "ebpf_aside ebpf ebpf_many" \
			"not built: $(absent clang || echo 'is libbpf-dev there?')"
	elif [ -z "$cgroups" ]; then
		loses "ebpf_aside ebpf ebpf_many" 'no cgroup2 is mounted'
	elif ! ebpf_group three "$echo,80,1,$lan.1,8000,3"; then
		loses "ebpf_aside ebpf ebpf_many" "$(last_line "$dir/ebpf.log")"
	elif ! ebpf_group many "$vip,80,$many,$far,8000,100"; then
		loses ebpf_many "$(last_line "$dir/ebpf.log")"
	fi
}

# Programs of ours may still be in them for a moment after they were ended.
groups=()
leave_groups() {
	local group
	for group in "${groups[@]}"; do
		eventually rmdir "$group"
	done
	groups=()
}
