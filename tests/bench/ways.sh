# ways.sh: the ways to a server, and how a client takes each. Sourced.
#
# Three servers behind one address, but for the rows of many: there each
# connect() is to another of many addresses with 100 backends each.
WAYS="direct aside shim shim_many haproxy nginx nft ebpf_aside ebpf ebpf_many"

declare -A label=(
	[direct]='direct'
	[aside]='lbd, address not virtual'
	[shim]='lbd'
	[shim_many]="lbd, any of $Many x 100"
	[haproxy]='HAProxy, TCP mode'
	[nginx]='nginx, stream'
	[nft]='nftables, DNAT'
	[ebpf_aside]='eBPF, address not virtual'
	[ebpf]='eBPF, connect4'
	[ebpf_many]="eBPF, any of $Many x 100"
)
declare -A why=() # a way is not to be had

# take WAY: sets where a client goes, to how many addresses in a row, which port
# the kernel shows for the other end, what the client runs under, and who works
# for it besides the server.
take() {
	at=$lan.1 port=8000 count=3 shown=8000 with=() staff=()
	case $1 in
	aside | shim) with_library ten ;;
	shim_many) with_library many ;;
	ebpf_many) in_group many ;;
	ebpf*) in_group three ;;
	haproxy) staff=("$haproxy") ;;
	nginx) staff=("$nginx") ;;
	esac
	case $1 in
	shim | ebpf) at=$echo port=80 count=1 ;;
	*_many) at=$vip port=80 count=$many ;;
	haproxy) at=$front.1 port=80 count=1 shown=80 ;;
	nginx) at=$front.2 port=80 count=1 shown=80 ;;
	nft) at=$echo port=80 count=1 shown=80 ;;
	esac
}

with_library() { # TABLE
	with=(env LBD_SOCKET="$dir/$1/lbd.sock" LD_PRELOAD="$shim")
	staff=("${lbd_of[$1]:-}")
}

in_group() { # NAME
	# shellcheck disable=SC2016
	with=(sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"'
		"$cgroups/lbd-bench-$$-$1")
}

# What must be measured wherever this runs.
is_ours() { # WAY
	case $1 in
	direct | aside | shim*) ;;
	*) return 1 ;;
	esac
}

# sensible MEASURE WAY: is that a question?
sensible() {
	case $1:$2 in
	udp:haproxy | udp:nginx) return 1 ;; # what they get is a direct one
	held:aside | held:ebpf_aside | held:*_many) return 1 ;;
	esac
}
