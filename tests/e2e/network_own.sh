# What this host's own network can do to probes: it says nothing of a backend,
# and when it has passed lbd goes on without a restart.
. tests/e2e/veth.sh

# connect() itself says no: a route of this host is missing, not a backend.
test_routes_of_this_host_take_no_backend_down() {
	local kind n
	for n in 1 2 3 4 5 6 7; do backend b$n; done
	{
		echo "log-level = debug"
		probed_every 100ms
		service web 1 2 3 4 5 6 7
	} | conf
	lbd_start
	n=1
	for kind in blackhole prohibit unreachable; do
		eventually backend_is web b$n up
		ip route add $kind "$lan.$n/32"
		n=$((n + 1))
	done
	many_local() { [ "$(events probe-local "$1")" -ge 10 ]; }
	for n in 1 2 3; do
		eventually many_local b$n
		is "$(state_of web b$n)" up
	done
	is "$(reason_of probe-local b1)" "Invalid argument"
	is "$(reason_of probe-local b2)" "Permission denied"
	is "$(reason_of probe-local b3)" "No route to host"
	is "$(events probe-local b4)$(events backend-down)" 00
}

# All ten ports are taken: this host cannot ask, and says so.
test_running_out_of_ports_takes_no_backend_down() {
	backend b1
	{
		echo "log-level = debug"
		probed_every 100ms
		service web 1
	} | conf
	lbd_start
	eventually backend_is web b1 up
	echo "40000 40009" >/proc/sys/net/ipv4/ip_local_port_range
	program holder <<-'END'
	import socket, sys, time
	held = []
	while len(held) < 10:
	    s = socket.socket()
	    if s.connect_ex((sys.argv[1], 8000)) == 0:
	        held.append(s)
	print("all")
	time.sleep(60)
	END
	spawn python3 -u "$dir/holder" "$lan.1" >"$dir/held"
	holder=$pid
	eventually grep -q all "$dir/held"
	many_local() { [ "$(events probe-local b1)" -ge 10 ]; }
	eventually many_local
	is "$(reason_of probe-local b1)" "Cannot assign requested address"
	is "$(state_of web b1)" up
	stop "$holder" KILL
	is "$(events backend-down)" 0
}

# The address of this host goes: nobody can be asked, and nobody is down.
test_a_lost_address_of_this_host_comes_back_unnoticed() {
	for n in 1 2; do backend b$n; done
	{
		echo "log-level = debug"
		probed_every 100ms
		service web 1 2
	} | conf
	lbd_start
	eventually backend_is web b1 up
	ip address del "$lan.254/24" dev near
	many_local() { [ "$(events probe-local b1)" -ge 10 ]; }
	eventually many_local
	is "$(state_of web b1)$(state_of web b2)" upup
	ip address add "$lan.254/24" dev near
	counter far asked
	tamper far "ip daddr $lan.1 tcp flags syn counter name asked"
	eventually hits_reach far asked 5
	is "$(get 127.96.1.1:80 | cut -c1)" b
	is "$(events backend-down)" 0
}

test_a_lost_address_of_a_backend_comes_back() {
	for n in 1 2 3; do backend b$n; done
	{
		probed_every 100ms
		service web 1 2 3
	} | conf
	lbd_start
	eventually backend_is web b1 up
	far ip address add "$lan.100/24" dev far # the others outlive the first
	far sysctl -qw net.ipv4.conf.far.promote_secondaries=1
	far ip address del "$lan.1/24" dev far
	eventually backend_is web b1 down
	far ip address add "$lan.1/24" dev far
	eventually backend_is web b1 up
	is "$(state_of web b2)$(state_of web b3)" upup
}

# The device itself goes and comes, with another index and another neighbour.
test_a_removed_device_comes_back() {
	for n in 1 2; do backend b$n; done
	{
		probed_every 100ms
		service web 1 2
	} | conf
	lbd_start
	eventually backend_is web b1 up
	ip link del near
	far ip link show far 2>/dev/null && fail "the cable is still there"
	ip link add name near type veth peer name far netns "$far"
	ip address add "$lan.254/24" dev near
	ip link set near up
	for n in 1 2; do far ip address add "$lan.$n/24" dev far; done
	far ip link set far up
	counter far asked
	tamper far "ip daddr $lan.1 tcp flags syn counter name asked"
	eventually hits_reach far asked 5
	eventually backend_is web b1 up
	is "$(get 127.96.1.1:80 | cut -c1)" b
}

# While IPv6 looks whether an address is somebody else's, nothing can be sent
# from it; that is a second or two.
test_duplicate_address_detection_takes_no_backend_down() {
	spawn_far "$BUILD/hello" "$lan6:1" 8000 b1 2>>"$dir/hello.err"
	eventually listens "$lan6:1" 8000
	{
		echo "log-level = debug"
		probed_every 100ms
		printf '[service web]\naddress = [fd00:96::1]:80\n'
		printf 'backend = [%s:1]:8000 name=b1\n' "$lan6"
	} | conf
	lbd_start
	eventually backend_is web b1 up
	ip address del "$lan6:ff/64" dev near
	sysctl -qw net.ipv6.conf.all.accept_dad=1 net.ipv6.conf.near.accept_dad=1
	eventually has_event probe-local b1
	ip address add "$lan6:ff/64" dev near
	settled() { ip -6 address show dev near | grep "$lan6:ff" | grep -vq tentative; }
	eventually settled
	counter far asked
	tamper far "ip6 daddr $lan6:1 tcp flags syn counter name asked"
	eventually hits_reach far asked 5
	is "$(state_of web b1)" up
	is "$(events backend-down)" 0
}
