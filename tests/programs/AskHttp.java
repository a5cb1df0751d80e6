/* AskHttp IP PORT: java.net.http, which retries no refused connection. */
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

class AskHttp {
	public static void main(String[] args) throws InterruptedException {
		var question = HttpRequest.newBuilder(
			URI.create("http://" + args[0] + ":" + args[1] + "/")).build();

		try {
			System.out.print(HttpClient.newHttpClient().send(question,
				HttpResponse.BodyHandlers.ofString()).body());
		} catch (IOException e) {
			System.err.println(e + " " + e.getCause());
			System.exit(1);
		}
		System.exit(0);
	}
}
