package org.adaptivesoftmax.bench;

import java.util.List;

/**
 * What a server adds to the model that it serves.
 *
 * @param device that computed
 * @param sharing which process had what of it
 * @param rounds of each measurement
 * @param results by workload, connections and way
 * @param slowClients what slow clients do to another
 */
public record ServeReport(
    String device,
    String sharing,
    int rounds,
    List<ServePoint> results,
    SlowClients.Effect slowClients) {
  private static final String ROW = "%-18s %5s %-24s %9s %9s %9s %9s %7s %9s %9s%n";

  /** The results as a table. */
  public String text() {
    StringBuilder text = new StringBuilder("%s; %s%n%n".formatted(device, sharing));
    text.append(
        ROW.formatted(
            "workload",
            "conn.",
            "way",
            "answers/s",
            "p50 ms",
            "p99 ms",
            "+p50 ms",
            "x JVM",
            "srv cpu",
            "cli cpu"));
    for (ServePoint point : results) {
      ServePoint.ToInJvm beside = point.toInJvm();
      text.append(
          ROW.formatted(
              point.workload(),
              point.connections(),
              point.way().replace('_', ' '),
              "%.0f".formatted(point.requestsPerSecond()),
              "%.2f".formatted(point.p50Ms()),
              "%.2f".formatted(point.p99Ms()),
              "%.2f".formatted(beside.addedP50Ms()),
              "%.2f".formatted(beside.throughput()),
              "%.2f".formatted(beside.serverCpuMs()),
              "%.2f".formatted(beside.clientCpuMs())));
    }
    return text + "\n" + slowClients.text();
  }
}
