package org.adaptivesoftmax.remote;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
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

  /** What happens to a connection after its first bytes have arrived. It is closed in the end. */
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
      Thread.sleep(500);
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
      byte[] request = new byte[1 << 16];
      if (connection.getInputStream().read(request) >= 0) {
        // The rest of a request, if it comes in more than one piece.
        Thread.sleep(50);
        connection.getInputStream().skip(connection.getInputStream().available());
        conversation.hold(connection, connection.getOutputStream());
      }
    } catch (IOException e) {
      // The client hung up.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.decrementAndGet();
    }
  }

  ModelServerClient connect(Transport transport, RemoteModelBuilder client) {
    return transport == Transport.GRPC
        ? client.grpc("localhost:" + socket.getLocalPort())
        : client.rest(URI.create("http://localhost:" + socket.getLocalPort()));
  }

  int connections() {
    return connections.get();
  }

  /** Whether the clients hang up within some seconds; those over HTTP do when they are collected. */
  boolean isLeftAlone() throws InterruptedException {
    for (int i = 0; i < 400 && open.get() > 0; i++) {
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
