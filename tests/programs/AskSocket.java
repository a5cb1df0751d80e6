/* AskSocket IP PORT: a blocking socket; with a third word, one with a timeout. */
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;

class AskSocket {
	public static void main(String[] args) {
		var there = new InetSocketAddress(args[0], Integer.parseInt(args[1]));
		int timeout = args.length > 2 ? Integer.parseInt(args[2]) : 0;

		try (var socket = new Socket()) {
			socket.connect(there, timeout);
			socket.getOutputStream().write("who\n".getBytes());
			System.out.println(new BufferedReader(new InputStreamReader(
				socket.getInputStream())).readLine());
		} catch (IOException e) {
			System.err.println(e);
			System.exit(1);
		}
	}
}
