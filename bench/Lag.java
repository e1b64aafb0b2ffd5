import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// Stands before a server on this machine and passes on what comes as late as if it came from far
/// away: `java Lag.java PORT SERVER_PORT ROUND_TRIP_MILLIS`. The line is as wide as the machine's.
class Lag {
  record Part(byte[] bytes, int length, long due) {}

  public static void main(String[] words) throws IOException {
    long oneWay = Long.parseLong(words[2]) * 500_000;
    int server = Integer.parseInt(words[1]);
    try (var listening =
        new ServerSocket(Integer.parseInt(words[0]), 64, InetAddress.getLoopbackAddress())) {
      while (true) {
        Socket client = listening.accept();
        Thread.startVirtualThread(() -> connect(client, server, oneWay));
      }
    }
  }

  static void connect(Socket client, int server, long oneWay) {
    try {
      // A connection takes a round trip, too.
      Thread.sleep(2 * oneWay / 1_000_000);
      var far = new Socket(InetAddress.getLoopbackAddress(), server);
      far.setTcpNoDelay(true);
      client.setTcpNoDelay(true);
      pass(client, far, oneWay);
      pass(far, client, oneWay);
    } catch (IOException | InterruptedException e) {
      close(client);
    }
  }

  static void pass(Socket from, Socket to, long oneWay) {
    BlockingQueue<Part> line = new LinkedBlockingQueue<>(256);
    Thread.startVirtualThread(() -> {
      try (InputStream in = from.getInputStream()) {
        int length;
        do {
          byte[] bytes = new byte[1 << 16];
          length = in.read(bytes);
          line.put(new Part(bytes, length, System.nanoTime() + oneWay));
        } while (length >= 0);
      } catch (IOException | InterruptedException e) {
        line.offer(new Part(new byte[0], -1, System.nanoTime()));
      }
    });
    Thread.startVirtualThread(() -> {
      try (OutputStream out = to.getOutputStream()) {
        for (Part part = line.take(); part.length >= 0; part = line.take()) {
          long early = part.due - System.nanoTime();
          if (early > 0) {
            Thread.sleep(early / 1_000_000, (int) (early % 1_000_000));
          }
          out.write(part.bytes, 0, part.length);
        }
      } catch (IOException | InterruptedException e) {
        close(from);
      } finally {
        close(to);
      }
    });
  }

  static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // Nothing is left to lose.
    }
  }
}
