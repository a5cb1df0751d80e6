"""seen.py IP: what a program sees of the backend at IP, and twice of 127.96.1.1.

It ends well if its descriptors and threads are its own as before, in good time.
"""
import errno
import os
import socket
import sys
import time


def seen(address, port):
    s = socket.socket()
    e = s.connect_ex((address, port))
    if not e:
        s.sendall(b"x\n")
        e = s.recv(99).decode().strip()
    s.close()
    return errno.errorcode.get(e, e)


before = sorted(os.listdir("/proc/self/fd"))
begun = time.monotonic()
saw = seen(sys.argv[1], 8000), seen("127.96.1.1", 80), seen("127.96.1.1", 80)
took = time.monotonic() - begun
print(*saw)
after = sorted(os.listdir("/proc/self/fd"))
assert after == before, (before, after)
assert len(os.listdir("/proc/self/task")) == 1
assert took < 3, took
