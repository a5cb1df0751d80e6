# What a network can do to probes, and what lbd makes of it: a backend that is
# refused, silent or unreachable is down, one that cannot make up its mind not.
. tests/e2e/veth.sh

test_a_refusal_takes_fall_probes() {
	backend b1
	backend b2
	one=$pid
	counter far asked
	{
		probed_every 100ms
		echo "fall = 4"
		service web 1 2
	} | conf
	lbd_start
	eventually backend_is web b2 up
	stop "$one" KILL
	tamper far "ip daddr $lan.2 tcp flags syn counter name asked"
	eventually has_event backend-down b2
	[ "$(hits far asked)" -ge 3 ] # the first may have come before the rule
	is "$(reason_of backend-down b2)" "Connection refused"
	is "$(events backend-down)" 1
}

# Each end of silence is one timeout: while a silent backend is asked once, in
# timeout + pause, one that answers is asked twice.
test_silence_lasts_one_timeout_and_delays_nobody() {
	for n in 1 2 3 4 5; do backend b$n; done
	{
		probed_every 200ms
		echo "timeout = 200ms"
		service web 1 2 3 4 5
	} | conf
	lbd_start
	eventually backend_is web b1 up
	counter far silent
	counter far lively
	tamper far "ip daddr $lan.1 tcp flags syn counter name silent drop"
	tamper far "ip daddr $lan.2 tcp flags syn counter name lively"
	eventually has_event backend-down b1
	is "$(reason_of backend-down b1)" "Connection timed out"
	eventually hits_reach far silent 16
	silent=$(hits far silent) lively=$(hits far lively)
	[ $((lively * 10)) -ge $((silent * 16)) ] &&
		[ $((lively * 10)) -le $((silent * 24)) ] ||
		fail "asked $silent times in silence, $lively times with an answer"
	is "$(events backend-down)" 1
}

# The network says no, later: that is about the way to the backend.
test_what_routers_answer_is_the_reason() {
	local n
	for n in 1 2 3 4 5 6 7 8 9 10 11 12; do backend b$n; done
	{
		probed_every 100ms
		service web 1 2 3 4 5 6 7 8 9 10 11 12
	} | conf
	lbd_start
	for n in 1 2 3 4 5; do eventually backend_is web b$n up; done
	tamper far "ip daddr $lan.1 reject with icmp host-unreachable"
	tamper far "ip daddr $lan.2 reject with icmp net-unreachable"
	tamper far "ip daddr $lan.3 reject with icmp admin-prohibited"
	tamper far "ip daddr $lan.4 reject with icmp port-unreachable"
	tamper far "ip daddr $lan.5 reject with tcp reset"
	for n in 1 2 3 4 5; do eventually has_event backend-down b$n; done
	is "$(reason_of backend-down b1)" "No route to host"
	is "$(reason_of backend-down b2)" "Network is unreachable"
	is "$(reason_of backend-down b3)" "No route to host"
	is "$(reason_of backend-down b4)" "Connection refused"
	is "$(reason_of backend-down b5)" "Connection refused"
	is "$(events backend-down)" 5
}

# A router that wants smaller packets than a SYN says nothing of the backend.
test_a_call_for_smaller_packets_is_silence() {
	for n in 1 2 3 4; do backend b$n; done
	{
		probed_every 200ms
		service web 1 2 3 4
	} | conf
	lbd_start
	eventually backend_is web b1 up
	program answers <<-'END'
	import socket, struct, sys
	def checksum(b):
	    s = sum(struct.unpack("!%dH" % (len(b) // 2), b))
	    s = (s >> 16) + (s & 0xffff)
	    return ~(s + (s >> 16)) & 0xffff
	tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
	out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
	backend = socket.inet_aton(sys.argv[1])
	print("ready")
	while True:
	    packet = tap.recv(2000)
	    if packet[16:20] != backend or packet[9] != 6:
	        continue
	    answer = struct.pack("!BBHHH", 3, 4, 0, 0, 68) + packet[:28]
	    answer = answer[:2] + struct.pack("!H", checksum(answer)) + answer[4:]
	    out.sendto(answer, (socket.inet_ntoa(packet[12:16]), 0))
	    print("told")
	END
	spawn_far python3 -u "$dir/answers" "$lan.1" >"$dir/told"
	eventually grep -q ready "$dir/told"
	tamper far "ip daddr $lan.1 tcp flags syn drop"
	eventually has_event backend-down b1
	grep -q told "$dir/told"
	is "$(reason_of backend-down b1)" "Connection timed out"
}

# Yes, no, yes, no: neither rise nor fall is ever reached.
test_flapping_with_every_probe_changes_nothing() {
	backend b1
	backend b2
	counter far asked
	{
		probed_every 50ms
		service web 1 2
	} | conf
	lbd_start
	eventually backend_is web b1 up
	tamper far "ip daddr $lan.1 tcp flags syn counter name asked"
	tamper far "ip daddr $lan.1 tcp flags syn numgen inc mod 2 == 1 \
		reject with tcp reset"
	eventually hits_reach far asked 60
	is "$(figure web b1 state)" up
	is "$(figure web b1 reason)" "Connection refused"
	is "$(events backend-down)" 0
}

# Three of ten first packets lost, or every packet 0.4 s in a queue; never two
# losses in a row, for chance is no friend of tests.
test_loss_and_queueing_at_defaults_take_nobody_down() {
	for n in 1 2 3 4; do backend b$n; done
	printf '[defaults]\n%s\n' "$(service web 1 2 3 4)" |
		conf
	lbd_start
	far tc qdisc add dev far root tbf rate 1mbit burst 2000 limit 52000
	program flood <<-'END'
	import socket, sys, time
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	sink = (sys.argv[1], 9)
	begun, sent = time.monotonic(), 0
	while True:
	    due = 50 + (time.monotonic() - begun) * 127
	    while sent < due:
	        s.sendto(bytes(960), sink)
	        sent += 1
	    time.sleep(0.004)
	END
	spawn_far python3 "$dir/flood" "$lan.254"
	is_full() {
		far tc -s qdisc show dev far | grep -qE 'backlog [345][0-9]Kb'
	}
	counter far asked
	counter far lost
	for n in 1 2; do
		tamper far "ip daddr $lan.$n tcp flags syn counter name asked \
			numgen inc mod 10 { 1, 4, 7 } counter name lost drop"
	done
	eventually is_full
	eventually hits_reach far asked 10
	[ "$(hits far lost)" -ge 2 ]
	eventually is_full
	for n in 1 2 3 4; do is "$(state_of web b$n)" up; done
	is "$(events backend-down)" 0
}

# Datagrams: a port that is closed says so. One that is silent says nothing of
# itself, unless an answer is expected.
test_a_closed_udp_port_is_down_and_a_silent_one_unknown() {
	local n
	program sink <<-'END'
	import socket, sys
	held = []
	for at in sys.argv[1:]:
	    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	    s.bind((at, 53))
	    held.append(s)
	print("bound")
	while True:
	    for s in held[:1]:
	        text, who = s.recvfrom(100)
	        s.sendto(b"pong", who)
	END
	spawn_far python3 -u "$dir/sink" "$lan.1" "$lan.2" >"$dir/bound"
	eventually grep -q bound "$dir/bound"
	{
		probed_every 100ms
		printf '[service tell]\naddress = 127.96.1.1:53\nprotocol = udp\n'
		echo 'probe = send "ping"'
		printf "backend = $lan.%s:53 name=b%s\n" 1 1 2 2 3 3
		printf '[service ask]\naddress = 127.96.1.2:53\nprotocol = udp\n'
		echo 'probe = send "ping" expect "pong"'
		printf "backend = $lan.%s:53 name=b%s\n" 1 1 2 2 3 3
	} | conf
	lbd_start
	eventually backend_is tell b3 down
	is "$(reason_of backend-down b3)" "Connection refused"
	eventually backend_is ask b1 up
	eventually backend_is ask b2 down
	eventually backend_is ask b3 down
	counter far asked
	tamper far "ip daddr $lan.2 udp dport 53 counter name asked"
	eventually hits_reach far asked 10
	is "$(state_of tell b2)" unknown
}

# To whom a connection was made, though it is cut at once, takes connections;
# whether the server behind it works is for other kinds of probes to ask.
test_a_connection_that_is_cut_at_once_is_up_to_a_tcp_probe() {
	program cutter <<-'END'
	import socket, struct, sys
	s = socket.socket()
	s.bind((sys.argv[1], 8000))
	s.listen(100)
	print("listens")
	while True:
	    c = s.accept()[0]
	    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
	    c.close()
	    print("cut")
	END
	spawn_far python3 -u "$dir/cutter" "$lan.1" >"$dir/cut"
	eventually grep -q listens "$dir/cut"
	{
		probed_every 50ms
		echo "fall = 1"
		service web 1
	} | conf
	lbd_start
	counter far asked
	tamper far "ip daddr $lan.1 tcp flags syn counter name asked"
	eventually hits_reach far asked 40
	is "$(state_of web b1)" up
	is "$(events backend-down)" 0
}
