package org.adaptivesoftmax.bench;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Clients that send a request to a server over HTTP, a byte a second; one that is sent away begins anew. */
final class SlowClients implements AutoCloseable {
  private static final int BODY = 1000;

  private final String target;
  private final List<@Nullable Socket> sockets = new ArrayList<>();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

  /**
   * What they do to another client's latency.
   *
   * @param clients that are slow
   * @param p50Ms without and with them
   * @param p99Ms without and with them
   * @param p50Ratio median of the rounds' ratios, with them to without
   */
  public record Effect(int clients, List<Double> p50Ms, List<Double> p99Ms, double p50Ratio) {
    static Effect of(int clients, List<ServeLoad> without, List<ServeLoad> with) {
      double[] ratios = new double[with.size()];
      for (int i = 0; i < ratios.length; i++) {
        ratios[i] = with.get(i).p50Ms() / without.get(i).p50Ms();
      }
      return new Effect(
          clients,
          List.of(p50(without), p50(with)),
          List.of(p99(without), p99(with)),
          ServePoint.median(ratios));
    }

    private static double p50(List<ServeLoad> loads) {
      return ServePoint.median(loads.stream().mapToDouble(ServeLoad::p50Ms).toArray());
    }

    private static double p99(List<ServeLoad> loads) {
      return ServePoint.median(loads.stream().mapToDouble(ServeLoad::p99Ms).toArray());
    }

    String text() {
      return "One client beside %d slow ones: p50 %.2f ms (%.2f without, ratio %.2f), p99 %.2f ms (%.2f without)"
          .formatted(clients, p50Ms.get(1), p50Ms.get(0), p50Ratio, p99Ms.get(1), p99Ms.get(0));
    }
  }

  /** Starts them. */
  SlowClients(String target, int count) {
    this.target = target;
    for (int i = 0; i < count; i++) {
      sockets.add(null);
    }
    send();
    var unused = timer.scheduleAtFixedRate(this::send, 1, 1, TimeUnit.SECONDS);
  }

  private synchronized void send() {
    for (int i = 0; i < sockets.size(); i++) {
      sockets.set(i, send(sockets.get(i)));
    }
  }

  private @Nullable Socket send(@Nullable Socket open) {
    try {
      Socket socket = open == null ? connect() : open;
      socket.getOutputStream().write(' ');
      return socket;
    } catch (IOException sentAway) {
      return null;
    }
  }

  private Socket connect() throws IOException {
    int colon = target.lastIndexOf(':');
    Socket socket =
        new Socket(target.substring(0, colon), Integer.parseInt(target.substring(colon + 1)));
    String head =
        "POST /v1/models/m:predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: %s\r\n\r\n"
            .formatted(BODY);
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  @Override
  public synchronized void close() throws IOException {
    timer.shutdownNow();
    for (Socket socket : sockets) {
      if (socket != null) {
        socket.close();
      }
    }
  }
}
