package org.adaptivesoftmax.bench;

import java.util.List;

/**
 * The times of AS-Softmax's steps with and without row skipping.
 *
 * @param device that computed
 * @param threads that computed
 * @param environment what computed: each runtime with its version, and the settings it ran with
 * @param results by model and share of finished rows
 */
public record AsSoftmaxReport(
    String device, int threads, List<String> environment, List<SparseTimes> results) {
  /** The results as a table. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append("%s, %d threads, %s%n".formatted(device, threads, String.join(", ", environment)));
    text.append(
        "AS-Softmax, delta %s, loss and gradients. ms: medians of the rounds; faster: median of the rounds' ratios.%n%n"
            .formatted(SparseShape.DELTA));
    text.append(
        "%-13s %9s %10s %12s %7s%n".formatted("", "finished", "plain ms", "skipping ms", "faster"));
    for (SparseTimes result : results) {
      text.append(
          "%-13s %7.0f %% %10.1f %12.1f %6.2f x%n"
              .formatted(
                  result.batch().shape().name(),
                  100 * result.batch().finished(),
                  result.plain().medianMs(),
                  result.skipping().medianMs(),
                  result.speedup()));
    }
    return text.toString().stripTrailing();
  }
}
