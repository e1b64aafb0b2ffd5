package dev.mlo.runner;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What no well-meaning client sends. Each gets one answer with a reason, and the next good request
/// succeeds.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileRequestTest {
  private static final String GOOD =
      "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1]}]}";

  private Fixture runner;

  @BeforeAll
  void start(@TempDir Path root) throws Exception {
    runner =
        new Fixture(root, ModelImage.adding("1.0.0", 1), Map.of("MLO_MAX_REQUEST_BYTES", "65536"));
  }

  @AfterAll
  void stop() throws Exception {
    assertThat(runner.backend.violations()).isZero();
    runner.close();
  }

  private static byte[] post(String headers, byte[] body) {
    var request = new ByteArrayOutputStream();
    request.writeBytes(
        ("POST /v2/models/adder/infer HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                + headers
                + "\r\n")
            .getBytes(ISO_8859_1));
    request.writeBytes(body);
    return request.toByteArray();
  }

  private static byte[] json(String body) {
    byte[] bytes = body.getBytes(UTF_8);
    return post("Content-Length: " + bytes.length + "\r\n", bytes);
  }

  private static byte[] binary(String header, String hex) {
    byte[] json = header.getBytes(UTF_8);
    var body = new ByteArrayOutputStream();
    body.writeBytes(json);
    body.writeBytes(HexFormat.of().parseHex(hex));
    return post(
        "Inference-Header-Content-Length: %d\r\nContent-Length: %d\r\n"
            .formatted(json.length, body.size()),
        body.toByteArray());
  }

  /// @return the whole answer, to the end of the connection
  private String send(byte[] request) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), runner.service.httpPort()), 5000);
      socket.setSoTimeout(20_000);
      OutputStream out = socket.getOutputStream();
      try {
        out.write(request);
        out.flush();
      } catch (IOException e) {
        // Refused before the end: the answer is there all the same.
      }
      return read(socket.getInputStream());
    }
  }

  private static String read(InputStream in) {
    var answer = new ByteArrayOutputStream();
    try {
      in.transferTo(answer);
    } catch (IOException e) {
      // The rest of what it was sent was thrown away with a reset; the answer came before.
    }
    return answer.toString(UTF_8);
  }

  private void refuses(byte[] request, int status, String reason) throws Exception {
    String answer = send(request);

    assertThat(answer).startsWith("HTTP/1.1 " + status + " ").contains("\"error\":");
    assertThat(answer).contains(reason == null ? "" : reason);
    assertThat(answer.split("HTTP/1.1 ", -1)).as("one answer").hasSize(2);
    assertThat(send(json(GOOD))).startsWith("HTTP/1.1 200 ").contains("2.0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      textBlock =
          """
                                                                                                        | empty
          nonsense                                                                                      | no JSON
          null                                                                                          | no JSON object
          {"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1]}]} trailing                   | no JSON
          {"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1]}]                             | no JSON
          {"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[[[[[[[[[[1]]]]]]]]]]}]}          | nested
          {"a":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}            | no JSON
          {"inputs":{"name":"x"}}                                                                       | no list
          {"inputs":[1]}                                                                                | no object
          {"inputs":[{"shape":[1],"datatype":"FP32","data":[1]}]}                                       | name
          {"inputs":[{"name":"x","datatype":"FP32","data":[1]}]}                                        | shape
          {"inputs":[{"name":"x","shape":[1],"data":[1]}]}                                              | datatype
          {"inputs":[{"name":"x","shape":[1],"datatype":"FP32"}]}                                       | data
          {"inputs":[{"name":"x","shape":[-1],"datatype":"FP32","data":[1]}]}                           | length -1
          {"inputs":[{"name":"x","shape":[1.5],"datatype":"FP32","data":[1]}]}                          | no integer
          {"inputs":[{"name":"x","shape":[99999999999999999999],"datatype":"FP32","data":[1]}]}         | length
          {"inputs":[{"name":"x","shape":[9223372036854775807,9223372036854775807],"datatype":"FP32","data":[1]}]} | too large
          {"inputs":[{"name":"x","shape":[4294967296],"datatype":"FP32","data":[1]}]}                   | 1 elements
          {"inputs":[{"name":"x","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"datatype":"FP32","data":[1]}]} | dimensions
          {"inputs":[{"name":"x","shape":[1],"datatype":"FP33","data":[1]}]}                            | FP33
          {"inputs":[{"name":"x","shape":[1],"datatype":"BF16","data":[1]}]}                            | BF16
          {"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":["1"]}]}                          | not a number
          {"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[NaN]}]}                          | no JSON
          {"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1e400]}]}                        | FP32
          {"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[null]}]}                         | not a number
          {"inputs":[{"name":"x","shape":[3],"datatype":"FP32","data":[1,2]}]}                          | 2 elements
          {"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1,2]}]}                          | more than 1
          {"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1]}],"inputs":[]}                | no JSON
          {"id":7,"inputs":[]}                                                                          | `id`
          {"parameters":[],"inputs":[]}                                                                 | `parameters`
          {"inputs":[{"name":"x","shape":[1],"datatype":"FP32","parameters":{"binary_data_size":4}}]}   | has 0 bytes left
          {"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1]}],"outputs":[{"name":"y"},{"name":"y"}]} | twice
          """)
  void refusesBodies(String body, String reason) throws Exception {
    refuses(json(body == null ? "" : body), 400, reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      textBlock =
          """
          Content-Length: 2147483648                                         | 413 | larger
          Content-Length: 99999999999999999999999                            | 400 | error
          Content-Length: -1                                                 | 400 | error
          Content-Length: 5\\r\\nContent-Length: 6                           | 400 | error
          Content-Length: 5\\r\\nTransfer-Encoding: chunked                  | 400 | error
          Transfer-Encoding: gzip                                            | 400 | error
          Transfer-Encoding: gzip, chunked                                   | 415 | Content-Encoding
          Content-Length: 2\\r\\nContent-Type: text/html                     | 415 | text/html
          Content-Length: 2\\r\\nContent-Type: application/octet-stream      | 415 | Inference-Header
          Content-Length: 2\\r\\nContent-Encoding: br                        | 415 | gzip or deflate
          Content-Length: 2\\r\\nContent-Encoding: gzip                      | 400 | no gzip
          Content-Length: 2\\r\\nInference-Header-Content-Length: x          | 400 | no length
          Content-Length: 2\\r\\nInference-Header-Content-Length: -1         | 400 | no length
          Content-Length: 2\\r\\nInference-Header-Content-Length: 3          | 400 | body has 2
          Content-Length: 2\\r\\nInference-Header-Content-Length: 0          | 400 | has 2 bytes
          Content-Length: 2\\r\\nInference-Header-Content-Length: 9999999999 | 400 | no length
          """)
  void refusesHeaders(String headers, int status, String reason) throws Exception {
    refuses(post(headers.replace("\\r\\n", "\r\n") + "\r\n", "{}".getBytes(UTF_8)), status, reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      textBlock =
          """
          4  | 00000000 | 200
          4  | 000000   | 400
          5  | 00000000 | 400
          3  | 00000000 | 400
          -4 | 00000000 | 400
          4  | 0000000000 | 400
          9223372036854775807 | 00000000 | 400
          """)
  void countsBytes(long size, String hex, int status) throws Exception {
    String header =
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":%d}}]}"
            .formatted(size);

    assertThat(send(binary(header, hex))).startsWith("HTTP/1.1 " + status + " ");
    assertThat(send(json(GOOD))).startsWith("HTTP/1.1 200 ");
  }

  /// The log has a line of JSON for each request, which costs nobody's time, and no others: whoever
  /// is malformed could fill it, and hold up those who read requests where nobody reads the log.
  @Test
  void writesNothingIntoTheLogBySendingAMalformedHost() throws Exception {
    var told = new CopyOnWriteArrayList<String>();
    var listener =
        new Handler() {
          @Override
          public void publish(LogRecord line) {
            told.add(line.getMessage());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger root = Logger.getLogger("");
    root.addHandler(listener);
    try {
      for (String host : List.of("a\r\nHost: b", "a b", "[::1", "a:99999999", "a:b:c", "")) {
        String answer =
            send(
                "GET /v2 HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
                    .formatted(host)
                    .getBytes(ISO_8859_1));
        assertThat(answer).as(host).startsWith("HTTP/1.1 400 ").contains("\"error\":");
      }
    } finally {
      root.removeHandler(listener);
    }
    assertThat(told).isEmpty();
  }

  @Test
  void cutsABodyWithoutEnd() throws Exception {
    String chunk = "1000\r\n" + " ".repeat(4096) + "\r\n";
    refuses(
        post("Transfer-Encoding: chunked\r\n", chunk.repeat(40).getBytes(ISO_8859_1)),
        413,
        "65536");
  }

  @Test
  void survivesCallersWhoLeaveInTheMiddle() throws Exception {
    byte[] whole = json(GOOD);
    for (int cut = 1; cut < whole.length; cut += 7) {
      try (Socket socket =
          new Socket(InetAddress.getLoopbackAddress(), runner.service.httpPort())) {
        socket.getOutputStream().write(whole, 0, cut);
        if (cut % 2 == 0) {
          // A reset instead of an end.
          socket.setSoLinger(true, 0);
        }
      }
    }
    assertThat(send(json(GOOD))).startsWith("HTTP/1.1 200 ");
    String metrics = runner.caller.send(runner.caller.stranger("/metrics")).body();
    assertThat(metrics).contains("mlo_inference_in_flight 0.0");
  }

  @Test
  void answersBesideHundredsOfHalfOpenConnections() throws Exception {
    var idle = new ArrayList<Socket>();
    try {
      for (int i = 0; i < 300; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), runner.service.httpPort());
        idle.add(socket);
        if (i % 2 == 0) {
          socket.getOutputStream().write("POST /v2/models/adder".getBytes(ISO_8859_1));
        }
      }
      assertThat(send(json(GOOD))).startsWith("HTTP/1.1 200 ");
    } finally {
      for (Socket socket : idle) {
        socket.close();
      }
    }
  }

  @Test
  void givesBackTheMemoryOfBodies() throws Exception {
    for (String body : List.of(GOOD, "{", "[".repeat(60_000))) {
      send(json(body));
    }
    String metrics = runner.caller.send(runner.caller.stranger("/metrics")).body();
    assertThat(metrics).contains("mlo_request_body_bytes 0.0");
  }
}
