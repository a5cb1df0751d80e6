# The checker's own network fails: then lbd knows nothing of the backends, and
# leaves them as they were instead of emptying every service at once.
. tests/e2e/veth.sh

# Ten backends at as many addresses, in two services; the last one is not
# behind the cable.
two_services() {
	local n
	for n in 1 2 3 4 5 6 7 8; do backend b$n; done
	{
		echo "log-level = debug"
		printf '[defaults]\ninterval = 200ms\nfall = 2\nrise = 1\n'
		printf '[service web]\naddress = 127.96.1.1:80\n'
		printf "backend = $lan.%s:8000\n" 1 2 3 4
		printf '[service api]\naddress = 127.96.1.2:80\n'
		printf "backend = $lan.%s:8000\n" 5 6 7 8
	} | conf
	lbd_start
	eventually all_are up
}

states() {
	"$BUILD/lbctl" status --json | python3 -c 'import json, sys
for s in json.load(sys.stdin)["services"]:
    for b in s["backends"]: print(b["name"], b["state"])'
}

all_are() { # STATE
	[ "$(states | cut -d' ' -f2 | sort -u)" = "$1" ]
}

answers() { # ADDRESS: the first letter of who answers there
	shimmed "$BUILD/load" count=1 "$1" 80 | head -1 | cut -c1
}

sees_again() {
	has_event sighted && [ "$(answers 127.96.1.1)$(answers 127.96.1.2)" = bb ]
}

# What is sent is lost on the way, as with a cable that is pulled elsewhere.
test_silence_of_all_freezes_every_state() {
	two_services
	counter far lost
	tamper far "tcp flags syn counter name lost drop"
	eventually has_event blind
	eventually hits_reach far lost $(($(hits far lost) + 40)) # fall, often
	all_are up
	mend far
	eventually sees_again
	is "$(events backend-down)" 0
	all_are up
}

# The device is down: connect() itself fails.
test_a_device_that_is_down_freezes_every_state() {
	two_services
	ip link set near down
	eventually has_event blind
	all_are up
	ip link set near up
	eventually sees_again
	is "$(events backend-down)" 0
}

# The far end of the cable is unplugged: the device has no carrier.
test_a_pulled_cable_freezes_every_state() {
	two_services
	far ip link set far down
	eventually has_event blind
	sleep 1 # more than fall probes
	all_are up
	far ip link set far up
	eventually sees_again
	is "$(events backend-down)" 0
	all_are up
}

# A packet filter of this host's that drops what leaves.
test_a_filter_of_this_host_freezes_every_state() {
	two_services
	counter near lost
	tamper near "tcp dport 8000 counter name lost drop"
	eventually has_event blind
	eventually hits_reach near lost $(($(hits near lost) + 40))
	all_are up
	mend near
	eventually sees_again
	is "$(events backend-down)" 0
}

# A refusal is an answer: whoever is told no, sees.
test_refusals_of_all_are_believed() {
	two_services
	tamper far "tcp flags syn reject with tcp reset"
	eventually all_are down
	fails has_event blind
	mend far
	eventually all_are up
}

# A minority that is silent is not the network.
test_silence_of_some_is_believed() {
	two_services
	tamper far "ip daddr { $lan.1, $lan.2, $lan.5 } tcp flags syn drop"
	for n in 1 2; do eventually backend_is web "$lan.$n:8000" down; done
	eventually backend_is api "$lan.5:8000" down
	fails has_event blind
	is "$(events backend-down)" 3
}

# Who has said no before stays down, and one that died in the dark is found out.
test_after_the_dark_states_follow_the_probes_again() {
	two_services
	tamper far "ip daddr $lan.1 tcp flags syn reject with tcp reset"
	eventually backend_is web "$lan.1:8000" down
	tamper far "tcp flags syn drop" # the first is refused as before
	eventually has_event blind
	is "$(state_of web "$lan.1:8000")$(state_of web "$lan.2:8000")" downup
	mend far
	tamper far "ip daddr $lan.2 tcp flags syn reject with tcp reset"
	eventually backend_is web "$lan.1:8000" up
	eventually backend_is web "$lan.2:8000" down
	is "$(events backend-down)" 2
}
