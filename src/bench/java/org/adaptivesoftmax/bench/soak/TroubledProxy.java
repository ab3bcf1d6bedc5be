package org.adaptivesoftmax.bench.soak;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stands between a client and a server: it delays what they send, resets connections, and floods either side with bytes. */
final class TroubledProxy implements AutoCloseable {
  private static final int BUFFER = 1 << 14;
  private static final int FLOOD = 1 << 20;
  private static final int LONGEST_DELAY_MS = 150;

  private final ServerSocket listener;
  private final int port;
  private final Random random;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  /**
   * @param port of the server on this machine
   */
  TroubledProxy(int port, long seed) throws IOException {
    this.port = port;
    this.random = new Random(seed);
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "troubled-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        open.add(client);
        Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
        open.add(server);
        start(() -> pass(client, server));
        start(() -> pass(server, client));
      } catch (IOException closed) {
        // The proxy, or a server that takes no connection.
      }
    }
  }

  private void pass(Socket from, Socket to) {
    byte[] buffer = new byte[BUFFER];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int size = in.read(buffer); size >= 0; size = in.read(buffer)) {
        double trouble = random.nextDouble();
        if (trouble < 0.01) {
          out.write(buffer, 0, random.nextInt(size + 1));
          from.setSoLinger(true, 0);
          to.setSoLinger(true, 0);
          return;
        } else if (trouble < 0.013) {
          flood(out, buffer);
          return;
        } else if (trouble < 0.05) {
          Thread.sleep(random.nextInt(LONGEST_DELAY_MS));
        }
        out.write(buffer, 0, size);
      }
    } catch (IOException gone) {
      // One side, or this proxy with both.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(from);
      open.remove(to);
    }
  }

  private void flood(OutputStream out, byte[] buffer) throws IOException {
    for (int sent = 0; sent < FLOOD; sent += buffer.length) {
      random.nextBytes(buffer);
      out.write(buffer);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
