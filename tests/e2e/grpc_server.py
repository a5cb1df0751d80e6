"""grpc_server.py LOG IP=MODE[,CERT,KEY]...: health services at port 8000.

MODE is one of `answers`, or an HTTP/1.1 server, or one that breaks off. Every
question is a line of LOG: the server's IP, the number of its connection, the
request's headers, its body in hex.
"""
import itertools
import socket
import ssl
import sys
import threading
import time

import h2.config
import h2.connection
import h2.events
import h2.exceptions

log = open(sys.argv[1], "a", buffering=1)
connections = itertools.count(1)

OK = [(":status", "200"), ("content-type", "application/grpc")]
GOOD = [("grpc-status", "0")]


def frame(message, flag=0):
    return bytes([flag]) + len(message).to_bytes(4, "big") + message


SERVING = frame(b"\x08\x01")
# headers, body or None, trailers or None
answers = {
    "serving": (OK, SERVING, GOOD),
    "proto": ([OK[0], ("content-type", "application/grpc+proto")], SERVING, GOOD),
    "not_serving": (OK, frame(b"\x08\x02"), GOOD),
    "unknown": (OK, frame(b""), GOOD),
    "service_unknown": (OK, frame(b"\x08\x03"), GOOD),
    "unimplemented": (OK + [("grpc-status", "12")], None, None),
    "not_found": (OK, None, [("grpc-status", "5"), ("grpc-message", "x")]),
    "late_failure": (OK, SERVING, [("grpc-status", "14")]),
    "no_status": (OK, SERVING, None),
    "no_body": (OK + GOOD, None, None),
    "html": ([OK[0], ("content-type", "text/html")], b"<html>", GOOD),
    "http503": ([(":status", "503")], b"no", None),
    "compressed": (OK, frame(b"\x08\x01", 1), GOOD),
    "oversized": (OK, frame(b"\x1a\xff\xff\x03" + b"x" * 65535), GOOD),
    "two": (OK, SERVING * 2, GOOD),
    "garbage": (OK, frame(b"\xff\xff"), GOOD),
    "long_trailer": (OK, SERVING, GOOD + [("x%d" % i, "y" * 9000) for i in range(20)]),
}


def reply(c, stream, mode):
    headers, body, trailers = answers[mode]
    c.send_headers(stream, headers, end_stream=body is None and not trailers)
    if body is not None:
        for i in range(0, len(body), 16384):
            last = i + 16384 >= len(body)
            c.send_data(stream, body[i:i + 16384],
                        end_stream=last and not trailers)
    if trailers:
        c.send_headers(stream, trailers, end_stream=True)


def odd(c, s, stream, mode):
    """What no gRPC server does; True if it was that."""
    if mode == "silent":
        return True
    if mode == "reset":
        c.reset_stream(stream)
    elif mode == "goaway":  # has answered, takes no more
        reply(c, stream, "serving")
        s.sendall(c.data_to_send())
        time.sleep(0.05)
        c.close_connection()
    elif mode == "endless":
        c.send_headers(stream, OK)
        s.sendall(c.data_to_send())
        while True:
            room = min(c.local_flow_control_window(stream), 16384)
            if not room:
                break
            c.send_data(stream, b"x" * room)
            s.sendall(c.data_to_send())
    else:
        return False
    return True


def talk(s, ip, mode):
    number, bodies, asked, answered = next(connections), {}, {}, 0
    c = h2.connection.H2Connection(h2.config.H2Configuration(
        client_side=False, header_encoding="utf-8"))
    c.initiate_connection()
    while True:
        s.sendall(c.data_to_send())
        data = s.recv(65536)
        if not data:
            return
        for e in c.receive_data(data):
            if isinstance(e, h2.events.RequestReceived):
                asked[e.stream_id] = dict(e.headers)
            if isinstance(e, h2.events.DataReceived):
                bodies[e.stream_id] = bodies.get(e.stream_id, b"") + e.data
            if isinstance(e, h2.events.StreamEnded):
                head = "|".join(map(": ".join, asked[e.stream_id].items()))
                log.write(f"{ip} {number} {head} "
                          f"{bodies.get(e.stream_id, b'').hex()}\n")
                odd(c, s, e.stream_id, mode) or reply(c, e.stream_id, mode)
                answered += 1
        if mode == "goaway" and answered:
            s.sendall(c.data_to_send())
            s.recv(1 << 20)  # what is unread would become a reset
            s.shutdown(socket.SHUT_WR)
            return s.recv(1 << 20)


def serve(s, ip, mode, context):
    try:
        if context:
            s = context.wrap_socket(s, server_side=True)
        if mode == "http1":
            s.recv(65536)
            s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            s.recv(65536)
        elif mode == "closes":
            s.recv(65536)
        else:
            talk(s, ip, mode)
    except (OSError, h2.exceptions.ProtocolError):
        pass
    finally:
        s.close()


def accept(listener, ip, mode, files):
    context = None
    if files:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
        context.set_alpn_protocols(["http/1.1" if mode == "http1" else "h2"])
    while True:
        s, _ = listener.accept()
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, daemon=True,
                         args=(s, ip, mode, context)).start()


for arg in sys.argv[2:]:
    ip, _, mode = arg.partition("=")
    mode, *files = mode.split(",")
    listener = socket.create_server((ip, 8000), backlog=1000)
    threading.Thread(target=accept, args=(listener, ip, mode, files)).start()
print("at work", flush=True)
