"""false_lbds.py FOLDER WAYS: an lbd for each way to be wrong, at a socket of the
way's name in FOLDER.

It has the true answer, with its three regions, from the true lbd at LBD_SOCKET.
WAYS is a file of Python that calls way(), or sets ways[NAME], with what is
defined here.
"""
import fcntl
import os
import select
import socket
import struct
import sys
import threading
import time  # for the ways

M = (1 << 64) - 1
SHRINK, GROW = 2, 4


def mix(h):
    h ^= h >> 32
    h = h * 0xd6e8feb86659fd93 & M
    return h ^ h >> 32


def checksum(words):
    h = 0
    for w in words:
        h = mix((h ^ w) * 0x100000001b3 & M)
    return h or 1


s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect(os.environ["LBD_SOCKET"])
s.sendall(struct.pack("QIIQ", 0x3168636174746162, 1, 0, 0))
REPLY, fds, _, _ = socket.recv_fds(s, 4096, 100)
assert len(REPLY) == 560 and len(fds) == 3, (len(REPLY), fds)
s.close()
KEYS, COUNTERS, LIST = fds
KEYS_BYTES, LIST_BYTES = (os.pread(fd, os.fstat(fd).st_size, 0) for fd in (KEYS, LIST))


# Files that are no region, or a wrong one
def memfd(bytes, seals=SHRINK | GROW, size=None):
    fd = os.memfd_create("false", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.truncate(fd, len(bytes) if size is None else size)
    os.pwrite(fd, bytes, 0)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, seals)
    return fd


def plain_file():
    path = sys.argv[1] + "/plain"
    with open(path, "wb") as f:
        f.write(KEYS_BYTES)
    return os.open(path, os.O_RDWR)


def write_only():
    return os.open(f"/proc/self/fd/{memfd(KEYS_BYTES)}", os.O_WRONLY)


# The header: magic layout kind id capacity slot[3] slot_size stride[4] sum
def header(bytes, copies=(0, 128), right_sum=True, **change):
    place = dict(magic=0, layout=1, kind=2, capacity=4, slot0=5, slot1=6,
        slot2=7, slot_size=8, stride0=9, stride1=10, stride2=11, sum=13)
    words = list(struct.unpack_from("14Q", bytes))
    assert words[13] == checksum(words[:13])
    for name, value in change.items():
        words[place[name]] = value & M
    if right_sum:
        words[13] = checksum(words[:13])
    made = bytearray(bytes)
    for at in copies:
        struct.pack_into("14Q", made, at, *words)
    return made


SIZE = len(KEYS_BYTES)


def keys(**change):
    return lambda: [memfd(header(KEYS_BYTES, **change)), COUNTERS, LIST]


def first(make):
    return lambda: [make(), COUNTERS, LIST]


ways = {}  # name: what it does with a connection after the request


def way(name, fds=lambda: fds_true(), reply=REPLY, more=()):
    def act(c):
        mine = fds()
        socket.send_fds(c, [reply], mine) if mine else c.send(reply)
        for r in more:
            c.send(r)
        for fd in set(mine) - {KEYS, COUNTERS, LIST}:
            os.close(fd)
    ways[name] = act


def fds_true():
    return [KEYS, COUNTERS, LIST]


def reply(magic=0x3168636174746162, major=1, minor=0, status=1, lists=1, first=0, count=1):
    return struct.pack("Q6I", magic, major, minor, status, lists, first, count) + REPLY[32:]


with open(sys.argv[2]) as file:
    exec(file.read())


def serve(c, act):
    with c:
        c.recv(100)
        try:
            act(c)
        except OSError:
            pass  # it did not want to hear the end


doors = {}
for name, act in ways.items():
    d = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    d.bind(f"{sys.argv[1]}/{name}")
    d.listen(0 if name == "never-accepts" else 100)
    doors[d] = act
for i in range(9):  # until its queue is full
    if "never-accepts" in ways:
        w = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        w.setblocking(False)
        if w.connect_ex(f"{sys.argv[1]}/never-accepts"):
            break
        ways[i] = w
print("listening", flush=True)
while True:
    for d in select.select([d for d in doors if doors[d]], [], [])[0]:
        c, _ = d.accept()
        threading.Thread(target=serve, args=(c, doors[d]), daemon=True).start()
