# Live connections, as the kernel counts them by destination.

two_backends() {
	backend b1
	backend b2
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	interval = 200ms
	backend = $lan.1:8000 name=b1
	backend = $lan.2:8000 name=b2
	END
	lbd_start
}

one_backend() { # [WORD]: that its line has too
	backend b1
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	backend = $lan.1:8000 name=b1 ${1:-}
	END
}

# of SERVICE BACKEND KEY
of() {
	"$BUILD/lbctl" status "$1" --json |
		python3 -c 'import json,sys
s=json.load(sys.stdin)
print([b[sys.argv[2]] for b in s["backends"] if b["name"]==sys.argv[1]][0])' \
			"$2" "$3"
}

has() { # SERVICE BACKEND COUNT
	[ "$(of "$1" "$2" connections)" = "$3" ]
}

# Two counts say the same: they are a second apart while nobody calls.
stays() { # SERVICE BACKEND COUNT
	eventually has "$@"
	sleep 1.2
	has "$@"
}

# holder NAME HOST PORT COUNT [AFTER]: connections that are kept open, made
# without the library; AFTER is Python that may use `held`, and `time`.
holder() {
	spawn python3 -u -c '
import os, socket, sys, time
name, host, port, count = sys.argv[1:5]
six = ":" in host
held = []
for i in range(int(count)):
    s = socket.socket(socket.AF_INET6 if six else socket.AF_INET)
    s.connect((host, int(port)))
    held.append(s)
print("holding", flush=True)
exec(sys.argv[5] if len(sys.argv) > 5 else "")
time.sleep(600)' "$@" >"$dir/$1"
	eventually grep -q holding "$dir/$1"
}

test_connections_are_counted_by_destination() {
	two_backends
	holder one "$lan.1" 8000 3
	holder two "$lan.2" 8000 1
	eventually has web b1 3
	eventually has web b2 1
}

test_a_killed_program_s_connections_are_gone() {
	two_backends
	holder one "$lan.1" 8000 5
	eventually has web b1 5
	stop "$pid" KILL
	eventually has web b1 0
}

test_connections_that_are_inherited_count_once() {
	two_backends
	holder one "$lan.1" 8000 2 '
held.append(held[0].dup())
os.fork()'
	stays web b1 2
}

test_connections_live_on_through_exec() {
	two_backends
	holder one "$lan.1" 8000 2 '
held[0].set_inheritable(True)
os.execlp("sleep", "sleep", "600")'
	stays web b1 1
}

test_mapped_addresses_are_those_they_stand_for() {
	two_backends
	holder one "::ffff:$lan.1" 8000 4
	eventually has web b1 4
}

test_ipv6_is_counted() {
	spawn python3 -u -c '
import socket, time
s = socket.create_server(("::1", 8000), family=socket.AF_INET6)
held = []
while True: held.append(s.accept())'
	conf <<-END
	[service web]
	address = [fd96::1]:80
	backend = [::1]:8000 name=b1
	END
	eventually python3 -c 'import socket; socket.create_connection(("::1", 8000))'
	lbd_start
	holder one ::1 8000 3
	eventually has web b1 3
}

# At $lan.1: a queue of one, with one in it, that nobody empties. SYNs are not
# answered any more.
full_backend() {
	spawn python3 -u -c '
import socket, sys, time
s = socket.socket(); s.bind((sys.argv[1], 8000)); s.listen(0)
c = socket.create_connection((sys.argv[1], 8000))
print("bound", flush=True); time.sleep(600)' "$lan.1" >"$dir/full"
	eventually grep -q bound "$dir/full"
}

test_a_pending_connect_counts() {
	full_backend
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	probe = none
	backend = $lan.1:8000 name=b1
	END
	lbd_start
	spawn python3 -u -c '
import socket, sys, time
held = []
for i in range(3):
    s = socket.socket(); s.setblocking(False)
    s.connect_ex((sys.argv[1], 8000)); held.append(s)
print("holding", flush=True); time.sleep(600)' "$lan.1" >"$dir/pending"
	eventually grep -q holding "$dir/pending"
	eventually has web b1 4
}

test_one_address_in_two_services_counts_in_both() {
	backend b1
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	backend = $lan.1:8000 name=b1
	[service api]
	address = 127.96.1.2:80
	backend = $lan.1:8000 name=b1
	END
	lbd_start
	holder one "$lan.1" 8000 2
	eventually has web b1 2
	eventually has api b1 2
}

test_a_backend_with_every_port_counts_every_port() {
	backend b1
	backend b1 8001
	conf <<-END
	[service web]
	address = 127.96.1.1:*
	probe = none
	backend = $lan.1:* name=b1
	END
	lbd_start
	holder one "$lan.1" 8000 1
	holder two "$lan.1" 8001 2
	eventually has web b1 3
}

test_connected_udp_sockets_are_counted() {
	conf <<-END
	[service dns]
	address = 127.96.1.1:53
	protocol = udp
	backend = $lan.1:53 name=b1
	END
	lbd_start
	spawn python3 -c '
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect((sys.argv[1], 53)); time.sleep(600)' "$lan.1"
	eventually has dns b1 1
}

test_lbd_s_own_probes_do_not_count() {
	full_backend
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	interval = 200ms
	backend = $lan.1:8000 name=b1
	END
	lbd_start
	eventually backend_is web b1 down # always a probe that waits
	eventually has web b1 1
	for _ in $(seq 20); do
		has web b1 1
		sleep 0.05
	done
}

test_a_reload_keeps_the_counts_right() {
	two_backends
	holder one "$lan.1" 8000 3
	eventually has web b1 3
	kill -STOP "$pid" # nothing changes but the file
	sed -i "/name=b2/d" "$dir/lbd.ini"
	echo "backend = $lan.3:8000 name=b3" >>"$dir/lbd.ini"
	"$BUILD/lbctl" reload
	eventually has web b1 3
	kill -9 "$pid"
	eventually has web b1 0
}

test_a_refusing_kernel_is_said_and_done_without() {
	one_backend
	: >"$dir/lbd.log"
	spawn "$BUILD/refused" "$BUILD/lbd" -c "$dir/lbd.ini" \
		2>>"$dir/lbd.log"
	eventually is_ready
	holder one "$lan.1" 8000 2
	is "$(get 127.96.1.1:80)" b1
	has web b1 0
	is "$(grep -c event=counts-estimated "$dir/lbd.log")" 1
	matches "$(cat "$dir/lbd.log")" \
		'event=counts-estimated reason="?Operation not permitted'
}

# Its requests for all families at once are none that the kernel knows.
test_a_kernel_that_tells_of_a_family_at_a_time_will_do() {
	one_backend
	"$CC" -D_GNU_SOURCE -shared -fPIC -o "$dir/older.so" -x c - <<-END
	#include <linux/inet_diag.h>
	#include <linux/netlink.h>
	#include <sys/syscall.h>
	#include <unistd.h>
	ssize_t send(int fd, const void *bytes, size_t size, int flags)
	{
	    struct nlmsghdr *h = (void *)bytes;
	    if (size > sizeof(*h) && h->nlmsg_len == size &&
	        h->nlmsg_type == TCPDIAG_GETSOCK)
	        h->nlmsg_type = 0x7f;
	    return syscall(SYS_sendto, fd, bytes, size, flags, 0, 0);
	}
	END
	: >"$dir/lbd.log"
	spawn env LD_PRELOAD="${preload%"$shim"} $dir/older.so" \
		"$BUILD/lbd" -c "$dir/lbd.ini" 2>>"$dir/lbd.log"
	lbd=$pid
	eventually is_ready
	holder one "$lan.1" 8000 2
	holder two "::ffff:$lan.1" 8000 1
	eventually has web b1 3
	fails grep event=counts-estimated "$dir/lbd.log"
}
