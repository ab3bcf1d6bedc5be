package org.adaptivesoftmax.remote;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.adaptivesoftmax.client.ModelServerClient;

/** Writes bytes to whoever connects, whether they make sense or not. */
final class WireServer implements AutoCloseable {
  private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();

  /** What happens to a connection after its first request, over HTTP/2 what precedes it. It is closed in the end. */
  @FunctionalInterface
  interface Conversation {
    void hold(Socket connection, OutputStream out) throws IOException, InterruptedException;
  }

  WireServer(Conversation conversation) throws IOException {
    threads.execute(
        () -> {
          while (!socket.isClosed()) {
            accept(conversation);
          }
        });
  }

  /** Bytes and then silence, until the client hangs up. */
  static Conversation saying(byte[]... parts) {
    return (connection, out) -> {
      for (byte[] part : parts) {
        out.write(part);
      }
      out.flush();
      readToEnd(connection);
    };
  }

  /** Bytes and then the end. */
  static Conversation sayingAtLast(byte[]... parts) {
    return (connection, out) -> {
      for (byte[] part : parts) {
        out.write(part);
      }
      out.flush();
    };
  }

  /** Frames, the first of which is the settings that a client waits for before it sends its request. */
  static Conversation answering(Conversation next, byte[] settings) {
    return (connection, out) -> {
      out.write(settings);
      out.flush();
      Http2.readRequest(connection.getInputStream());
      next.hold(connection, out);
    };
  }

  static byte[] http(String headers, String body) {
    return ("HTTP/1.1 " + headers + "\r\n\r\n" + body).getBytes(StandardCharsets.UTF_8);
  }

  static void readToEnd(Socket connection) throws IOException {
    InputStream in = connection.getInputStream();
    while (in.read() >= 0) {
      // The client is still there.
    }
  }

  private void accept(Conversation conversation) {
    try {
      Socket connection = socket.accept();
      connections.incrementAndGet();
      open.incrementAndGet();
      threads.execute(() -> hold(conversation, connection));
    } catch (IOException e) {
      // Closed.
    }
  }

  private void hold(Conversation conversation, Socket connection) {
    try (connection) {
      readRequest(connection.getInputStream());
      conversation.hold(connection, connection.getOutputStream());
    } catch (IOException e) {
      // The client hung up.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.decrementAndGet();
    }
  }

  /** One over HTTP/1.1 with its body, or the preface of HTTP/2, which looks like one. */
  private static void readRequest(InputStream in) throws IOException {
    int length = 0;
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      if (line.startsWith("pri * ")) {
        length = "SM\r\n\r\n".length();
      } else if (line.startsWith("content-length: ")) {
        length = Integer.parseInt(line.substring(line.indexOf(' ') + 1));
      }
    }
    in.skipNBytes(length);
  }

  /** In lower case, without its end. */
  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException();
      }
      line.append((char) next);
    }
    return line.toString().strip().toLowerCase(Locale.ROOT);
  }

  ModelServerClient connect(Transport transport, RemoteModelBuilder client) {
    return transport == Transport.GRPC
        ? client.grpc("localhost:" + socket.getLocalPort())
        : client.rest(URI.create("http://localhost:" + socket.getLocalPort()));
  }

  int connections() {
    return connections.get();
  }

  /** Whether the clients hang up within two minutes; those over HTTP do when they are collected. */
  boolean isLeftAlone() throws InterruptedException {
    for (int i = 0; i < 2400 && open.get() > 0; i++) {
      if (i % 20 == 0) {
        System.gc();
      }
      Thread.sleep(50);
    }
    return open.get() == 0;
  }

  @Override
  public void close() throws IOException {
    socket.close();
    threads.shutdownNow();
  }
}
