"""late.py NETWORK MS: refuses connections late, as a far network does.

For every SYN to 127.NETWORK.0.0/16 on the loopback device, a RST is sent MS
later. The kernel's own answer has to be suppressed: somebody drops these SYNs
after they were seen here, which is before any rule of input.
"""
import heapq
import select
import socket
import struct
import sys
import time

network, delay = int(sys.argv[1]), float(sys.argv[2]) / 1000
ETH_P_IP, SYN, RST, ACK = 0x0800, 0x02, 0x04, 0x10


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def refusal(packet):
    """The RST to a SYN, and where it goes; None for any other packet."""
    header = (packet[0] & 15) * 4
    source, there = packet[12:16], packet[16:20]
    if packet[9] != socket.IPPROTO_TCP or there[:2] != bytes((127, network)):
        return None
    sport, dport, seq, _, _, flags = struct.unpack_from("!HHIIBB", packet, header)
    if flags & (SYN | ACK | RST) != SYN:
        return None
    tcp = struct.pack("!HHIIBBHHH", dport, sport, 0, (seq + 1) & 0xFFFFFFFF,
                      5 << 4, RST | ACK, 0, 0, 0)
    pseudo = there + source + struct.pack("!BBH", 0, socket.IPPROTO_TCP, len(tcp))
    tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64,
                     socket.IPPROTO_TCP, 0) + there + source
    return ip + tcp, socket.inet_ntoa(source)


seen = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IP))
seen.bind(("lo", ETH_P_IP))
sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
waiting = []
print("at work", flush=True)
while True:
    left = max(waiting[0][0] - time.monotonic(), 0) if waiting else None
    if select.select([seen], [], [], left)[0]:
        packet, (_, _, kind, *_) = seen.recvfrom(65536)
        answer = refusal(packet) if kind != socket.PACKET_OUTGOING else None
        if answer:
            heapq.heappush(waiting, (time.monotonic() + delay, *answer))
    while waiting and waiting[0][0] <= time.monotonic():
        _, packet, to = heapq.heappop(waiting)
        sender.sendto(packet, (to, 0))
