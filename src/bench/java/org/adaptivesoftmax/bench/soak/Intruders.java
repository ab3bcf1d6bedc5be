package org.adaptivesoftmax.bench.soak;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/**
 * Connections to a server that are no client's: bytes without sense, requests that end in the middle.
 *
 * @param ports of the server on this machine
 */
record Intruders(List<Integer> ports) implements Activity {
  private static final int BYTES = 1 << 16;
  private static final String HALF =
      "POST /v1/models/text:predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{\"inst";

  @Override
  public void once(Random random) throws InterruptedException {
    int port = ports.get(random.nextInt(ports.size()));
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      if (random.nextBoolean()) {
        socket.getOutputStream().write(HALF.getBytes(StandardCharsets.US_ASCII));
      } else {
        byte[] bytes = new byte[1 + random.nextInt(BYTES)];
        random.nextBytes(bytes);
        socket.getOutputStream().write(bytes);
      }
      Thread.sleep(random.nextInt(50));
      socket.setSoLinger(random.nextBoolean(), 0);
    } catch (IOException sentAway) {
      // As they should be.
    }
    Thread.sleep(100);
  }
}
