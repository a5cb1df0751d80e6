"""ask_twisted.py IP PORT: prints the answer, and who gave it."""
import sys

from twisted.internet import protocol, reactor


class Question(protocol.Protocol):
    def connectionMade(self):
        self.transport.write(b"who\n")

    def dataReceived(self, data):
        peer = self.transport.socket.getpeername()
        print(data.decode().strip())
        print("peer %s:%d" % peer)
        self.transport.loseConnection()


class Asking(protocol.ClientFactory):
    protocol = Question
    failed = None

    def clientConnectionLost(self, connector, reason):
        reactor.stop()

    def clientConnectionFailed(self, connector, reason):
        self.failed = f"{reason.type.__name__}: {reason.getErrorMessage()}"
        reactor.stop()


asking = Asking()
reactor.connectTCP(sys.argv[1], int(sys.argv[2]), asking)
reactor.run()
sys.exit(asking.failed)
