# The memory that lbd and programs share: where it comes from, what there is when
# there is no more, and what is left of it.
. tests/e2e/rules.sh

one_backend() {
	backend b1
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	probe = none
	backend = $lan.1:8000
	END
}

# many N: a table that takes more than the smallest region.
many() {
	{
		printf '[defaults]\nprobe = none\n'
		printf '[service web]\naddress = 127.96.1.1:80\nbackend = %s:8000\n' \
			"$lan.1"
		for i in $(seq "$1"); do
			printf '[service s%d]\naddress = 127.96.%d.%d:80\n' "$i" \
				$((2 + i / 250)) $((i % 250))
			printf 'backend = 10.0.0.%d:80\n' $((i % 250))
		done
	} | conf
}

test_a_full_dev_shm_takes_nothing_from_lbd() {
	unshare -m true 2>/dev/null || skip "mounts of one's own are not allowed"
	one_backend
	: >"$dir/lbd.log"
	export dir
	spawn unshare -m --propagation private bash -c '
		mount -t tmpfs -o size=256k tmpfs /dev/shm || exit 77
		head -c 1m /dev/zero >/dev/shm/full 2>/dev/null
		echo x 2>/dev/null >/dev/shm/more && [ -s /dev/shm/more ] && exit 1
		exec "$0" -c "$dir/lbd.ini"' "$BUILD/lbd" 2>>"$dir/lbd.log"
	lbd=$pid
	eventually is_ready
	is "$(get 127.96.1.1:80)" b1
	many 3000
	"$BUILD/lbctl" reload
	is "$(get 127.96.1.1:80)" b1
	unshare -m --propagation private bash -c '
		mount -t tmpfs -o size=256k tmpfs /dev/shm
		head -c 1m /dev/zero >/dev/shm/full 2>/dev/null
		LD_PRELOAD=$0 curl -sS http://127.96.1.1/' "$curl_preload" \
		>"$dir/got"
	is "$(cat "$dir/got")" b1
}

# A hole would be filled by whoever reads it first, and charged to them.
test_a_region_has_no_hole_for_a_reader_to_fill() {
	one_backend
	lbd_start
	for round in 1 2; do
		python3 - "$lbd" <<-'END'
		import os, sys
		at, n = f"/proc/{sys.argv[1]}/fd", 0
		for fd in os.listdir(at):
		    name = os.readlink(f"{at}/{fd}")
		    if not name.startswith("/memfd:lbd-"):
		        continue
		    n += 1
		    st = os.stat(f"{at}/{fd}")
		    assert st.st_blocks * 512 >= st.st_size, (name, st)
		assert n >= 2, n
		END
		[ $round = 2 ] || many 3000
		"$BUILD/lbctl" reload
	done
}

# The kernel may end lbd for it, or it hears of it and says so: the table that
# programs have is whole, and the next lbd has one that fits.
test_a_table_that_memory_is_too_short_for_leaves_the_old_one() {
	root_only
	group=/sys/fs/cgroup/memory/lbd-$$
	mkdir "$group" 2>/dev/null ||
		skip "no control group of memory can be made here"
	one_backend
	lbd_start
	LD_PRELOAD=$preload spawn "$BUILD/load" rate=200 seconds=4 \
		127.96.1.1 80 >"$dir/load"
	load=$pid
	echo 4M >"$group/memory.limit_in_bytes"
	echo "$lbd" >"$group/cgroup.procs"
	many 16000
	status=0
	"$BUILD/lbctl" reload >"$dir/said" 2>&1 || status=$?
	[ $status != 0 ]
	if "$BUILD/lbctl" status >/dev/null 2>&1; then
		is "$(get 127.96.1.1:80)" b1
		stop "$lbd"
	fi
	one_backend
	eventually rmdir "$group"
	lbd_start
	is "$(get 127.96.1.1:80)" b1
	wait "$load"
	cat "$dir/load"
	matches "$(cat "$dir/load")" '^failed connects 0$'
}

# Whatever it was at, the table that programs have is whole, and the next lbd
# starts as the first did. KILLS=500 for more of the same.
test_an_lbd_that_is_killed_anywhere_leaves_whole_tables() {
	backend b1
	backend b2
	many 400
	cp "$dir/lbd.ini" "$dir/large.ini"
	many 2
	cp "$dir/lbd.ini" "$dir/small.ini"
	cat >"$dir/killer.py" <<-'END'
	import os, random, shutil, signal, socket, subprocess, sys, time
	lbd, folder, path, kills = *sys.argv[1:4], int(sys.argv[4])
	def starts():
	    p = subprocess.Popen([lbd, "-c", f"{folder}/lbd.ini"],
	        stderr=open(f"{folder}/lbd.log", "ab"))
	    while p.poll() is None:
	        s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
	        try:
	            s.connect(path)
	            return p
	        except OSError:
	            time.sleep(0.001)
	        finally:
	            s.close()
	    raise SystemExit(f"ended with {p.returncode}")
	seed = random.randrange(1 << 32)
	print("seed", seed, flush=True)
	random.seed(seed)
	for i in range(kills):
	    p = starts()
	    until = time.monotonic() + random.random() * 0.03
	    while time.monotonic() < until:
	        name = random.choice(("large", "small"))
	        shutil.copy(f"{folder}/{name}.ini", f"{folder}/new.ini")
	        os.rename(f"{folder}/new.ini", f"{folder}/lbd.ini")
	        os.kill(p.pid, signal.SIGHUP)
	        time.sleep(random.random() * 0.005)
	    p.kill()
	    p.wait()
	print("done", flush=True)
	END
	lbd_start # for the asker's first attach
	LD_PRELOAD=$preload spawn python3 -u -c '
import os, socket, sys
answers = set()
while not os.path.exists(sys.argv[1]):
    s = socket.socket()
    try:
        s.connect(("127.96.1.1", 80)); s.sendall(b"x\n")
        answers.add(s.recv(9).decode().strip())
    except OSError as e:
        answers.add(e.strerror)
    s.close()
    print("asked")
print(*answers)' "$dir/enough" >"$dir/asked"
	asker=$pid
	eventually grep -q asked "$dir/asked"
	stop "$lbd" KILL
	python3 "$dir/killer.py" "$BUILD/lbd" "$dir" "$LBD_SOCKET" \
		"${KILLS:-120}" >"$dir/killed"
	lbd_start
	is "$(get 127.96.1.1:80)" b1
	touch "$dir/enough"
	wait "$asker"
	is "$(tail -n 1 "$dir/asked")" b1
}

# A region that nobody is sent to is gone when the last program has moved on, and
# a program that sleeps holds what it had, not what came and went since.
test_a_hundred_sleepers_hold_no_more_after_a_thousand_publishes() {
	backend b1
	for who in any "user 54321"; do
		conf <<-END
		[service web]
		address = 127.96.1.1:80
		probe = none
		permit = $who
		backend = $lan.1:8000
		END
		mv "$dir/lbd.ini" "$dir/${who%% *}.ini"
	done
	cp "$dir/any.ini" "$dir/lbd.ini"
	lbd_start
	mkfifo "$dir/go"
	LD_PRELOAD=$preload spawn python3 -u -c '
import os, socket, sys, time
def ask():
    s = socket.socket()
    # all at once they may be too many for lbd to answer in time
    while s.connect_ex(("127.96.1.1", 80)):
        time.sleep(0.2)
    s.sendall(b"x\n")
    assert s.recv(9) == b"b1\n"
    s.close()
    os.write(said[1], b"x")
def all_said():
    for i in range(100):
        assert os.read(said[0], 1), "one has ended"
    print("asked", flush=True)
said, woken, ended = os.pipe(), os.pipe(), os.pipe()
for i in range(100):
    if os.fork() == 0:
        ask()
        os.read(woken[0], 1)
        ask()
        os.read(ended[0], 1)
        os._exit(0)
all_said()
open(sys.argv[1]).read()
os.write(woken[1], b"x" * 100)
all_said()
open(sys.argv[1]).read()
os.write(ended[1], b"x" * 100)
for i in range(100):
    os.wait()' "$dir/go" >"$dir/asked"
	sleepers=$pid
	eventually grep -q asked "$dir/asked"
	cat >"$dir/regions.py" <<-'END'
	# of lbd and of the children of another, together
	import os, re, sys
	lbd, parent = sys.argv[1:]
	pids = [lbd] + open(f"/proc/{parent}/task/{parent}/children").read().split()
	found = {}
	for pid in pids:
	    for line in open(f"/proc/{pid}/maps"):
	        if "/memfd:lbd-region" in line:
	            a, b = (int(x, 16) for x in line.split()[0].split("-"))
	            found[line.split()[4]] = b - a
	print(len(pids), len(found), sum(found.values()) >> 10)
	END
	cat >"$dir/publish.py" <<-'END'
	import os, shutil, socket, sys
	folder, admin = sys.argv[1:]
	for i in range(1000):
	    shutil.copy(f"{folder}/{('user', 'any')[i % 2]}.ini", f"{folder}/new.ini")
	    os.rename(f"{folder}/new.ini", f"{folder}/lbd.ini")
	    s = socket.socket(socket.AF_UNIX)
	    s.connect(admin)
	    s.sendall(b"POST /api/v1/reload HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
	    answer = b""
	    while block := s.recv(65536):
	        answer += block
	    assert b" 200 " in answer[:20], answer
	END
	is "$(python3 "$dir/regions.py" "$lbd" "$sleepers")" "101 2 512"
	python3 "$dir/publish.py" "$dir" "$LBD_ADMIN"
	# the keys, which are the same, the list that they sleep on, and that of now
	is "$(python3 "$dir/regions.py" "$lbd" "$sleepers")" "101 3 768"
	echo >"$dir/go"
	eventually sh -c '[ "$(grep -c asked "$0")" = 2 ]' "$dir/asked"
	is "$(python3 "$dir/regions.py" "$lbd" "$sleepers")" "101 2 512"
	echo >"$dir/go"
	wait "$sleepers"
}

# As if lbd were overtaking whoever reads, all the time: every region says that
# it is in a generation that stands nowhere.
test_whoever_finds_no_whole_table_is_counted() {
	root_only
	one_backend
	lbd_start
	is "$(get 127.96.1.1:80)" b1
	fails grep -q "whole table" <("$BUILD/lbctl" status)
	python3 -c '
import os, struct, sys
folder = f"/proc/{sys.argv[1]}/fd"
for fd in os.listdir(folder):
    if not os.readlink(f"{folder}/{fd}").startswith("/memfd:lbd-region"):
        continue
    with open(f"{folder}/{fd}", "r+b", 0) as f:
        f.seek(256)
        current = struct.unpack("Q", f.read(8))[0]
        f.seek(256)
        f.write(struct.pack("Q", current + 1))' "$lbd"
	fails get 127.96.1.1:80
	eventually is_said_of_one
	is "$("$BUILD/lbctl" status --json | python3 -c '
import json, sys
print(json.load(sys.stdin)["unread"])')" 1
}

is_said_of_one() {
	"$BUILD/lbctl" status >"$dir/status"
	grep -qx "1 connect found no whole table and went on without one" \
		"$dir/status"
}
