package dev.mlo.oci.registry;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A proxy that takes every host for this machine, as a name server would that the tests do not
/// have.
final class FakeProxy implements AutoCloseable {
  /// The first line of each connection: `CONNECT host:port HTTP/1.1`.
  final List<String> asked = new CopyOnWriteArrayList<>();

  private final ServerSocket listening;
  private final String refusal;

  FakeProxy() throws IOException {
    this("");
  }

  /// @param refusal what to answer everybody, instead of doing its work
  FakeProxy(String refusal) throws IOException {
    this.refusal = refusal;
    listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  String url() {
    return "http://127.0.0.1:" + listening.getLocalPort();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      byte[] head = head(client.getInputStream());
      String line = new String(head, ISO_8859_1).lines().findFirst().orElse("");
      asked.add(line);
      if (!refusal.isEmpty()) {
        client.getOutputStream().write(refusal.getBytes(ISO_8859_1));
        client.shutdownOutput();
        return;
      }
      boolean tunnel = line.startsWith("CONNECT ");
      String port = line.replaceAll("^[A-Z]+ (?:http://)?[^:]+:([0-9]+).*", "$1");
      try (Socket server = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(port))) {
        if (tunnel) {
          client.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(ISO_8859_1));
        } else {
          server.getOutputStream().write(head);
        }
        Thread back = Thread.ofVirtual().start(() -> pump(server, client));
        pump(client, server);
        back.join();
      }
    } catch (IOException e) {
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static byte[] head(InputStream in) throws IOException {
    var head = new ByteArrayOutputStream();
    while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("cut");
      }
      head.write(next);
    }
    return head.toByteArray();
  }

  private static void pump(Socket from, Socket to) {
    try {
      OutputStream out = to.getOutputStream();
      from.getInputStream().transferTo(out);
      to.shutdownOutput();
    } catch (IOException e) {
      return;
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
