/* AskChannel IP PORT: a channel that does not block, and a Selector. */
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

class AskChannel {
	static String ask(SocketChannel channel, Selector selector)
		throws IOException {
		var answer = ByteBuffer.allocate(100);

		for (;;) {
			selector.select();
			for (var key : selector.selectedKeys()) {
				if (key.isConnectable() && channel.finishConnect()) {
					channel.write(ByteBuffer.wrap("who\n".getBytes()));
					key.interestOps(SelectionKey.OP_READ);
				} else if (key.isReadable() && channel.read(answer) < 0) {
					return new String(answer.array(), 0,
						answer.position()).trim();
				}
			}
			selector.selectedKeys().clear();
		}
	}

	public static void main(String[] args) {
		var there = new InetSocketAddress(args[0], Integer.parseInt(args[1]));

		try (var channel = SocketChannel.open(); var selector = Selector.open()) {
			channel.configureBlocking(false);
			if (channel.connect(there))
				throw new IOException("connected at once");
			channel.register(selector, SelectionKey.OP_CONNECT);
			System.out.println(ask(channel, selector));
		} catch (IOException e) {
			System.err.println(e);
			System.exit(1);
		}
	}
}
