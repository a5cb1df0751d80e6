# lbd does not panic: not when it was asleep, nor does it ask all at once.

# many: 500 servers at two ports of $lan.1 to $lan.250; the times at which they
# were asked go to $dir/asked, a line each.
many() {
	ulimit -n 4096
	spawn python3 -u -c '
import selectors, socket, sys, time
s = selectors.DefaultSelector()
for n in range(1, 251):
    for port in 8000, 8001:
        l = socket.create_server(("%s.%d" % (sys.argv[1], n), port))
        l.setblocking(False)
        s.register(l, selectors.EVENT_READ)
print("listening")
while True:
    for key, _ in s.select():
        try:
            key.fileobj.accept()[0].close()
            print(time.monotonic())
        except BlockingIOError:
            pass' "$lan" >"$dir/asked"
	eventually grep -q listening "$dir/asked"
	{
		printf '[service web]\naddress = 127.96.1.1:80\ninterval = 1s\n'
		for n in $(seq 250); do
			printf "backend = $lan.$n:%s\n" 8000 8001
		done
	} | conf
}

asked() { # LINES
	[ "$(grep -c '\.' "$dir/asked")" -ge "$1" ]
}

# spread FROM: of the 500 questions after line FROM, no tenth of a second has
# most.
spread() {
	eventually asked $(($1 + 500))
	grep '\.' "$dir/asked" | python3 -c '
import sys
first = int(sys.argv[1])
at = sorted(float(line) for line in list(sys.stdin)[first:first + 500])
most = max(sum(t <= u < t + 0.1 for u in at) for t in at)
print("at most", most, "in a tenth of a second,", at[-1] - at[0], "s in all")
sys.exit(most > 300)' "$1"
}

lines() {
	grep -c '\.' "$dir/asked" || true
}

test_500_backends_are_not_asked_at_once() {
	many
	lbd_start
	spread 0
}

test_nor_after_a_reload() {
	many
	lbd_start
	sed -i 's/^interval = .*/interval = 900ms/' "$dir/lbd.ini"
	before=$(lines)
	"$BUILD/lbctl" reload
	spread "$before"
}

test_nor_after_a_sleep() {
	many
	lbd_start
	kill -STOP "$lbd"
	sleep 3
	before=$(lines)
	kill -CONT "$lbd"
	eventually grep -q event=stalled "$dir/lbd.log"
	spread "$before"
	is "$(grep -c event=backend-down "$dir/lbd.log" || true)" 0
}

waits() { # ADDRESS: a question to it is under way
	ss -Htn state syn-sent dst "$1" | grep -q .
}

# A backend whose queue is full lets the question wait; its answer is there, and
# its time is over, when lbd wakes up.
test_a_sleep_takes_nobody_down() {
	spawn python3 -u -c '
import signal, socket, sys
def on(sig, frame):
    global taking
    taking = sig == signal.SIGUSR2
taking = True
signal.signal(signal.SIGUSR1, on)
signal.signal(signal.SIGUSR2, on)
l = socket.socket()
l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
l.bind((sys.argv[1], 8000))
l.listen(0)
l.settimeout(0.01)
print("listening")
while True:
    try:
        if taking:
            l.accept()[0].close()
        else:
            signal.sigtimedwait([], 0.01)
    except socket.timeout:
        pass' "$lan.1" >"$dir/listener"
	listener=$pid
	eventually grep -q listening "$dir/listener"
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	interval = 2s
	interval-change = 1s
	timeout = 2s
	fall = 1
	backend = $lan.1:8000
	END
	lbd_start
	kill -USR1 "$listener"
	eventually waits "$lan.1"
	kill -STOP "$lbd"
	kill -USR2 "$listener"
	sleep 4
	kill -CONT "$lbd"
	eventually grep -q event=stalled "$dir/lbd.log"
	sleep 3
	is "$(grep -c event=backend-down "$dir/lbd.log" || true)" 0
	backend_is web "$lan.1:8000" up
}
