# scarce.py memory|calls LBD FOLDER BACKEND SILENT SECONDS: has lbd run out of
# memory, or of the files it makes of it, at each of its requests for some, once or
# from there on, at start and in each thing it does later. It must carry on, or end
# and say so; never be killed, and never be half of something. FOLDER has scarce.so.
#
# Or each of its system calls fails. Then it must carry on once it has started, and
# take nothing of that for a word of its backends': BACKEND is well all the time,
# and SILENT, which answers nobody, is not.
import json, mmap, os, re, signal, socket, struct, subprocess, sys, time

WHAT, LBD, FOLDER, BACKEND, SILENT = sys.argv[1:6]
SECONDS, CALLS = float(sys.argv[6]), WHAT == "calls"
SILENTS = 3 if CALLS else 0 # lists of their own
SOCKET, ADMIN, INI = (f"{FOLDER}/{name}" for name in ("s", "a", "scarce.ini"))
with open(f"{FOLDER}/orders", "wb") as f:
    f.write(bytes(32))
with open(f"{FOLDER}/orders", "r+b") as f:
    ORDERS = mmap.mmap(f.fileno(), 32)

def order(once=0, always=0):
    """Whoever is in the queue meanwhile may be left there."""
    global patience
    patience = 0.2 if CALLS and (once or always) else 5
    struct.pack_into("4q", ORDERS, 0, 0, once, always, CALLS)
def asked():
    return struct.unpack_from("q", ORDERS)[0]

def write_file(services):
    with open(INI, "w") as f:
        f.write(f"[lbd]\nsocket = {SOCKET}\nadmin = {ADMIN}\n")
        for i in range(services):
            f.write(f"[service s{i}]\naddress = 127.96.1.{i + 1}:80\n"
                f"permit = user {i}\npermit = any\nbackend = {BACKEND}:8000\n"
                f"interval = 100ms\nname = s{i}.internal\n")
            f.write(("probe = http", "probe = tcp", 'probe = send "x\\n" expect "b1"',
                "probe = none", "probe = script /bin/true")[i % 5] + "\n")
        if CALLS:
            for i, probe in enumerate(("tcp", 'send "x"', "http")):
                f.write(f"[service silent{i}]\naddress = 127.96.2.{i + 1}:80\n"
                    f"backend = {SILENT}:8000\npermit = user {i + 90}\n"
                    f"permit = any\ninterval = 100ms\nprobe = {probe}\n")

def start():
    try:
        os.unlink(SOCKET)
    except FileNotFoundError:
        pass
    log = open(f"{FOLDER}/scarce.log", "wb")
    return subprocess.Popen([LBD, "-c", INI], stderr=log, env=dict(os.environ,
        LD_PRELOAD=f"{FOLDER}/scarce.so", SCARCE=f"{FOLDER}/orders"))
def said():
    return open(f"{FOLDER}/scarce.log", errors="replace").read()[-600:]

def attach():
    """How many lists it was given; None: it was shown out."""
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.settimeout(patience)
    try:
        s.connect(SOCKET)
        s.sendall(struct.pack("QIIQ", 0x3168636174746162, 1, 0, 0))
        reply, fds, _, _ = socket.recv_fds(s, 4096, 100)
    except (ConnectionError, FileNotFoundError):
        return None
    except TimeoutError:
        assert patience < 1, "no answer"
        return None
    finally:
        s.close()
    assert not reply or len(fds) >= 3, "half an answer"
    if reply:
        with mmap.mmap(fds[0], 0, prot=mmap.PROT_READ) as keys:
            slots = struct.unpack_from("3Q", keys, 40)
            slot = slots[struct.unpack_from("Q", keys, 256)[0] % 3]
            services = struct.unpack_from("I", keys, slot + 56)[0]
        assert services == len(fds) - 2, f"{services} services, {len(fds) - 2} lists"
    for fd in fds:
        os.close(fd)
    return len(fds) - 2 if reply else None

users = 3000
def attach_as_another():
    """Of a user with counters to be made, if we can be another."""
    global users
    users += 1
    pid = os.fork()
    if not pid:
        if os.getuid() == 0:
            os.setresuid(users, users, users)
        os._exit(attach() not in (None, 5 + SILENTS))
    assert os.waitpid(pid, 0)[1] == 0, "half an answer for another user"

def fetch(request):
    """The answer, b"" if there was none."""
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(patience)
    answer = b""
    try:
        s.connect(ADMIN)
        s.sendall(request.encode() + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        while block := s.recv(65536):
            answer += block
    except (ConnectionError, FileNotFoundError):
        return b""
    except TimeoutError:
        assert patience < 1, "no answer"
        return b""
    finally:
        s.close()
    return answer
def ask(request):
    """The status of the answer, None if there was none."""
    answer = fetch(request)
    return int(answer.split()[1]) if answer else None

def healths(service):
    answer = fetch(f"GET /api/v1/services/{service}")
    return [b["health"] for b in json.loads(answer[answer.index(b"{"):]).get("backends", ())]
def is_truthful():
    for service in ("s0", "s1", "s2", "s3", "s4"):
        assert "down" not in healths(service), f"{service} is {healths(service)}"
    for service in ("silent0", "silent1", "silent2"):
        assert "up" not in healths(service), f"{service} is {healths(service)}"

def is_whole(lbd, lists):
    assert lbd.poll() is None, f"ended with {lbd.returncode}: {said()}"
    lists = [n + SILENTS for n in lists]
    # whoever was shown out comes again
    assert attach() in lists or CALLS and attach() in lists, f"not one of {lists} lists"
    # twice: it may have had no memory yet for the first that came
    status = ask("GET /api/v1/services") or ask("GET /api/v1/services")
    assert status == 200, f"lbctl would be answered {status}"
    if CALLS:
        is_truthful()

def times(count, until):
    """1..count, all of them or as many as there is time for."""
    begun, n = time.monotonic(), 1
    while n <= count:
        yield n
        used = time.monotonic() - begun
        n += max(1, round(used * count / until) - n + 1) if used > n * until / count else 1

def at_start():
    write_file(4) # without the script, which outlives lbd for a moment
    lbd = run()
    count = asked()
    lbd.terminate()
    assert lbd.wait() == 0
    ended = 0
    for kind in "once", "always":
        for n in times(count, SECONDS / (3 if CALLS else 4)):
            order(**{kind: n})
            lbd = start()
            until = time.monotonic() + (0.5 if CALLS else 99)
            while (lbd.poll() is None and attach() is None and asked() < n + 9999
                    and time.monotonic() < until):
                time.sleep(0.002)
            order()
            time.sleep(0.01) # it may be ending, or have waited for something
            until = time.monotonic() + 5
            while (CALLS and lbd.poll() is None and attach() is None
                    and time.monotonic() < until):
                time.sleep(0.01)
            if lbd.poll() is None:
                is_whole(lbd, [4])
                lbd.terminate()
            status = lbd.wait(10)
            assert status in (0, 1), f"{kind} {n}: ended with {status}: {said()}"
            assert status == 0 or said(), f"{kind} {n}: ended without a word"
            ended += status
    print(f"start: {count} requests, ended {ended} times")

def run():
    order()
    lbd = start()
    while attach() is None:
        time.sleep(0.01)
    return lbd

def later(name, act, lists=(5,)):
    global lbd
    order()
    act()
    count = asked()
    met = ended = 0
    for kind in "once", "always":
        for n in times(count, SECONDS / 16):
            order(**{kind: n})
            act()
            met += asked() >= n
            order()
            time.sleep(0.005)
            if (lbd.poll() == 1 and kind == "always" and not CALLS
                    and "out of memory" in said()):
                ended += 1
                lbd = run()
            try:
                is_whole(lbd, lists)
            except AssertionError as e:
                sys.exit(f"{name}, {kind} {n} of {count}: {e}")
    print(f"{name}: {count} requests, refused {met} times, ended {ended}")

def reload():
    write_file(6 if attach() == 5 + SILENTS else 5)
    ask("POST /api/v1/reload")
def hang_up():
    os.kill(lbd.pid, signal.SIGHUP)
    time.sleep(0.12)
def wrong_reload():
    write_file(7)
    with open(INI, "a") as f:
        f.write("[service s1]\nfoo = bar\naddress = 1\n")
    ask("POST /api/v1/reload")
    write_file(5) # for an lbd that has ended

at_start()
write_file(5)
lbd = run()
later("attach", attach)
later("another user", attach_as_another)
later("status", lambda: ask("GET /api/v1/services"))
later("one service", lambda: ask("GET /api/v1/services/s1"))
later("no such thing", lambda: ask("GET /api/v1/services/s99"))
later("drain", lambda: ask(f"POST /api/v1/services/s1/backends/{BACKEND}:8000/drain"))
later("weight", lambda: ask(f"POST /api/v1/services/s1/backends/{BACKEND}:8000/weight/7"))
later("ready", lambda: ask(f"POST /api/v1/services/s1/backends/{BACKEND}:8000/ready"))
later("probes", lambda: time.sleep(0.25))
later("reload", reload, (5, 6))
write_file(5)
ask("POST /api/v1/reload")
later("wrong reload", wrong_reload)
later("hang-up", hang_up)
lbd.terminate()
assert lbd.wait(10) == 0
