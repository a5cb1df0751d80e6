#!/usr/bin/env python3
"""generate.py SERVICES BACKENDS [LISTS [TURN]]: an lbd.ini of that size on
standard output, without its [lbd] section.

Service I has a name, an IPv4 and an IPv6 address, a rule like every LISTS-th
other, and half of its backends in each family. Every hundredth is probed by
tcp, the others are not. Another TURN is the file after an edit: a tenth of the
services have two other backends, and one is under a rule of its own. All IPv4 backends are in 127.0.0.0/8, where
one server answers for all.
"""
import sys

PORT = 8099
MOVED = 7


def quad(n):
    return f"{n >> 24}.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"


def service(i, backends, lists, turn):
    # Everybody who runs this may call all of them: no list is like another.
    lines = [
        f"[service s{i}]",
        f"address = {quad((127 << 24 | 96 << 16 | 1 << 8) + i)}:80",
        f"address = [fd00:96::{i:x}]:80",
        f"name = s{i}.scale.internal",
        f"deny = group {99999 if turn and i == MOVED else 100000 + i % lists}",
    ]
    if i % 100 == 0:
        lines.append("probe = tcp")
    fresh = 2 if turn and i % 10 == turn % 10 else 0
    for j in range(backends):
        # An edited service's last ones are at addresses of the turn's own.
        k = backends - 1 - j
        if k < fresh:
            low = turn << 8 | k
        else:
            low = j
        if j % 2:
            lines.append(f"backend = [fd00:100:{i:x}::{low:x}]:{PORT}")
        else:
            n = (127 << 24 | 100 << 16) + (i * backends + j) // 2
            if k < fresh:
                n += 8 << 16  # above those of every file
            lines.append(f"backend = {quad(n)}:{PORT}")
    return lines


def main():
    services, backends = int(sys.argv[1]), int(sys.argv[2])
    lists = int(sys.argv[3]) if len(sys.argv) > 3 else 200
    turn = int(sys.argv[4]) if len(sys.argv) > 4 else 0
    print("[defaults]\nprobe = none")
    for i in range(services):
        print("\n".join(service(i, backends, lists, turn)))


main()
