# Probes that talk: texts over tcp and udp, Redis, PostgreSQL, MySQL, SMTP.
. tests/e2e/probes.sh

# peer NUMBER CODE: a server at $lan.NUMBER:9000. CODE is Python, run for each
# connection `c`; what it notes comes to $dir/noted.NUMBER.
peer() {
	spawn python3 -u -c '
import socket, struct, sys, threading, time
def note(text):
    print(text, flush=True)
def slowly(c, data):
    for b in data:
        c.sendall(bytes([b])); time.sleep(0.001)
def reset(c):
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
def serve(c):
    try:
        exec(sys.argv[2], dict(globals(), c=c))
    except OSError as e:
        note(type(e).__name__)
    c.close()
s = socket.create_server((sys.argv[1], 9000))
while True:
    c = s.accept()[0]
    c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threading.Thread(target=serve, args=(c,), daemon=True).start()' \
		"$lan.$1" "$2" >"$dir/noted.$1"
	eventually listens "$lan.$1" 9000
}

# asked PROBE NUMBER...: lbd asks the peers of these numbers.
asked() {
	local probe=$1 n
	shift
	{
		printf '[service web]\naddress = 127.96.1.1:80\n'
		printf 'interval = 1s\nprobe = %s\n' "$probe"
		for n; do
			printf 'backend = %s:9000 name=b%s\n' "$lan.$n" "$n"
		done
	} | conf
	lbd_start
}

test_an_expected_text_may_come_byte_by_byte() {
	peer 1 'slowly(c, b"\0\xff re rea"); slowly(c, b"ready\0!"); c.recv(1)'
	peer 2 'slowly(c, b"\0\xff re rea"); slowly(c, b"dy!"); c.recv(1)'
	asked 'expect "ready\x00!"' 1 2
	is_now b1 up
	is_down b2 "expected text did not come in time"
}

test_who_does_not_say_it_is_down_and_says_how() {
	peer 1 'c.sendall(b"no")'
	peer 2 'reset(c)'
	peer 3 'c.recv(1)'
	peer 4 '
while True: c.sendall(b"x" * 4096)'
	asked 'expect "yes"' 1 2 3 4 5
	is_down b1 "closed before it had answered"
	is_down b2 "Connection reset by peer"
	is_down b3 "no answer in time"
	is_down b4 "expected text not in the first 64 KiB"
	is_down b5 "Connection refused"
}

test_a_question_is_sent_whole() {
	peer 1 'q = c.recv(99); note(q.hex()); c.sendall(b"pong" * (q == b"a\0b\r\n"))'
	asked 'send "a\x00b\r\n" expect "pong"' 1
	is_now b1 up
	eventually grep -qx 6100620d0a "$dir/noted.1"
}

test_a_question_without_an_expected_text_is_enough() {
	peer 1 'note(c.recv(99).hex()); c.recv(1)'
	asked 'send "hi"' 1 2
	is_now b1 up
	is_down b2 "Connection refused"
	eventually grep -q 6869 "$dir/noted.1"
}

test_a_server_that_never_ends_delays_nobody() {
	peer 1 '
while True: c.sendall(b"x" * 65536)'
	peer 2 'c.sendall(b"ready")'
	{
		printf '[service web]\naddress = 127.96.1.1:80\n'
		printf 'interval = 300ms\ntimeout = 300ms\n'
		printf 'probe = expect "ready"\n'
		for n in $(seq 5); do
			printf 'backend = %s:9000 name=x%s\n' "$lan.$n" "$n"
		done
	} | conf
	for n in $(seq 3 5); do
		peer "$n" 'c.sendall(b"ready")'
	done
	lbd_start
	is_now x2 up
	is_now x1 down
	for n in $(seq 2 5); do
		is_now "x$n" up
	done
}

test_redis_is_up_while_it_answers() {
	spawn redis-server --bind "$lan.1" --port 9000 --save "" \
		--requirepass secret --dir "$dir" >/dev/null
	eventually listens "$lan.1" 9000
	asked redis 1
	is_now b1 up
	redis() {
		redis-cli -h "$lan.1" -p 9000 -a secret --no-auth-warning "$@"
	}
	redis config set replica-serve-stale-data no
	redis config set requirepass ""
	redis replicaof "$lan.9" 1
	is_down b1 "MASTERDOWN Link with MASTER is down"
	redis replicaof no one
	is_now b1 up
}

# As nobody where we are root: PostgreSQL wants no root.
postgres_start() {
	local bin as=()
	bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | tail -1)
	mkdir "$dir/pg"
	if [ "$(id -u)" = 0 ]; then
		chown nobody "$dir/pg"
		as=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
	fi
	cd "$dir/pg"
	"${as[@]}" "$bin/initdb" -D data -A trust -U boss --no-sync \
		--no-locale >/dev/null
	{
		echo "local all all trust"
		echo "host all all all scram-sha-256"
	} >data/pg_hba.conf
	echo "max_connections = 5" >>data/postgresql.conf
	spawn "${as[@]}" "$bin/postgres" -D data -h "$lan.1" -p 9000 -F \
		-k "$dir/pg" 2>>"$dir/pg/log"
	postgres=$pid
	eventually psql -h "$dir/pg" -p 9000 -U boss postgres -c ""
}

# A probe that is asked for a password, and one that is let in without.
no_probe_is_logged() {
	: >"$dir/pg/log"
	sleep 0.5
	fails grep -vE 'SIGHUP' "$dir/pg/log"
}

test_postgres_is_up_while_it_takes_users_and_logs_no_probe() {
	postgres_start
	asked postgres 1
	is_now b1 up
	no_probe_is_logged
	echo "host all all all trust" >"$dir/pg/data/pg_hba.conf"
	echo "local all all trust" >>"$dir/pg/data/pg_hba.conf"
	psql -h "$dir/pg" -p 9000 -U boss postgres -qc 'create role lbd login'
	kill -HUP "$postgres"
	eventually grep -q SIGHUP "$dir/pg/log"
	no_probe_is_logged
	backend_is web b1 up
	spawn python3 -c '
import socket, sys, time
held = []
for i in range(5):
    s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
    s.sendall(b"\0\0\0\x25\0\3\0\0user\0boss\0database\0postgres\0\0")
    held.append(s)
time.sleep(100)' "$dir/pg/.s.PGSQL.9000"
	is_down b1 "53300 sorry, too many clients already"
	stop "$pid"
	is_now b1 up
}

# What MariaDB 10.11 sends, then what `$1` does with our login.
mysql_peer() {
	peer "$1" '
g = (b"\x0a5.5.5-10.11.19-MariaDB-0+deb12u1\0\x9a\1\0\0kkXU$OA:\0\xfe\xf7\x08"
  b"\2\0\xff\x81\x15" + bytes(6) + b"\x1d\0\0\0;-ma}qA/4l*Z\0"
  b"mysql_native_password\0")
g = bytes([len(g), 0, 0, 0]) + g
slowly(c, g)
h = c.recv(4); login = c.recv(h[0])
name = (h[3], login[32:36])
'"$2"
}

test_mysql_is_logged_in_to_and_left_politely() {
	mysql_peer 1 '
c.sendall(b"\x07\0\0\2\0\0\0\2\0\0\0"); q = c.recv(9)
note("%d %s %s" % (*name, q))'
	mysql_peer 2 'c.sendall(b"\x0f\0\0\2\xff\x15\x04#28000Denied"); c.recv(1)'
	peer 3 'c.sendall(b"\x10\0\0\0\xff\x10\x04#08004no room")'
	asked mysql 1 2 3
	is_now b1 up
	is_now b2 up
	is_down b3 "error 1040 no room"
	eventually grep -qxF "1 b'lbd\\x00' b'\\x01\\x00\\x00\\x00\\x01'" \
		"$dir/noted.1"
}

test_smtp_is_greeted_back() {
	peer 1 'slowly(c, b"220-mx ESMTP\r\n220 ready\r\n"); note(c.recv(9)); c.sendall(b"221 bye\r\n")'
	peer 2 'c.sendall(b"220 mx\r\n"); c.recv(9); c.recv(9)'
	peer 3 'c.sendall(b"554 5.7.1 no mail here\r\n"); c.recv(9)'
	asked smtp 1 2 3
	is_now b1 up
	is_now b2 up
	is_down b3 "554 5.7.1 no mail here"
	eventually grep -qxF "b'QUIT\\r\\n'" "$dir/noted.1"
}

# datagrams NUMBER ANSWER: one that answers every datagram; "" never.
datagrams() {
	spawn python3 -u -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], 9000))
print("bound", flush=True)
while True:
    q, a = s.recvfrom(99)
    print(q, flush=True)
    if sys.argv[2]: s.sendto(b"first", a); s.sendto(sys.argv[2].encode(), a)' \
		"$lan.$1" "$2" >"$dir/noted.$1"
	udp=$pid
	eventually test -s "$dir/noted.$1"
}

asked_udp() { # PROBE NUMBER...
	local probe=$1
	shift
	{
		printf '[service web]\naddress = 127.96.1.1:53\nprotocol = udp\n'
		printf 'interval = 200ms\nprobe = %s\n' "$probe"
		for n; do
			printf 'backend = %s:9000 name=b%s\n' "$lan.$n" "$n"
		done
	} | conf
	lbd_start
}

test_udp_is_up_if_the_text_comes() {
	datagrams 1 "an answer"
	datagrams 2 "a question"
	asked_udp 'send "x\x00y" expect "answer"' 1 2 3
	is_now b1 up
	is_down b2 "no datagram with the expected text in time"
	is_down b3 "Connection refused"
	is "$(sort -u "$dir/noted.1")" "b'x\\x00y'
bound"
}

test_udp_silence_takes_nobody_down_and_proves_nothing() {
	datagrams 1 ""
	datagrams 2 "anything"
	asked_udp 'send "x"' 1 2 3
	is_now b2 up
	is_down b3 "Connection refused"
	eventually eval '[ "$(wc -l <"$dir/noted.1")" -gt 4 ]'
	backend_is web b1 unknown
	stop "$udp"
	is_now b2 down
	datagrams 3 ""
	is_now b3 up
	fails grep -q probe-local "$dir/lbd.log"
}

# Programs that hang are no failure of the network, however many they are: the
# connections that they took prove it.
test_a_majority_that_takes_connections_and_hangs_is_down() {
	local n kind service=0
	for n in 1 2 3 4 5 6; do peer $n 'time.sleep(600)'; done
	{
		printf '[defaults]\ninterval = 300ms\n'
		for kind in http grpc redis; do
			printf '[service %s]\nprobe = %s\n' $kind $kind
			printf 'address = 127.96.1.%s:80\n' $((++service))
			for n in 1 2 3 4 5 6; do
				printf 'backend = %s:9000 name=b%s\n' "$lan.$n" $n
			done
		done
	} | conf
	lbd_start
	for kind in http grpc redis; do
		for n in 1 2 3 4 5 6; do
			eventually backend_is $kind b$n down
		done
	done
	fails grep -q event=blind "$dir/lbd.log"
}
