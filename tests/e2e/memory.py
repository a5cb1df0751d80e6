"""
memory.py PID N|IPV4...: of which services a process has the backends in its memory.

Service N has the backends that memory.sh gives it, which no other service and
no program has. Prints N where all is there that a table says of them; N:FORM...
where there is anything else of them; nothing where there is nothing. Looks
through all that can be read of every mapping, its own and shared ones. Of any
other address it knows those forms that have no name in them.
"""
import socket
import struct
import sys


def forms_of_address(v4):
    """In the table's word, as the network has it, as text."""
    net4 = socket.inet_pton(socket.AF_INET, v4)
    return {
        "word4": struct.pack("<Q", 0xFFFF << 32 | struct.unpack(">I", net4)[0]),
        "host4": net4[::-1],
        "net4": net4,
        "text4": v4.encode(),
    }


def forms_of_service(n):
    v6 = f"fd5a:c3e1:97bb:f{n}:a6d2:8e4b:b3c7:f{n}"
    net6 = socket.inet_pton(socket.AF_INET6, v6)
    high, low = struct.unpack(">QQ", net6)
    return {
        **forms_of_address(f"10.187.165.{240 + n}"),
        "high6": struct.pack("<Q", high),
        "low6": struct.pack("<Q", low),
        "name": f"hidden-{n}-backend".encode(),
        "net6": net6,
        "text6": v6.encode(),
    }


IN_A_TABLE = {"word4", "high6", "low6", "name", "host4"}


def mappings(pid):
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb") as mem:
        for line in maps:
            first, last = (int(at, 16) for at in line.split()[0].split("-"))
            # the kernel's own pages cannot be read this way
            if line.split()[1][0] == "r" and "[v" not in line:
                mem.seek(first)
                yield mem.read(last - first)


def main():
    wanted = {
        n: forms_of_address(n) if "." in n else forms_of_service(int(n))
        for n in sys.argv[2:]
    }
    found = {n: set() for n in wanted}
    for memory in mappings(sys.argv[1]):
        for n, form in wanted.items():
            found[n] |= {name for name in form if form[name] in memory}
    for n, names in found.items():
        if names == IN_A_TABLE:
            print(n)
        elif names:
            print(n + ":" + ",".join(name for name in wanted[n] if name in names))


main()
