# Rules with net, in a network of the test's own.
. tests/e2e/subjects.sh
[ "$(id -u)" = 0 ] || skip "needs root, for a network of its own"

# The same test once more, in a namespace.
if [ "${NET_TEST:-}" != "$test" ]; then
	rm -rf "$dir"
	NET_TEST=$test exec unshare --net bash "$0" "$file" "$test"
fi

test_an_address_comes_and_goes() {
	ip link add v0 type veth peer name v1
	ip link set lo up
	ip link set v0 up
	ip link set v1 up
	backend b1
	{ service ten 1 "permit = net 10.0.0.0/8"
	  service not-ten 2 "deny = net 10.1.0.0/16"
	  service six 3 "permit = net fd96::/16"
	  service loop 4 "permit = net 127.0.0.0/8"
	  service four 5 "permit = net 0.0.0.0/0"
	  service local 6 "permit = net fe80::/10"; } | conf
	lbd_start
	all() { shimmed python3 -c "$answers" 1 2 3 4 5 6; }
	is "$(all)" "EACCES b1 EACCES EACCES EACCES EACCES "
	ip addr add 169.254.7.7/16 dev v0
	is "$(all)" "EACCES b1 EACCES EACCES EACCES EACCES "
	ip addr add 10.1.2.3/24 dev v0
	is "$(all)" "b1 EACCES EACCES EACCES b1 EACCES "
	ip addr add fd96::7/64 dev v1 nodad
	is "$(all)" "b1 EACCES b1 EACCES b1 EACCES "
	ip addr del 10.1.2.3/24 dev v0
	ip addr add 10.2.2.3/32 dev lo
	is "$(all)" "b1 b1 b1 EACCES b1 EACCES "
	eventually has_event addresses-changed
	for n in $(seq 250); do
		echo "addr add 10.7.7.$n/32 dev v0"
	done | ip -batch -
	ip addr flush dev v0
	ip addr flush dev v1
	ip addr flush dev lo scope global
	is "$(all)" "EACCES b1 EACCES EACCES EACCES EACCES "
}

last_is() { # ANSWERS: of a program that runs
	[ "$(tail -n 2 "$dir/asked" | head -n 1)" = "$1" ]
}

asked_again() {
	[ "$(grep -c served "$dir/asked")" -ge 5 ]
}

test_an_address_comes_and_goes_under_a_running_program() {
	ip link add v0 type veth peer name v1
	ip link set lo up
	ip link set v0 up
	backend b1
	{ service ten 1 "permit = net 10.0.0.0/8"
	  service not-ten 2 "deny = net 10.1.0.0/16"; } | conf
	lbd_start
	LD_PRELOAD=$preload LBSHIM_LOG=debug spawn python3 -u -c '
import errno, socket, time
def ask(host):
    with socket.socket() as s:
        return errno.errorcode.get(s.connect_ex((host, 80)), "served")
while True:
    print(ask("127.96.1.1"), ask("127.96.1.2"))
    time.sleep(0.05)' >"$dir/asked" 2>"$dir/asked.log"
	eventually last_is "EACCES served"
	ip addr add 10.1.2.3/24 dev v0
	eventually last_is "served EACCES"
	ip addr add 10.2.2.3/24 dev v0
	ip addr del 10.1.2.3/24 dev v0
	eventually last_is "served served"
	ip addr del 10.2.2.3/24 dev v0
	eventually last_is "EACCES served"
	# What is as it was at the last look costs nobody an attach.
	attaches=$(grep -c ': attached ' "$dir/asked.log")
	"$BUILD/lbctl" reload
	"$BUILD/lbctl" reload
	: >"$dir/asked"
	eventually asked_again
	is "$(grep -c ': attached ' "$dir/asked.log")" "$attaches"
}
