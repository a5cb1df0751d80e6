"""ask_socket.py IP PORT [TIMEOUT | gevent]: prints the answer, and who gave it.

With TIMEOUT Python's connect() does not block; gevent has sockets of its own.
"""
import sys

if "gevent" in sys.argv:
    from gevent import socket
else:
    import socket

timeout = float(sys.argv[3]) if sys.argv[3:] not in ([], ["gevent"]) else None
try:
    s = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout)
except OSError as e:
    sys.exit(f"{type(e).__name__}: {e}")
s.sendall(b"who\n")
print(s.recv(100).decode().strip())
print("peer %s:%d" % s.getpeername())
