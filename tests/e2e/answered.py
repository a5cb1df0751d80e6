# answered.py ADMIN ORDERS PATH...: asks lbd each of these, again and again, and
# each time refuses it the next piece of memory (preload/scarce.c).
# The answer is the same as with memory, or says that there is none; or lbd has
# not even the memory to answer at all.
import json
import mmap
import socket
import struct
import sys

ADMIN = sys.argv[1]
with open(sys.argv[2], "r+b") as file:
    orders = mmap.mmap(file.fileno(), 24)


def asked():
    return struct.unpack_from("q", orders)[0]


def refuse(time):
    struct.pack_into("q", orders, 8, time)


def steady(value):
    """Without what another moment makes different."""
    if isinstance(value, dict):
        return {k: steady(v) for k, v in value.items()
                if k not in ("rounds", "since_s", "uptime_s")}
    return [steady(v) for v in value] if isinstance(value, list) else value


def ask(path):
    """Status and answer; None if the connection just ended."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(10)
        s.connect(ADMIN)
        got = b""
        try:
            s.sendall(f"GET /api/v1/{path} HTTP/1.1\r\n"
                      "Host: lbd\r\nConnection: close\r\n\r\n".encode())
            while more := s.recv(65536):
                got += more
        except ConnectionError:
            pass
    head, _, body = got.partition(b"\r\n\r\n")
    if not head:
        return None
    return int(head.split()[1]), steady(json.loads(body))


SHORT = 503, {"error": "lbd is out of memory"}
for path in sys.argv[3:]:
    whole = ask(path)
    refused = short = 0
    while True:
        time = asked() + refused + 1
        refuse(time)
        answer = ask(path)
        refuse(0)
        if asked() < time:
            break
        refused += 1
        short += answer == SHORT
        if answer not in (whole, SHORT, None):
            sys.exit(f"{path}, time {refused}:\n{answer}\n{whole}")
    print(f"{path}: {refused} refused, {short} times said so")
    if not short:
        sys.exit(f"{path}: nothing was ever said to be short")
