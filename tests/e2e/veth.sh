# A network of the test's own: the test, lbd and its clients run in one
# namespace, the backends in another, and a cable runs between them. Both are
# gone with their processes. A test file that sources this has:
#
#	$lan.1 .. $lan.40   addresses of the far end; backend() listens there
#	$lan.254            the near end, at the device "near"
#	far COMMAND...      runs a command at the far end
#	tamper END RULE     a rule of nftables on what arrives at that end (far),
#	                    or is sent from it (near); mend END takes all back
#	hits END NAME       how many packets a rule "counter name NAME" has met;
#	                    counter END NAME comes before
[ "$(id -u)" = 0 ] || skip "needs root, for a network of its own"

# The same test once more, in a namespace.
if [ "${VETH_TEST:-}" != "$test" ]; then
	rm -rf "$dir"
	VETH_TEST=$test exec unshare --net bash "$0" "$file" "$test"
fi

lan=10.9.0
lan6=fd00:9:

far() {
	nsenter --net="/proc/$far/ns/net" "$@"
}

spawn_far() {
	spawn nsenter --net="/proc/$far/ns/net" "$@"
}

# program NAME: standard input becomes $dir/NAME.
program() {
	cat >"$dir/$1"
}

is_elsewhere() { # PID: has it left this namespace?
	[ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

# Addresses can be used at once, and every packet may be answered by an error.
quiet() {
	sysctl -qw net.ipv6.conf.all.accept_dad=0 \
		net.ipv6.conf.default.accept_dad=0 \
		net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
	ip link set lo up
}

lay_cable() {
	local n
	spawn unshare --net sleep 600
	far=$pid
	eventually is_elsewhere "$far"
	quiet
	export -f quiet
	far bash -c quiet
	ip link add name near type veth peer name far netns "$far"
	ip address add "$lan.254/24" dev near
	ip address add "$lan6:ff/64" dev near
	ip link set near up
	for n in $(seq 40); do
		echo "address add $lan.$n/24 dev far"
		echo "address add $lan6:$n/64 dev far"
	done | far ip -batch -
	far ip link set far up
	nft 'table inet faults { chain out { type filter hook output priority 0; }; }'
	far nft 'table inet faults { chain in { type filter hook input priority 0; }; }'
}

tamper() { # near|far RULE
	if [ "$1" = near ]; then
		nft "add rule inet faults out $2"
	else
		far nft "add rule inet faults in $2"
	fi
}

mend() { # near|far
	if [ "$1" = near ]; then
		nft flush chain inet faults out
	else
		far nft flush chain inet faults in
	fi
}

hits() { # near|far NAME
	if [ "$1" = near ]; then
		nft list counter inet faults "$2"
	else
		far nft list counter inet faults "$2"
	fi | sed -n 's/.*packets \([0-9]*\).*/\1/p'
}

hits_reach() { # near|far NAME COUNT
	[ "$(hits "$1" "$2")" -ge "$3" ]
}

counter() { # near|far NAME
	if [ "$1" = near ]; then
		nft add counter inet faults "$2"
	else
		far nft add counter inet faults "$2"
	fi
}

# backend NAME [PORT]: as in lib.sh, but at the far end.
backend() {
	local at=$lan.${1//[^0-9]/}
	spawn_far "$BUILD/hello" "$at" "${2:-8000}" "$1" 2>>"$dir/hello.err"
	eventually listens "$at" "${2:-8000}"
}

# events EVENT [BACKEND]: how many lines of the log have it.
events() {
	grep -cE "event=$1${2:+ .*backend=$2}( |\$)" "$dir/lbd.log" || true
}

has_event() { # EVENT [BACKEND]
	[ "$(events "$@")" -gt 0 ]
}

# The reason that the last such event gave.
reason_of() { # EVENT BACKEND
	grep -E "event=$1 .*backend=$2 " "$dir/lbd.log" | tail -1 |
		sed -E 's/.* reason=("([^"]*)"|([^ ]*)).*/\2\3/'
}

# One of lbctl's figures of a service, or of one of its backends.
figure() { # SERVICE [BACKEND] KEY
	"$BUILD/lbctl" status "$1" --json | python3 -c 'import json, sys
s = json.load(sys.stdin)
if sys.argv[2:]:
    s = [b for b in s["backends"] if b["name"] == sys.argv[1]][0]
print(s[sys.argv[-1]])' "${@:2}"
}

# service NAME BACKEND...: one that is probed often.
service() {
	printf '[service %s]\naddress = 127.96.1.1:80\n' "$1"
	printf "backend = $lan.%s:8000 name=b%s\n" $(for n in "${@:2}"; do
		echo "$n $n"
	done)
}

probed_every() { # DURATION
	printf '[defaults]\ninterval = %s\n' "$1"
}

lay_cable
