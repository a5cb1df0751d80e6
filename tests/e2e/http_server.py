"""http_server.py LOG IP[:PORT]=MODE...: servers for http probes, good and bad.

Port 8000 where none is given. MODE is one of the functions below, or
tls,CERT,KEY for a good one inside TLS. Every request is a line of LOG: the
server's IP, the number of its connection, the request with "|" between lines.
"""
import itertools
import socket
import ssl
import struct
import sys
import threading
import time

log = open(sys.argv[1], "a", buffering=1)
connections = itertools.count(1)


def requests(s, ip):
    """What is asked, one at a time, until the other side is gone."""
    number, got = next(connections), b""
    while True:
        while b"\r\n\r\n" not in got:
            more = s.recv(65536)
            if not more:
                return
            got += more
        head, got = got.split(b"\r\n\r\n", 1)
        head = head.decode("latin-1")
        log.write(f"{ip} {number} {head}\n".replace("\r\n", "|"))
        yield head


def for_ever(s, data, pause=0.0):
    while True:
        s.sendall(data)
        time.sleep(pause)


def answer(status, body=b"fine\n", more=b""):
    return (b"HTTP/1.1 %d Whatever\r\nContent-Length: %d\r\n%s\r\n"
            % (status, len(body), more)) + body


def good(s, ip):
    """/N: the status N; /body/TEXT: TEXT; else 200."""
    for head in requests(s, ip):
        method, path = head.split(" ")[:2]
        status, body, more = 200, b"fine\n", b""
        if path[1:].isdigit():
            status = int(path[1:])
        if path.startswith("/body/"):
            body = path[6:].encode()
        if path == "/nul":
            body = b"a\0b\nfine\n"
        if path == "/large":
            body = b"x" * 4093 + b"abc" + b"def" + b"y" * 50000
        if status in (301, 302):
            more = b"Location: http://192.0.2.1/\r\n"
        reply = answer(status, body, more)
        s.sendall(reply[:-len(body)] if method == "HEAD" else reply)


def closing(s, ip):
    """Keeps no connection, and does not say so."""
    for head in requests(s, ip):
        s.sendall(answer(200))
        return


def chunked(s, ip):
    for head in requests(s, ip):
        s.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                  b"3\r\nfin\r\n1;x=y\r\ne\r\n0\r\nTrailer: x\r\n\r\n")


def rst(s, ip):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def rst_when_asked(s, ip):
    for head in requests(s, ip):
        return rst(s, ip)


def fin(s, ip):
    s.shutdown(socket.SHUT_WR)
    time.sleep(1000)


def fin_when_asked(s, ip):
    for head in requests(s, ip):
        return


def silent(s, ip):
    time.sleep(1000)


def drip(s, ip):
    for byte in answer(200):
        s.sendall(bytes([byte]))
        time.sleep(0.1)


def drip_headers(s, ip):
    s.sendall(b"HTTP/1.1 200 OK\r\n")
    for_ever(s, b"A: b\r\n", 0.1)


def drip_body(s, ip):
    for head in requests(s, ip):
        s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n")
        for_ever(s, b"x", 0.1)


def continues(s, ip):
    for_ever(s, b"HTTP/1.1 100 Continue\r\n\r\n")


def switches(s, ip):
    for head in requests(s, ip):
        s.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n"
                  b"Connection: upgrade\r\n\r\n")
        time.sleep(1000)


def long_header(s, ip):
    s.sendall(b"HTTP/1.1 200 OK\r\nA: " + b"b" * (1 << 20) + b"\r\n\r\n")
    time.sleep(1000)


def many_headers(s, ip):
    s.sendall(b"HTTP/1.1 200 OK\r\n")
    for_ever(s, b"A: b\r\n" * 1000)


def long_trailer(s, ip):
    s.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: ")
    for_ever(s, b"b" * 5000)


def long_chunk_name(s, ip):
    s.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;")
    for_ever(s, b"b" * 5000, 0.001)


def no_chunk(s, ip):
    s.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")
    time.sleep(1000)


def endless(s, ip):
    for head in requests(s, ip):
        s.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for_ever(s, b"fine" * 10000)


def no_line_end(s, ip):
    s.sendall(b"HTTP/1.1 200 OK")
    for_ever(s, b"K" * 10000)


def no_line_end_at_all(s, ip):
    s.sendall(b"HTTP/1.1 200 OK")
    time.sleep(1000)


def nuls(s, ip):
    s.sendall(b"\0" * 5000)
    time.sleep(1000)


def nul_in_header(s, ip):
    s.sendall(b"HTTP/1.1 200 OK\r\nA: b\0c\r\nContent-Length: 0\r\n\r\n")
    time.sleep(1000)


def http09(s, ip):
    for head in requests(s, ip):
        s.sendall(b"<html>fine</html>\n")
        return


def escapes(s, ip):
    s.sendall(b"\x1b[2J\x07\xff\r\n\r\n")


def cut(s, ip):
    for head in requests(s, ip):
        s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfine")
        return


def tls_alert(s, ip):
    s.sendall(b"\x15\x03\x01\x00\x02\x02\x28")
    time.sleep(1000)


def h2_preface(s, ip):
    s.sendall(b"\0\0\0\4\0\0\0\0\0" * 2)
    time.sleep(1000)


def serve(s, ip, mode, context):
    try:
        if context:
            s = context.wrap_socket(s, server_side=True)
        mode(s, ip)
    except OSError:
        pass
    finally:
        s.close()


def accept(listener, ip, mode):
    context = None
    if mode.startswith("tls,"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*mode.split(",")[1:])
        context.sni_callback = lambda s, name, c: (
            log.write(f"{ip} sni {name}\n") and None)
        mode = "good"
    while True:
        s, _ = listener.accept()
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, daemon=True,
                         args=(s, ip, globals()[mode], context)).start()


for arg in sys.argv[2:]:
    at, _, mode = arg.partition("=")
    ip, _, port = at.partition(":")
    listener = socket.create_server((ip, int(port or 8000)), backlog=1000)
    threading.Thread(target=accept, args=(listener, ip, mode)).start()
print("at work", flush=True)
