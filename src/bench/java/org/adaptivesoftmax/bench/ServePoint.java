package org.adaptivesoftmax.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.apache.commons.statistics.descriptive.Median;

/**
 * What was measured of one way to ask, with one number of connections: medians over the rounds.
 *
 * @param workload what was asked
 * @param connections with one request on its way each
 * @param way key of how it was asked
 * @param requestsPerSecond answered
 * @param p50Ms half of the answers came within these milliseconds
 * @param p99Ms 99 of 100 did
 * @param toInJvm what it is of those in the process that has the model: milliseconds more at p50, and the share of its requests
 *     per second, each the median of the rounds
 */
record ServePoint(
    String workload,
    int connections,
    String way,
    double requestsPerSecond,
    double p50Ms,
    double p99Ms,
    ToInJvm toInJvm) {
  /**
   * A server beside the process that has the model.
   *
   * @param addedP50Ms milliseconds that it adds at p50
   * @param throughput the share of requests per second that it keeps
   * @param serverCpuMs of the server's processor time for a request; 0 without a server
   * @param clientCpuMs of the asking process; with the model's, where that has it
   */
  record ToInJvm(double addedP50Ms, double throughput, double serverCpuMs, double clientCpuMs) {}

  /** A round's result, and the processor time of the server meanwhile. */
  record Round(ServeLoad load, int requests, double serverCpuSeconds) {
    double perSecond() {
      return requests / load.seconds();
    }
  }

  static ServePoint of(
      String workload, int connections, ServeWay way, List<Round> rounds, List<Round> inJvm) {
    double[] added = new double[rounds.size()];
    double[] kept = new double[rounds.size()];
    for (int i = 0; i < added.length; i++) {
      added[i] = rounds.get(i).load.p50Ms() - inJvm.get(i).load.p50Ms();
      kept[i] = rounds.get(i).perSecond() / inJvm.get(i).perSecond();
    }
    return new ServePoint(
        workload,
        connections,
        way.key(),
        median(rounds, Round::perSecond),
        median(rounds, round -> round.load.p50Ms()),
        median(rounds, round -> round.load.p99Ms()),
        new ToInJvm(
            median(added),
            median(kept),
            median(rounds, round -> 1e3 * round.serverCpuSeconds / round.requests),
            median(rounds, round -> 1e3 * round.load.cpuSeconds() / round.requests)));
  }

  static double median(List<Round> rounds, ToDoubleFunction<Round> value) {
    return median(rounds.stream().mapToDouble(value).toArray());
  }

  static double median(double... values) {
    return Median.withDefaults().evaluate(values);
  }
}
