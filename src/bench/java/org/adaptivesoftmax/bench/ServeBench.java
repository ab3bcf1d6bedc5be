package org.adaptivesoftmax.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.adaptivesoftmax.bench.ServePoint.Round;
import org.adaptivesoftmax.cli.Progress;
import org.adaptivesoftmax.internal.io.Require;

/**
 * Asks models through servers and without one. Each server, the process that has the model itself, and the one that asks the
 * servers are apart; they take turns, round by round.
 *
 * @param workloads what is asked
 * @param connections numbers of them
 * @param requests of a measurement; a quarter of that with one connection
 * @param warmUp requests to each server and process before that: Java compiles what it runs often
 * @param rounds of each measurement
 * @param slowClients that are slow, beside one that is not
 */
record ServeBench(
    List<ServeWorkload> workloads,
    List<Integer> connections,
    int requests,
    int warmUp,
    int rounds,
    int slowClients) {
  private static final int QUARTER = 4;

  ServeBench {
    for (int each : connections) {
      Require.argument(each >= 1, "connections must be at least 1: %s", each);
    }
    Require.argument(requests >= QUARTER, "requests must be at least %s: %s", QUARTER, requests);
    Require.argument(warmUp >= 1, "warm-up must be at least 1 request: %s", warmUp);
    Require.argument(rounds >= 1, "rounds must be at least 1: %s", rounds);
    Require.argument(slowClients >= 1, "slow clients must be at least 1: %s", slowClients);
  }

  /** Measures, and writes the result to {@code target/bench/serve.json}. */
  ServeReport run() throws IOException, InterruptedException {
    List<ServePoint> points = new ArrayList<>();
    for (ServeWorkload workload : workloads) {
      points.addAll(run(workload));
    }
    ServeReport report =
        new ServeReport(
            StepEnvironment.device(),
            "server, client and model share %d cores"
                .formatted(Runtime.getRuntime().availableProcessors()),
            rounds,
            points,
            besideSlowClients());
    BenchFiles.write("serve.json", report);
    return report;
  }

  private List<ServePoint> run(ServeWorkload workload) throws IOException, InterruptedException {
    try (ServedProcess ours = ServedProcess.ours(workload.directory());
        ServedProcess other = ServedProcess.tensorflowServing(workload.directory()).orElse(null);
        ServeClient inJvm = new ServeClient("serve-in-jvm");
        ServeClient client = new ServeClient("serve-client")) {
      Map<ServeWay, ServedProcess> servers = new EnumMap<>(ServeWay.class);
      servers.put(ServeWay.REST, ours);
      servers.put(ServeWay.GRPC, ours);
      if (other != null) {
        servers.put(ServeWay.TENSORFLOW_SERVING_REST, other);
        servers.put(ServeWay.TENSORFLOW_SERVING_GRPC, other);
      }
      Turns turns = new Turns(workload, servers, inJvm, client);
      turns.warmUp();
      return turns.measure();
    }
  }

  /** All ways to ask a model, in turn. */
  private final class Turns {
    private final ServeWorkload workload;
    private final Map<ServeWay, ServedProcess> servers;
    private final ServeClient inJvm;
    private final ServeClient client;

    Turns(
        ServeWorkload workload,
        Map<ServeWay, ServedProcess> servers,
        ServeClient inJvm,
        ServeClient client) {
      this.workload = workload;
      this.servers = servers;
      this.inJvm = inJvm;
      this.client = client;
    }

    private List<ServeWay> ways() {
      List<ServeWay> ways = new ArrayList<>(List.of(ServeWay.IN_JVM));
      ways.addAll(servers.keySet());
      return ways;
    }

    void warmUp() throws IOException {
      for (ServeWay way : ways()) {
        ask(way, Collections.max(connections), warmUp);
      }
    }

    List<ServePoint> measure() throws IOException {
      Map<Integer, Map<ServeWay, List<Round>>> measured = new LinkedHashMap<>();
      int steps = rounds * connections.size() * ways().size();
      try (Progress progress = new Progress("serve, " + workload.name(), "points", steps)) {
        for (int round = 0; round < rounds; round++) {
          for (int each : connections) {
            for (ServeWay way : ways()) {
              measured
                  .computeIfAbsent(each, key -> new EnumMap<>(ServeWay.class))
                  .computeIfAbsent(way, key -> new ArrayList<>())
                  .add(ask(way, each, each == 1 ? requests / QUARTER : requests));
              progress.step(1, "");
            }
          }
        }
      }
      List<ServePoint> points = new ArrayList<>();
      measured.forEach(
          (each, byWay) ->
              byWay.forEach(
                  (way, all) ->
                      points.add(
                          ServePoint.of(
                              workload.name(),
                              each,
                              way,
                              all,
                              Objects.requireNonNull(byWay.get(ServeWay.IN_JVM))))));
      return points;
    }

    private Round ask(ServeWay way, int connections, int requests) throws IOException {
      ServedProcess server = servers.get(way);
      double before = server == null ? 0 : server.cpuSeconds();
      String target = server == null ? "" : server.target(way);
      ServeLoad load =
          required(
              (server == null ? inJvm : client)
                  .ask(workload.spec(way, target, connections, requests)));
      return new Round(load, requests, server == null ? 0 : server.cpuSeconds() - before);
    }
  }

  private static ServeLoad required(ServeLoad load) throws IOException {
    if (load.failures() > 0) {
      throw new IOException(
          "%d requests failed, the first with: %s".formatted(load.failures(), load.firstFailure()));
    }
    return load;
  }

  @SuppressWarnings("try") // Slow clients are there, and asked for nothing.
  private SlowClients.Effect besideSlowClients() throws IOException, InterruptedException {
    ServeWorkload workload = workloads.get(0);
    List<ServeLoad> without = new ArrayList<>();
    List<ServeLoad> with = new ArrayList<>();
    try (ServedProcess server = ServedProcess.ours(workload.directory());
        ServeClient client = new ServeClient("serve-client")) {
      String target = server.target(ServeWay.REST);
      ServeLoadSpec spec = workload.spec(ServeWay.REST, target, 1, requests);
      int most = Collections.max(connections);
      required(client.ask(workload.spec(ServeWay.REST, target, most, warmUp)));
      for (int round = 0; round < rounds; round++) {
        without.add(required(client.ask(spec)));
        SlowClients slow = new SlowClients(target, slowClients);
        try (slow) {
          with.add(required(client.ask(spec)));
        }
      }
    }
    return SlowClients.Effect.of(slowClients, without, with);
  }
}
